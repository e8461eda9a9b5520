import type { DatasetConfig } from '../../platform/config';
import { CsvCells } from './csv-cells';
import type { ProblemList } from './problem-list';

/** Columns a file may have, declared or not. */
export const MAX_COLUMNS = 2_000;

/** Where the declared columns stand among a file's own. */
export interface ColumnLayout {
  /** Number of columns in the file. */
  width: number;
  /** 0-based place of each declared column, in the order declared. */
  places: { name: string; place: number }[];
  /** Names of the file's columns that are not declared, and so not read. */
  ignored: string[];
}

/** The name a declared column has in the file. */
export function headerName(dataset: DatasetConfig, column: string): string {
  return dataset.headers?.[column] ?? column;
}

/** The names in a header record. */
export function parseHeader(header: Buffer): string[] {
  const names: string[] = [];
  const cells = new CsvCells((record) => {
    for (let place = 0; place < record.cells; place += 1) names.push(record.cell(place) ?? '');
  });
  cells.push(header);
  cells.end();
  return names;
}

/**
 * Finds the declared columns among a file's column names, by exact name. Adds a problem for each
 * that is missing or there twice; names that are not declared are shown only when all else is well,
 * since the first line of a file without a header is somebody's data.
 */
export function layOutColumns(
  names: readonly string[],
  dataset: DatasetConfig,
  at: { file: string; line?: number },
  problems: ProblemList,
): ColumnLayout {
  if (names.length > MAX_COLUMNS) {
    problems.add({
      ...at,
      message: `The file has ${names.length} columns; at most ${MAX_COLUMNS} are read.`,
      remedy: 'Export fewer columns.',
    });
  }
  addDuplicates(names, dataset, at, problems);
  const places: ColumnLayout['places'] = [];
  for (const column of Object.keys(dataset.columns)) {
    const place = names.indexOf(headerName(dataset, column));
    if (place >= 0) places.push({ name: column, place });
    else addMissing(column, names, dataset, at, problems);
  }
  const used = new Set(places.map(({ place }) => place));
  const ignored = names.filter((_, place) => !used.has(place));
  return { width: names.length, places, ignored };
}

function addDuplicates(
  names: readonly string[],
  dataset: DatasetConfig,
  at: { file: string; line?: number },
  problems: ProblemList,
): void {
  const declared = new Set(
    Object.keys(dataset.columns).map((column) => headerName(dataset, column)),
  );
  const places = new Map<string, number[]>();
  names.forEach((name, place) => places.set(name, [...(places.get(name) ?? []), place + 1]));
  for (const [name, twice] of places) {
    if (twice.length === 1) continue;
    problems.add({
      ...at,
      field: declared.has(name) ? name : undefined,
      message: `Columns ${twice.join(' and ')} have the same name.`,
      remedy: 'Give every column a name of its own.',
    });
  }
}

function addMissing(
  column: string,
  names: readonly string[],
  dataset: DatasetConfig,
  at: { file: string; line?: number },
  problems: ProblemList,
): void {
  const expected = headerName(dataset, column);
  const plain = simplified(expected);
  const near = names.find((name) => plain !== '' && simplified(name) === plain);
  if (near !== undefined) {
    problems.add({
      ...at,
      field: column,
      message: `There is no column '${expected}'; did you mean '${near}'?`,
      remedy: `Correct the name in the file, or declare headers: { ${column}: '${near}' }.`,
    });
    return;
  }
  const other = [';', '\t', '|'].find((mark) => names.length === 1 && names[0]?.includes(mark));
  problems.add({
    ...at,
    field: column,
    message: `There is no column '${expected}'.`,
    remedy:
      other === undefined
        ? 'Add it to the file, or take it out of the declared columns.'
        : 'Separate values with commas; this header seems to use another mark.',
  });
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
