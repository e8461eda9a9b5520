import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { parseCsv } from '../../sources/salesforce/parse-csv';

/** A row of truth/expected_findings.csv. */
export interface Expected {
  injection: string;
  control: string;
  code: string;
  key: string;
}

/** A row of truth/look_alikes.csv. */
export interface LookAlike {
  look_alike: string;
  key: string;
}

/** A finding as far as it is held against the truth. */
export interface FoundAt {
  key: Record<string, string>;
  /** Ids of the records that its items come from. */
  records: readonly string[];
}

/**
 * Whether a finding stands at a key of the truth: `in_…` alone, or the parts of a composite key
 * joined by `/`. A control may key its population by another column than the truth names (a trace
 * id for a payout): then the record behind the finding tells.
 */
export function standsAt(finding: FoundAt, key: string): boolean {
  const values = Object.values(finding.key);
  if (values.includes(key) || finding.records.includes(key)) return true;
  const parts = key.split('/');
  return parts.length > 1 && [...parts].sort().join('/') === [...values].sort().join('/');
}

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
