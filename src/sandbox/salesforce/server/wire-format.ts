import { isNumeric, type FieldType } from './org-schema';

export type FieldValue = string | number | boolean | null;

/** '2026-06-30T17:04:05.000+0000', as REST writes an instant. */
export const restInstant = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000');

/**
 * A value as JSON. Numbers with a fraction are written as Salesforce does, by Java's
 * Double.toString: 1800.0 stays, 12345678 becomes 1.2345678E7 (forcedotcom/dataloader #161).
 */
export function jsonValue(value: FieldValue, type: FieldType): string {
  if (value === null) return 'null';
  if (isNumeric(type)) return type === 'int' ? String(Number(value)) : javaDouble(Number(value));
  if (type === 'datetime') return JSON.stringify(restInstant(Date.parse(String(value))));
  return JSON.stringify(value);
}

/** A value as a Bulk 2.0 cell, not yet quoted: null is empty, instants end in Z. */
export function csvValue(value: FieldValue, type: FieldType): string {
  if (value === null) return '';
  if (isNumeric(type)) return type === 'int' ? String(Number(value)) : javaDouble(Number(value));
  if (type === 'datetime') return new Date(Date.parse(String(value))).toISOString();
  return String(value);
}

/** Java's Double.toString, with the shortest digits that give the same number back. */
export function javaDouble(value: number): string {
  if (value === 0) return '0.0';
  const size = Math.abs(value);
  const [digits = '0', exponent = '0'] = size.toExponential().split('e');
  const sign = value < 0 ? '-' : '';
  if (size >= 1e-3 && size < 1e7) {
    const plain = String(size);
    return `${sign}${plain}${plain.includes('.') ? '' : '.0'}`;
  }
  return `${sign}${digits}${digits.includes('.') ? '' : '.0'}E${String(Number(exponent))}`;
}

/** A line of RFC 4180 as Bulk 2.0 writes it: every cell in quotes. */
export const csvLine = (cells: readonly string[], delimiter: string, lineEnd: string): string =>
  cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter) + lineEnd;
