import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { parseCsv } from '../../../src/sources/salesforce/parse-csv';
import type { Expected, LookAlike } from './score-findings';

/** What was planted into a world, and what only looks like it. */
export function readTruth(world: string): { expected: Expected[]; lookAlikes: LookAlike[] } {
  return {
    expected: rowsOf<Expected>(path.join(world, 'truth/expected_findings.csv')),
    lookAlikes: rowsOf<LookAlike>(path.join(world, 'truth/look_alikes.csv')),
  };
}

function rowsOf<Row>(file: string): Row[] {
  if (!existsSync(file)) return [];
  const [columns = [], ...rows] = parseCsv(readFileSync(file, 'utf8')) ?? [];
  return rows.map(
    (cells) => Object.fromEntries(columns.map((column, n) => [column, cells[n] ?? ''])) as Row,
  );
}
