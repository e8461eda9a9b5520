import type { SourceTotal } from '../../books/window-state';
import type { HeldInstant } from './held-objects';
import { stripeCurrency } from './mapping/stripe-currency';
import type { Serving, Span } from './plan-windows';
import type { CreatedRange, RawItem, WindowRead } from './read-window';
import type { PartPages, Found } from './stripe-lists';
import type { Changes, StreamPart, StripeStream } from './streams';
import type { WindowTally } from './window-tally';

/** How one kind of object is read in windows, whatever way Stripe gives it. */
export interface WindowReader {
  object: string;
  /** Objects by which these are asked for: where one was not read, no window of these is whole. */
  parents: readonly string[];
  /** What is asked, in words that find it in Stripe's documentation. */
  question: string;
  instant: HeldInstant;
  amount: StripeStream['amount'];
  changes: Changes;
  /** How many due windows one reading serves: one, all, or neighbours up to so many days. */
  serves: Serving;
  /** Readings of windows never read before that go on beside each other. */
  readingsAtOnce: number;
  settledOnly: boolean;
  part: StreamPart | null;
  /** All objects of the range, by pages; more than that does no harm. */
  pages(range: CreatedRange, read: WindowRead): AsyncGenerator<RawItem[]>;
  /** Asks for an object that is held and was not on the list; null where there is only a list. */
  find: ((id: string) => Promise<Found>) | null;
  /** What the source says of a window in another way than by the reading. */
  prove(proof: WindowProof): Promise<SourceTotal>;
}

/** What a proof may look at. */
export interface WindowProof {
  window: Span;
  tally: WindowTally;
  /** By payout: what its movements add up to. */
  composed: WindowTally;
}

/**
 * What the movements of a payout add up to, without its own one. In currencies that are paid out in
 * whole units the fraction stays on the balance and goes with a later payout (CONTROLS S1): a
 * difference of less than a unit is none.
 */
export function composedAmount(
  { items }: PartPages,
  { amount, currency }: Readonly<Record<string, unknown>>,
): number {
  let sum = 0n;
  for (const { type, net } of items)
    if (type !== 'payout' && typeof net === 'number') sum += BigInt(net);
  const paid = typeof amount === 'number' ? BigInt(amount) : null;
  const isWhole = stripeCurrency(String(currency), 'payout')?.wholeOnly === true;
  const isRest = paid !== null && sum - paid < 100n && paid - sum < 100n;
  return Number(isWhole && isRest ? paid : sum);
}
