import { plainNumber, type CellType, type ExportTable } from './table';

/** What makes a spreadsheet take text for a formula (OWASP ASVS 5.0 1.2.10). */
const formula = /^[=+\-@\t\r\0]/;

/** RFC 4180. Numbers stay numbers; text that would be a formula is led by an apostrophe. */
export function writeCsv({ titles, types, rows }: ExportTable): Buffer {
  const lines = [
    titles.map((title) => quoted(title)).join(','),
    ...rows.map((row) => row.map((value, column) => cell(value, types[column])).join(',')),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'utf8');
}

function cell(value: string | null, type: CellType | undefined): string {
  if (value === null) return '';
  if (type !== 'text' && (type !== 'number' || plainNumber.test(value))) return quoted(value);
  return quoted(formula.test(value) ? `'${value}` : value);
}

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
