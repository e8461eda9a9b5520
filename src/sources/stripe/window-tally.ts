import { hashIdSet } from '../../books/land-raw';
import type { CurrencyTotal } from '../../books/record-extract';
import { stripeCurrency } from './mapping/stripe-currency';
import { major } from './mapping/stripe-values';
import type { StripeStream } from './streams';

/** What was read of one window: which objects, and what they add up to by currency. */
export class WindowTally {
  readonly ids = new Set<string>();
  /** Items of parts, by `<object>/<item>`: a page of lines that is missing changes the set. */
  readonly partIds = new Set<string>();
  private readonly sums = new Map<string, { rows: bigint; amount: bigint }>();

  constructor(private readonly amount: StripeStream['amount']) {}

  note(id: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    if (this.amount === null) return;
    const minor = fields[this.amount.field];
    const currency = fields['currency'];
    const code = typeof currency === 'string' ? currency : '';
    const sum = this.sums.get(code) ?? { rows: 0n, amount: 0n };
    sum.rows += 1n;
    if (typeof minor === 'number' && Number.isSafeInteger(minor)) sum.amount += BigInt(minor);
    this.sums.set(code, sum);
  }

  get rows(): string {
    return String(this.ids.size);
  }

  get idSetSha256(): string {
    return hashIdSet(this.partIds.size === 0 ? this.ids : [...this.ids, ...this.partIds]);
  }

  /**
   * In major units. A currency whose minor unit is not known is told in minor units: its objects
   * are mapping problems, so no control reads the sum.
   */
  get totals(): CurrencyTotal[] {
    return [...this.sums]
      .map(([code, { rows, amount }]) => {
        const known = stripeCurrency(code, this.amount?.use);
        const currency = known?.code ?? (code === '' ? 'none' : code);
        return {
          currency,
          rows: String(rows),
          amount: known ? major(amount, known) : String(amount),
        };
      })
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }
}
