import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { normalizeAmount } from '../../core/money';
import { LineFile, type WrittenFile } from './line-file';
import type { WarehouseRow } from './records';

/** What a table's control total adds up, and which of its columns is its date. */
export interface TableTotals {
  amount: string | null;
  currency: string | null;
  date: string | null;
}

type Row = WarehouseRow['row'];

/** Sums are kept in whole millionths while rows stream by. */
const scale = 6;

/** A table of the warehouse as CSV (RFC 4180, LF), with its control total (CONTROLS §1.5). */
export class CsvTable {
  private readonly file: LineFile;
  private columns: string[] | null = null;
  private readonly sums = new Map<string, bigint>();
  private rows = 0;
  private minDate: string | null = null;
  private maxDate: string | null = null;

  constructor(
    folder: string,
    private readonly name: string,
    private readonly totals: TableTotals,
  ) {
    this.file = new LineFile(path.join(folder, `${name}.csv`));
  }

  /** Throws when the columns of a row are not those of the first. */
  write(row: Row): void {
    const columns = this.columnsOf(row);
    this.file.write(columns.map((column) => cell(row[column] ?? null)).join(','));
    this.rows += 1;
    this.addUp(row);
  }

  private columnsOf(row: Row): string[] {
    if (this.columns === null) {
      this.columns = Object.keys(row);
      this.file.write(this.columns.join(','), false);
    }
    let count = 0;
    for (const column in row) {
      if (this.columns[count] !== column) throw new Error(`${this.name}: column ${column} moved`);
      count += 1;
    }
    if (count !== this.columns.length) throw new Error(`${this.name}: a row of ${count} columns`);
    return this.columns;
  }

  private addUp(row: Row): void {
    const { amount, currency, date } = this.totals;
    if (amount !== null && currency !== null) {
      const key = row[currency] ?? '';
      this.sums.set(key, (this.sums.get(key) ?? 0n) + millionths(row[amount] ?? '0'));
    }
    const day = date === null ? null : (row[date] ?? null);
    if (day === null) return;
    if (this.minDate === null || day < this.minDate) this.minDate = day;
    if (this.maxDate === null || day > this.maxDate) this.maxDate = day;
  }

  /** Ends the file and writes `<name>.ctl.json` beside it. */
  close(stated: { extractedAt: string; sourceSystem: string }): WrittenFile {
    const written = this.file.close();
    const sums = [...this.sums].sort(([a], [b]) => (a < b ? -1 : 1));
    const total = {
      rows: this.rows,
      sums: Object.fromEntries(sums.map(([currency, sum]) => [currency, majorOf(sum)])),
      ...(this.minDate === null ? {} : { min_date: this.minDate, max_date: this.maxDate }),
      source_system: stated.sourceSystem,
      extracted_at: stated.extractedAt,
      extracted_by: 'extract@northwind.example',
      query_text: `select * from warehouse.${this.name}`,
      sha256: written.sha256,
    };
    const file = this.file.path.replace(/\.csv$/, '.ctl.json');
    writeFileSync(file, `${JSON.stringify(total, null, 2)}\n`);
    return written;
  }
}

function cell(value: string | null): string {
  if (value === null) return '';
  return /[",\n\r]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value;
}

function millionths(text: string): bigint {
  const [whole = '0', places = ''] = text.split('.');
  if (places.length > scale) throw new RangeError(`'${text}' has more than ${scale} places`);
  const negative = whole.startsWith('-');
  const size = BigInt(whole.replace('-', '') + places.padEnd(scale, '0'));
  return negative ? -size : size;
}

function majorOf(sum: bigint): string {
  const negative = sum < 0n;
  const digits = String(negative ? -sum : sum).padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return normalizeAmount(negative ? `-${text}` : text);
}
