import type { ColumnType } from '../../platform/config';
import {
  fixedBytes,
  type ParquetColumn,
  type ParquetType,
} from '../../platform/parquet/parquet-column';

/** How a column of the books goes from PostgreSQL's binary form into a frozen file, unchanged. */
export interface BooksColumn {
  name: string;
  type: ColumnType;
  parquet: ParquetType;
  /** Adds the value of `length` bytes at `start`; throws rather than change it. */
  add(column: ParquetColumn, source: DataView, start: number, length: number): void;
}

/** Digits after the point that a numeric without a declared scale may have. */
const FREE_SCALE = 12;
const MAX_PRECISION = 38;

/** Null for a type without an exact form. The numbers are PostgreSQL's fixed ids of its types. */
export function booksColumn(name: string, typeId: number, modifier: number): BooksColumn | null {
  switch (typeId) {
    case 16:
      return { name, type: 'boolean', parquet: { kind: 'boolean' }, add: addBoolean };
    case 20:
    case 21:
    case 23:
      return { name, type: 'integer', parquet: { kind: 'integer' }, add: addInteger };
    case 25:
    case 1043:
      return { name, type: 'text', parquet: { kind: 'text' }, add: addText };
    case 1082:
      return { name, type: 'date', parquet: { kind: 'date' }, add: addDate };
    case 1114:
      return timestampColumn(name, 'timestamp');
    case 1184:
      return timestampColumn(name, 'instant');
    case 1700:
      return decimalColumn(name, modifier);
    default:
      return null;
  }
}

function addText(column: ParquetColumn, source: DataView, start: number, length: number): void {
  column.addText(source, start, length);
}

function addBoolean(column: ParquetColumn, source: DataView, start: number): void {
  column.addBoolean(source.getUint8(start) === 1);
}

/** Two, four or eight bytes, big-endian, become eight, little-endian. */
function addInteger(column: ParquetColumn, source: DataView, start: number, length: number): void {
  const at = column.addFixed(8);
  if (length === 8) {
    column.view.setUint32(at, source.getUint32(start + 4), true);
    column.view.setInt32(at + 4, source.getInt32(start), true);
    return;
  }
  const value = length === 4 ? source.getInt32(start) : source.getInt16(start);
  column.view.setInt32(at, value, true);
  column.view.setInt32(at + 4, value < 0 ? -1 : 0, true);
}

/** Days and microseconds from 1970-01-01, where Parquet starts, to 2000-01-01, PostgreSQL's. */
const EPOCH_DAYS = 10_957;
const EPOCH_US = 946_684_800_000_000n;
const infiniteDay = 0x7fffffff;
const infiniteUs = 0x7fffffffffffffffn;

/** DuckDB, too, has an infinity as the largest number, and its negation. */
function addDate(column: ParquetColumn, source: DataView, start: number): void {
  const day = source.getInt32(start);
  const at = column.addFixed(4);
  if (day === infiniteDay) column.view.setInt32(at, day, true);
  else if (day === -infiniteDay - 1) column.view.setInt32(at, -infiniteDay, true);
  else column.view.setInt32(at, day + EPOCH_DAYS, true);
}

function timestampColumn(name: string, type: 'timestamp' | 'instant'): BooksColumn {
  return {
    name,
    type,
    parquet: { kind: 'timestamp', isInstant: type === 'instant' },
    add(column, source, start): void {
      const us = source.getBigInt64(start);
      const at = column.addFixed(8);
      if (us === infiniteUs) column.view.setBigInt64(at, us, true);
      else if (us === -infiniteUs - 1n) column.view.setBigInt64(at, -infiniteUs, true);
      else column.view.setBigInt64(at, us + EPOCH_US, true);
    },
  };
}

