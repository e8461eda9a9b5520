import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { CaseCell, ControlCase } from '../../core/case';
import { formatProblem, type Problem } from '../../core/problem';
import { didYouMean } from '../../catalog/suggest';
import type { Config, DatasetConfig, DeclaredFiles } from '../../platform/config';

/** Says what is wrong at a place in the case file. */
export type AddProblem = (at: (string | number)[], message: string, remedy: string) => void;

type Rows = ControlCase['given'][string];

/** The files of a case, as a run would read them. */
export interface CaseFiles {
  /** The declarations of tieout.yaml, with each file in place of the real one. */
  config: DeclaredFiles & Pick<Config, 'baseDir'>;
  /** A problem found in such a file, in words of the case that it was written from. */
  describe(problem: Problem): string;
}

/** Written first in each record, undeclared and so ignored: no record is ever an empty line. */
const ROW_COLUMN = 'row of the case';

/**
 * Writes one CSV file (RFC 4180) for each data set that a control reads; one without given rows has
 * a header alone. Columns that tieout.yaml does not declare are told through `add`.
 */
export async function writeCaseFiles(
  dir: string,
  relations: readonly string[],
  given: ControlCase['given'],
  config: DeclaredFiles,
  add: AddProblem,
): Promise<CaseFiles> {
  const files: Record<string, DatasetConfig> = {};
  const places = new Map<string, { relation: string; lines: number[] }>();
  for (const relation of relations.filter((one) => one.startsWith('files.'))) {
    const name = relation.slice('files.'.length);
    const dataset = Object.hasOwn(config.sources.files, name) ? config.sources.files[name] : null;
    // The populations were described before their cases are tried, so what they read is declared.
    if (!dataset) throw new Error(`there is no data set ${name}`);
    const rows = given[relation] ?? [];
    checkColumns(relation, dataset, rows, add);
    const csv = toCsv(dataset, rows);
    const file = `${name}.csv`;
    await writeFile(path.join(dir, file), csv.text);
    files[name] = { ...dataset, path: file, format: 'csv', control_total: 'optional' };
    places.set(file, { relation, lines: csv.lines });
  }
  return {
    config: { baseDir: dir, sources: { files } },
    describe: ({ file, line, ...problem }) => {
      const place = places.get(file ?? '');
      const row = place?.lines.findLastIndex((start) => start <= (line ?? 0)) ?? -1;
      if (!place || row < 0) return formatProblem({ file, line, ...problem });
      return `${place.relation}, row ${row + 1}, ${formatProblem(problem)}`;
    },
  };
}

function checkColumns(relation: string, dataset: DatasetConfig, rows: Rows, add: AddProblem): void {
  const known = Object.keys(dataset.columns);
  const { currency } = dataset;
  rows.forEach((row, index) => {
    for (const [column, value] of Object.entries(row)) {
      if (known.includes(column)) continue;
      const at = ['given', relation, index, column];
      // One currency for the whole file is a column of the table, though not of the file.
      if (column === 'currency' && typeof currency === 'string') {
        if (value !== currency && value !== null)
          add(at, `is ${value}, but the data set is in ${currency}.`, 'Leave it out.');
      } else {
        add(
          at,
          `is not a column of ${relation}.${didYouMean(column, known)}`,
          `Use ${known.join(', ')}, or declare it in tieout.yaml.`,
        );
      }
    }
  });
}

/** The text, and the line on which each row begins. */
function toCsv(dataset: DatasetConfig, rows: Rows): { text: string; lines: number[] } {
  const columns = Object.keys(dataset.columns);
  const header = columns.map((column) => dataset.headers?.[column] ?? column);
  const records = [[ROW_COLUMN, ...header].map(csvValue).join(',')];
  const lines: number[] = [];
  let line = 2;
  rows.forEach((row, index) => {
    const cells = columns.map((column) => csvValue(row[column] ?? null));
    const record = [String(index + 1), ...cells].join(',');
    records.push(record);
    lines.push(line);
    line += record.split('\n').length;
  });
  return { text: `${records.join('\n')}\n`, lines };
}

/** Nothing for null; quotes for the empty text and wherever the text could be taken apart. */
function csvValue(value: CaseCell): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
