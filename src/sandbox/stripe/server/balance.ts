import type Stripe from 'stripe';
import type { Wire } from '../render/wire';
import type { AccountView } from './account-view';

type Movement = Wire<Stripe.BalanceTransaction>;

/** Every movement of the account's balance that can be seen, newest first. */
export function* movementsOf(view: AccountView): Generator<{ rank: number; movement: Movement }> {
  const table = view.table('balance_transactions');
  for (let rank = 0; rank < table.size; rank += 1)
    if (view.shows('balance_transactions', rank))
      yield { rank, movement: table.read(rank).object as Movement };
}

/** What is available and what is on its way, by currency: the sums of all movements. */
export function balanceOf(view: AccountView): Wire<Stripe.Balance> {
  const sums = new Map<string, { available: number; pending: number }>();
  for (const { movement } of movementsOf(view)) {
    const sum = sums.get(movement.currency) ?? { available: 0, pending: 0 };
    if (movement.available_on <= view.now) sum.available += movement.net;
    else sum.pending += movement.net;
    sums.set(movement.currency, sum);
  }
  const currencies = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const side = (name: 'available' | 'pending'): Wire<Stripe.Balance.Available>[] =>
    currencies.map(([currency, sum]) => ({
      amount: sum[name],
      currency,
      source_types: { card: sum[name] },
    }));
  return {
    object: 'balance',
    available: side('available'),
    livemode: true,
    pending: side('pending'),
  };
}