function decimalColumn(name: string, modifier: number): BooksColumn {
  const [precision, scale] = declaredDecimal(modifier) ?? [MAX_PRECISION, FREE_SCALE];
  const parquet: ParquetType = { kind: 'decimal', precision, scale };
  const width = fixedBytes(parquet);
  return {
    name,
    type: 'decimal',
    parquet,
    add(column, source, start): void {
      const small = smallDecimal(source, start, scale);
      const large = small === null ? largeDecimal(source, start, precision, scale) : 0n;
      const at = column.addFixed(width);
      const { view } = column;
      if (small === null) {
        if (precision <= 18) view.setBigInt64(at, large, true);
        else setBigEndian(view, at, width, large);
      } else if (precision <= 18) setLittleEndian(view, at, small);
      else setSmallBigEndian(view, at, width, small);
    },
  };
}

/** PostgreSQL packs numeric(p, s) as ((p << 16) | s) + 4; s has eleven bits, the first its sign. */
function declaredDecimal(modifier: number): [precision: number, scale: number] | null {
  if (modifier < 4) return null;
  const [precision, scale] = [(modifier - 4) >> 16, (modifier - 4) & 0x7ff];
  return precision <= MAX_PRECISION && scale <= precision ? [precision, scale] : null;
}

const NEGATIVE = 0x4000;
const powersOfTen = Array.from({ length: 23 }, (_, power) => 10 ** power);

/**
 * A numeric times ten to the scale, if a double holds it without loss; else null. On the wire it is
 * four counts of two bytes (digits, weight, sign, scale), then digits to the base of 10,000.
 */
function smallDecimal(source: DataView, start: number, scale: number): number | null {
  const digits = source.getUint16(start);
  const sign = source.getUint16(start + 4);
  if (digits > 3 || sign > NEGATIVE) return null;
  if (digits === 0) return 0;
  const weight = source.getInt16(start + 2);
  let value = 0;
  for (let i = 0; i < digits; i += 1) value = value * 10_000 + source.getUint16(start + 8 + 2 * i);
  const power = 4 * (weight - digits + 1) + scale;
  if (power < 0) {
    const divisor = powersOfTen[-power];
    if (divisor === undefined || value % divisor !== 0) return null;
    value /= divisor;
  } else {
    value *= powersOfTen[power] ?? Infinity;
    if (value > Number.MAX_SAFE_INTEGER) return null;
  }
  return sign === NEGATIVE ? -value : value;
}

/** The same without a limit; throws on what has no exact form. */
function largeDecimal(source: DataView, start: number, precision: number, scale: number): bigint {
  const digits = source.getUint16(start);
  const weight = source.getInt16(start + 2);
  const sign = source.getUint16(start + 4);
  if (sign > NEGATIVE) throw new Error('a numeric is not a number, or infinite');
  let value = 0n;
  for (let i = 0; i < digits; i += 1)
    value = value * 10_000n + BigInt(source.getUint16(start + 8 + 2 * i));
  const power = 4 * (weight - digits + 1) + scale;
  if (power >= 0) value *= 10n ** BigInt(power);
  else {
    const divisor = 10n ** BigInt(-power);
    if (value % divisor !== 0n)
      throw new Error(`a numeric has more than ${scale} digits after the point`);
    value /= divisor;
  }
  if (value >= 10n ** BigInt(precision))
    throw new Error(`a numeric has more than ${precision - scale} digits before the point`);
  return sign === NEGATIVE ? -value : value;
}

const TWO_32 = 2 ** 32;

/** Eight bytes, two's complement, of a safe integer. */
function setLittleEndian(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  view.setUint32(at, value - high * TWO_32, true);
  view.setInt32(at + 4, high, true);
}

/** The same in `width` bytes, at least eight. */
function setSmallBigEndian(view: DataView, at: number, width: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  const fill = value < 0 ? 0xff : 0;
  const end = at + width - 8;
  for (let i = at; i < end; i += 1) view.setUint8(i, fill);
  view.setInt32(end, high);
  view.setUint32(end + 4, value - high * TWO_32);
}

function setBigEndian(view: DataView, at: number, width: number, value: bigint): void {
  let rest = value;
  for (let i = width - 1; i >= 0; i -= 1, rest >>= 8n) view.setUint8(at + i, Number(rest & 0xffn));
}
