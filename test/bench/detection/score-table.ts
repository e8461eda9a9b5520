import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { percent, scoreLine } from './render-scores';
import type { Score } from './score-findings';

/** What one world gave, control by control: the newest result of each that was ever run on it. */
interface KeptScores {
  wish: string;
  controls: Record<string, Score>;
}

const file = 'scores.json';

/** Keeps a world's scores beside its books, over those of the same controls from before. */
export function keepScores(
  folder: string,
  wish: string,
  byControl: ReadonlyMap<string, Score>,
): void {
  const kept = readScores(folder);
  const controls = { ...kept?.controls, ...Object.fromEntries(byControl) };
  writeFileSync(path.join(folder, file), JSON.stringify({ wish, controls } satisfies KeptScores));
}

function readScores(folder: string): KeptScores | null {
  const kept = path.join(folder, file);
  if (!existsSync(kept)) return null;
  return JSON.parse(readFileSync(kept, 'utf8')) as KeptScores;
}

const sum = (scores: readonly Score[]): Score => ({
  expected: scores.reduce((total, { expected }) => total + expected, 0),
  found: scores.reduce((total, { found }) => total + found, 0),
  reported: scores.reduce((total, { reported }) => total + reported, 0),
  false: scores.reduce((total, { false: wrong }) => total + wrong, 0),
});

/** Every world that a work folder holds with its figures, and the sums of each control. */
export function scoreTable(workDir: string): string[] {
  const worlds = readdirSync(workDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readScores(path.join(workDir, name)) ?? []);
  const ids = [...new Set(worlds.flatMap(({ controls }) => Object.keys(controls)))].sort();
  const all = sum(worlds.flatMap(({ controls }) => Object.values(controls)));
  return [
    `Scored in ${worlds.length} worlds: recall ${percent(all.found, all.expected)}, ` +
      `precision ${percent(all.reported - all.false, all.reported)}`,
    ...worlds.flatMap(({ wish, controls }) => [
      `  ${wish} (${Object.keys(controls).length} controls)`,
      scoreLine('', sum(Object.values(controls))),
    ]),
    ...ids.map((id) => {
      const of = worlds.flatMap(({ controls }) => controls[id] ?? []);
      return scoreLine(`${id} in ${of.length} worlds`, sum(of));
    }),
  ];
}
