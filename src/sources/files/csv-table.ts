import { createReadStream } from 'node:fs';
import type { DatasetConfig } from '../../platform/config';
import { quoteText } from '../../core/sql-text';
import type { DuckDb } from '../../platform/duckdb';
import { columnRules, CURRENCY_FORM, showValue, valueTest } from './column-rules';
import type { ByteCheck } from './copy-source';
import { CsvCells, type Cell, type CsvRecord } from './csv-cells';
import { headerName, parseHeader, type ColumnLayout } from './csv-header';
import { CsvScanner, MAX_RECORD_BYTES } from './csv-scanner';
import { currencyExpectation, currencyRule, textAs, withRule, writeTyped } from './dataset-sql';
import type { ProblemList } from './problem-list';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Files that are not CSV, whatever their name says, told by their first bytes. */
const SIGNATURES: readonly [bytes: number[], what: string, remedy: string][] = [
  [[0xff, 0xfe], 'UTF-16 text', 'Save the file as UTF-8.'],
  [[0xfe, 0xff], 'UTF-16 text', 'Save the file as UTF-8.'],
  [[0x1f, 0x8b], 'gzip-compressed', 'Decompress it first.'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or an Excel workbook', 'Save the file as CSV UTF-8.'],
  [[0x50, 0x41, 0x52, 0x31], 'Parquet', 'Declare format: parquet.'],
];

/** Looks at a CSV file's bytes as they are copied: its signature first, then its structure. */
export class CsvIntake implements ByteCheck {
  private scanner: CsvScanner | null = null;
  private isForeign = false;

  constructor(
    private readonly file: string,
    private readonly problems: ProblemList,
  ) {}

  get records(): number {
    return this.scanner?.records ?? 0;
  }

  /** The names of the columns; null when there is no header or it cannot be taken apart. */
  get header(): string[] | null {
    return this.scanner?.isHeaderSound ? parseHeader(this.scanner.header) : null;
  }

  push(chunk: Buffer): void {
    if (this.isForeign) return;
    if (this.scanner) return this.scanner.push(chunk);
    const known = SIGNATURES.find(([bytes]) => chunk.indexOf(Buffer.from(bytes)) === 0);
    if (known) {
      this.isForeign = true;
      const message = `The file is ${known[1]}, not the CSV it is declared to be.`;
      this.problems.add({ file: this.file, message, remedy: known[2] });
      return;
    }
    const marked = chunk.indexOf(BOM) === 0 ? BOM.length : 0;
    this.scanner = new CsvScanner(this.file, this.problems, marked);
    this.scanner.push(chunk.subarray(marked));
  }

  end(): void {
    if (this.isForeign) return;
    this.scanner?.end();
    if (this.scanner && this.scanner.bytes > 0) return;
    this.problems.add({
      file: this.file,
      message: 'The file is empty.',
      remedy: 'Export it again; a population without items still has a header line.',
    });
  }
}

/** What both readings of a checked CSV file need. */
export interface CsvFile {
  copy: string;
  displayPath: string;
  dataset: DatasetConfig;
  layout: ColumnLayout;
}

/** Writes a CSV file of sound structure as typed Parquet; false when a value is wrong. */
export async function writeCsvTyped(duck: DuckDb, file: CsvFile, typed: string): Promise<boolean> {
  const { dataset, layout } = file;
  const places = new Map(layout.places.map(({ name, place }) => [name, place]));
  const rawOf = (column: string): string => `c${places.get(column) ?? 'absent'}`;
  const columns = Object.entries(dataset.columns).map(([name, type]) => {
    const rule = currencyRule(dataset, name, rawOf);
    return { name, ...withRule(textAs(type, rawOf(name)), rule) };
  });
  const types = Array.from({ length: layout.width }, (_, place) => `c${place}: 'VARCHAR'`);
  const relation =
    `read_csv(${quoteText(file.copy)}, auto_detect = false, header = true, ` +
    `columns = {${types.join(', ')}}, delim = ',', quote = '"', escape = '"', ` +
    `strict_mode = true, null_padding = false, ignore_errors = false, ` +
    `allow_quoted_nulls = false, max_line_size = ${2 * MAX_RECORD_BYTES})`;
  return writeTyped(duck, relation, columns, dataset, typed);
}

/** Adds a problem, with its physical line, for every wrong value of a CSV file. */
export async function locateWrongValues(file: CsvFile, problems: ProblemList): Promise<void> {
  const checks = cellChecks(file);
  let isHeader = true;
  const cells = new CsvCells((record) => {
    if (isHeader) {
      isHeader = false;
      return;
    }
    for (const { place, field, wrong } of checks) {
      const said = wrong(record);
      if (said === null) continue;
      problems.add({ file: file.displayPath, line: record.lineOf(place), field, ...said });
    }
  });
  const stream = createReadStream(file.copy, { highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) cells.push(chunk);
  cells.end();
}

const READ_BYTES = 1_048_576;

interface CellCheck {
  place: number;
  field: string;
  wrong: (record: CsvRecord) => { message: string; remedy: string } | null;
}

function cellChecks({ dataset, layout }: CsvFile): CellCheck[] {
  const places = new Map(layout.places.map(({ name, place }) => [name, place]));
  return layout.places.map(({ name, place }) => {
    const type = dataset.columns[name] ?? 'text';
    const isRight = valueTest(type);
    const isCurrency = currencyTest(dataset, name, places);
    const remedy = 'Correct the value, or the declared type of its column.';
    return {
      place,
      field: headerName(dataset, name),
      wrong: (record) => {
        const value = type === 'text' ? null : record.cell(place);
        if (value !== null && !isRight(value))
          return { message: `${showValue(value)} is not ${columnRules[type].expects}.`, remedy };
        if (isCurrency(record)) return null;
        return { message: `The value is not ${currencyExpectation(dataset)}.`, remedy };
      },
    };
  });
}

/** The same rule as currencyRule of dataset-sql.ts, over one record. */
function currencyTest(
  dataset: DatasetConfig,
  name: string,
  places: ReadonlyMap<string, number>,
): (record: CsvRecord) => boolean {
  const cell = (record: CsvRecord, column: string): Cell => {
    const place = places.get(column);
    return place === undefined ? null : record.cell(place);
  };
  const { currency, amount } = dataset;
  if (typeof currency === 'string')
    return (record) => name !== 'currency' || cell(record, name) === currency;
  if (currency?.column !== name) return () => true;
  const code = new RegExp(`^${CURRENCY_FORM}$`);
  return (record) => {
    const value = cell(record, name);
    if (value !== null) return code.test(value);
    return amount === undefined || cell(record, amount) === null;
  };
}
