import { isZero, lessOf } from '../../format/exact';

export type ItemRecord = Record<string, string | null>;

export interface FieldRow {
  name: string;
  /** One per record of the side; null where the record has no such field or no value. */
  left: (string | null)[];
  right: (string | null)[];
  /** In both sides' records, and not the same. */
  differs: boolean;
}

const isDecimal = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);

/** Whether two written values mean the same: '10.50' and '10.5' do. */
export function sameValue(a: string | null, b: string | null): boolean {
  if (a === b) return true;
  return a !== null && b !== null && isDecimal(a) && isDecimal(b) && isZero(lessOf(a, b));
}

/** Idle zeros say nothing: '2180.000000000000' is read as '2180.00'. */
export function readable(value: string | null): string | null {
  if (value === null || !/^-?\d+\.\d{3,}$/.test(value)) return value;
  const [whole = '', fraction = ''] = value.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(2, '0');
  return `${whole}.${kept}`;
}

const namesIn = (records: readonly ItemRecord[]): Set<string> =>
  new Set(records.flatMap((record) => Object.keys(record)));

const valuesOf = (records: readonly ItemRecord[], name: string): (string | null)[] =>
  records.map((record) => record[name] ?? null);

/** Shown above the fields: they name the record, and are never the same on both sides. */
const headNames = new Set(['source_ref']);

/** A field that only repeats another one for print, such as amount_text beside amount. */
const isCopy = (name: string, all: ReadonlySet<string>): boolean =>
  name.endsWith('_text') && all.has(name.slice(0, -'_text'.length));

/**
 * Both sides' records, field by field: what differs first, then what both have, then the rest, each
 * by name. Where a side has several records, a field differs when no record of the other agrees.
 */
export function compareRecords(
  left: readonly ItemRecord[],
  right: readonly ItemRecord[],
): FieldRow[] {
  const [inLeft, inRight] = [namesIn(left), namesIn(right)];
  const all = new Set([...inLeft, ...inRight]);
  const rows = [...all]
    .filter((name) => !isCopy(name, all) && !headNames.has(name))
    .map((name): FieldRow => {
      const [ofLeft, ofRight] = [valuesOf(left, name), valuesOf(right, name)];
      const shared = inLeft.has(name) && inRight.has(name);
      const agrees = ofLeft.some((a) => ofRight.some((b) => sameValue(a, b)));
      return { name, left: ofLeft, right: ofRight, differs: shared && !agrees };
    });
  const rank = ({ name, differs }: FieldRow): number =>
    differs ? 0 : inLeft.has(name) && inRight.has(name) ? 1 : 2;
  return rows.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
