import type { BaselineScore } from './naive-baseline';
import type { BenchRuns } from './run-controls';
import type { Expected } from '../../../src/sandbox/northwind/read-truth';
import type { FalseAlarm, Miss, Score, Scored } from './score-findings';

/** What is printed of one world. */
export interface WorldReport {
  wish: string;
  folder: string;
  took: Record<string, number>;
  without: string[];
  runs: BenchRuns;
  scored: Scored;
  baseline: BaselineScore[];
  /** Planted for controls that are not in the catalogue: how many findings of which codes. */
  unbuilt: Expected[];
  /** Codes that were planted and that their control does not look for. */
  missingCodes: string[];
}

/** '100 %', '—' of nothing. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '—' : `${Math.floor((part * 1000) / whole) / 10} %`;

const line = (...cells: (string | number)[]): string =>
  cells.map((cell, n) => (n === 0 ? String(cell).padEnd(34) : String(cell).padStart(10))).join('');

/** A name, and what was expected, found and reported of it. */
export const scoreLine = (
  name: string,
  { expected, found, reported, false: wrong }: Score,
): string =>
  line(
    ...[name, expected, found, percent(found, expected)],
    ...[reported, wrong, percent(reported - wrong, reported)],
  );

/** A world's scores, every miss and every false alarm, as lines of text. */
export function renderScores(report: WorldReport): string[] {
  const { runs, scored, baseline } = report;
  const heads = ['expected', 'found', 'recall', 'reported', 'false', 'precision'];
  const sorted = <Value>(map: Map<string, Value>): [string, Value][] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `World ${report.wish}  ${report.folder}`,
    `  ${Object.entries({ ...report.took, ...sumOf(runs.took) })
      .map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`)
      .join(' · ')}`,
    `  runs: ${Object.entries(runs.outcomes)
      .map(([outcome, n]) => `${n} ${outcome}`)
      .join(', ')}`,
    ...runs.reasons.map(
      ({ control, reason, runs: n }) => `  ! ${control} (${n} runs) ${reason.slice(0, 400)}`,
    ),
    '',
    line('control', ...heads),
    ...sorted(scored.byControl).map(([name, score]) => scoreLine(name, score)),
    '',
    line('naive join of amounts, by key', ...heads),
    ...baseline.map(({ control, ...score }) => scoreLine(control, score)),
    '',
    line('reason code', ...heads),
    ...sorted(scored.byCode).map(([name, score]) => scoreLine(name, score)),
    ...section('Missed', scored.misses.map(missLine)),
    ...section('False alarms', scored.falseAlarms.map(alarmLine)),
    ...section('Codes planted that their control does not look for', report.missingCodes),
    ...section('Planted for controls that are not in the catalogue', byControl(report.unbuilt)),
    ...section('Found nobody to befall in this world', report.without),
  ];
}

const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', `${title}: ${lines.length}`, ...lines.map((text) => `  ${text}`)];

const sumOf = (took: Record<string, number>): Record<string, number> => ({
  runs: Object.values(took).reduce((sum, ms) => sum + ms, 0),
});

const missLine = ({ injection, code, key, reportedAs }: Miss): string =>
  `${injection} ${code} at ${key}` +
  (reportedAs.length > 0 ? `, reported as ${reportedAs.join(', ')}` : '');

const alarmLine = ({ finding, lookAlikes, planted }: FalseAlarm): string =>
  `${finding.code} at ${Object.values(finding.key).join('/')} (${finding.entity} ` +
  `${finding.period})` +
  (lookAlikes.length > 0 ? ` look-alike ${lookAlikes.join(', ')}` : '') +
  (planted.length > 0 ? ` [there: ${planted.join(', ')}]` : '') +
  `: ${finding.explanation}`;

function byControl(unbuilt: readonly Expected[]): string[] {
  const codes = new Map<string, Set<string>>();
  for (const { control, code } of unbuilt)
    codes.set(control, (codes.get(control) ?? new Set()).add(code));
  return [...codes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([control, of]) => `${control}: ${[...of].sort().join(', ')}`);
}
