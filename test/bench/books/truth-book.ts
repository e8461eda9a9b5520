import { normalizeAmount } from '../../../src/core/money';
import { majorText, type Minor } from '../../../src/sandbox/kit/units';

/** What the truth says of the rows of one table: by key, the values that are compared. */
export type TruthRows = Map<string, Map<string, string>>;

export const money = (amount: Minor, currency: string): string =>
  normalizeAmount(majorText(amount, currency));

/** Gathers what is true of a company, table by table, from its history alone. */
export class TruthBook {
  readonly rows: TruthRows = new Map();

  add(table: string, key: string, ...values: readonly (string | boolean | null)[]): void {
    const known = this.rows.get(table) ?? new Map<string, string>();
    this.rows.set(table, known);
    if (known.has(key)) throw new RangeError(`the truth has ${table} ${key} twice`);
    known.set(key, values.map((value) => String(value ?? '')).join(' | '));
  }
}
