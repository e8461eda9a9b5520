import { createHash } from 'node:crypto';
import { sumAmounts } from '../../core/money';
import { demoExtractedAt } from './demo-company';

/** A value of a CSV file; null is an empty field. */
export type Cell = string | boolean | null;
export type Row = Record<string, Cell>;

/** A file of the demo, by its name in the folder. */
export interface DemoFile {
  name: string;
  content: string;
}

const cellText = (cell: Cell): string => {
  const text = cell === null ? '' : String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows as CSV (RFC 4180, LF), and the control total that the source states beside it. */
export function datasetFiles(
  name: string,
  rows: readonly Row[],
  stated: { amount: string; sourceSystem: string; query: string },
): DemoFile[] {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => cellText(row[column] ?? null)).join(','));
  const content = [columns.join(','), ...lines, ''].join('\n');
  const currencies = [...new Set(rows.map((row) => String(row.currency)))].sort();
  const sums = currencies.map((currency) => {
    const own = rows.filter((row) => row.currency === currency);
    return [currency, sumAmounts(own.map((row) => String(row[stated.amount])))];
  });
  const total = {
    rows: rows.length,
    sums: Object.fromEntries(sums) as Record<string, string>,
    source_system: stated.sourceSystem,
    extracted_at: demoExtractedAt,
    extracted_by: 'extract@northwind.example',
    query_text: stated.query,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  return [
    { name: `${name}.csv`, content },
    { name: `${name}.ctl.json`, content: `${JSON.stringify(total, null, 2)}\n` },
  ];
}
