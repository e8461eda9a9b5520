import { addMonths, firstOfMonth, monthOf, type Day, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { Payout } from '../truth/cash';
import { entities, type EntityId } from '../truth/company';
import type { BalancePile } from './movement-book';

/** A month of one Stripe balance: opening + activity + payouts = closing. */
export interface StripeBalance {
  entity: EntityId;
  currency: string;
  month: string;
  opening: Minor;
  activity: Minor;
  /** Payouts less what came back; negative. */
  payouts: Minor;
  closing: Minor;
}

/** Rolls a balance forward by months of the books; automatic payouts count on arrival (S18). */
export function balanceByMonth(
  pile: BalancePile,
  payouts: readonly Payout[],
  now: Instant,
): StripeBalance[] {
  const { entity, currency, activity } = pile;
  const { zone } = entities[entity];
  const moved = new Map<string, Minor>();
  const paid = new Map<string, Minor>();
  const add = (to: Map<string, Minor>, month: string, amount: Minor): void => {
    to.set(month, (to.get(month) ?? 0n) + amount);
  };
  for (const [day, net] of activity) add(moved, monthOf(day), net);
  const today = zone.dayOf(now);
  for (const payout of payouts) {
    if (payout.entity !== entity || payout.currency !== currency) continue;
    const day = payoutDay(payout);
    if (day <= today) add(paid, monthOf(day), -payout.amount);
    if (payout.failedAt !== null) add(paid, monthOf(zone.dayOf(payout.failedAt)), payout.amount);
  }
  const balances: StripeBalance[] = [];
  let opening = 0n;
  for (let month = firstMonth(moved); month <= monthOf(today); month = nextMonth(month)) {
    const [net, out] = [moved.get(month) ?? 0n, paid.get(month) ?? 0n];
    const closing = opening + net + out;
    balances.push({ entity, currency, month, opening, activity: net, payouts: out, closing });
    opening = closing;
  }
  return balances;
}

const firstMonth = (moved: ReadonlyMap<string, Minor>): string =>
  [...moved.keys()].sort()[0] ?? '9';

const nextMonth = (month: string): string => monthOf(addMonths(firstOfMonth(month), 1));

/** The accounting day of a payout: automatic ones by arrival, others by creation (S18). */
export const payoutDay = ({ automatic, arrivalOn, createdAt, entity }: Payout): Day =>
  automatic ? arrivalOn : entities[entity].zone.dayOf(createdAt);
