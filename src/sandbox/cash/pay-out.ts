import { stripeId } from '../kit/ids';
import { addDays, HOUR, startOfUtcDay, utcDay, type Day } from '../kit/instants';
import type { Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { BalanceTransaction, BankLine, Payout } from '../truth/cash';
import { entities, type Entity } from '../truth/company';
import type { WorldContext } from '../world/customer-world';
import { bankCalendars } from './bank-calendars';
import type { BalancePile, MovementBook } from './movement-book';
import { bankPayout } from './bank-payout';
import { balanceByMonth, type StripeBalance } from './stripe-balance';

export interface PaidOut {
  payouts: Payout[];
  /** Movements that belong to no customer: payouts, failed payouts, the monthly fee. */
  movements: BalanceTransaction[];
  bankLines: BankLine[];
  /** Balance transaction to payout; of automatic payouts alone (S17). */
  payoutOf: Map<string, string>;
  /** Per entity, currency and month of the books. */
  balances: StripeBalance[];
}

/** The one day on which treasury paid the dollars out by hand (L51). */
const manualDay: Day = '2025-09-16';
/** Chance that the bank sends an automatic payout back. */
const failureChance = 0.004;

/**
 * Pays the Stripe balances out: on every business day, per entity and currency, all that is free by
 * then. A balance at or below zero waits for the next day. HUF goes out in whole forints and the
 * rest stays (S1). A payout that fails comes back and is paid again by hand, which has no
 * composition (S17). A later `now` adds payouts and moves their state, and changes no amount.
 */
export function payOut(book: MovementBook, ctx: WorldContext): PaidOut {
  const out: PaidOut = {
    ...{ payouts: [], movements: [], bankLines: [], balances: [] },
    payoutOf: new Map(),
  };
  for (const pile of book.inOrder()) {
    const fees = pile.billingFees(ctx.options.now);
    for (const fee of fees) pile.add(fee);
    out.movements.push(...fees);
    new PayoutDesk(pile, out, ctx).run();
    out.balances.push(...balanceByMonth(pile, out.payouts, ctx.options.now));
  }
  return out;
}

class PayoutDesk {
  private readonly entity: Entity;

  constructor(
    private readonly pile: BalancePile,
    private readonly out: PaidOut,
    private readonly ctx: WorldContext,
  ) {
    this.entity = entities[pile.entity];
  }

  run(): void {
    const { pile } = this;
    const order = pile.inOrder();
    const [first] = order;
    if (first === undefined) return;
    let [next, from, carried] = [0, 0, 0n];
    for (
      let day = utcDay(pile.availableAt(first));
      startOfUtcDay(day) <= this.ctx.options.now;
      day = addDays(day, 1)
    ) {
      if (!this.calendar.isOpen(day)) continue;
      const free = startOfUtcDay(day);
      let sum = carried;
      for (let i = from; i < next; i += 1) sum += pile.netAt(order[i] ?? 0);
      for (; next < order.length; next += 1) {
        const position = order[next] ?? 0;
        if (pile.availableAt(position) > free) break;
        sum += pile.netAt(position);
      }
      const amount = payable(sum, pile.currency);
      if (amount <= 0n) continue;
      const createdAt = free + this.secondsInto(day);
      if (createdAt > this.ctx.options.now) return;
      this.pay(day, amount, createdAt, order.subarray(from, next));
      carried = sum - amount;
      from = next;
    }
  }

  private pay(day: Day, amount: Minor, createdAt: Instant, members: Int32Array): void {
    const { pile, out, entity } = this;
    const automatic = !this.isManualDay(day);
    const id = stripeId('po', entity.id, pile.currency, day);
    const payout = this.record({ id, amount, createdAt, automatic, arrivalOn: this.arrival(day) });
    if (automatic) for (const position of members) out.payoutOf.set(pile.idAt(position), id);
    else this.ctx.noteLookAlike('L51', id);
    const failsAt = automatic ? this.failureOf(payout, day) : null;
    if (failsAt === null || failsAt > this.ctx.options.now)
      out.bankLines.push(...bankPayout(payout, failsAt !== null, this.ctx));
    else this.fail(payout, failsAt);
  }

  private record(
    seed: Pick<Payout, 'id' | 'amount' | 'createdAt' | 'automatic' | 'arrivalOn'>,
  ): Payout {
    const { pile, ctx } = this;
    const { id, createdAt, arrivalOn } = seed;
    const payout: Payout = {
      ...seed,
      ...{ entity: pile.entity, currency: pile.currency },
      status: stateOf(createdAt, arrivalOn, ctx.options.now),
      balanceTransactionId: stripeId('txn', 'payout', id),
      ...{ failureBalanceTransactionId: null, failedAt: null },
      ...{ originalPayoutId: null, reversedById: null },
      reconciliation: seed.automatic ? reconciled(createdAt, ctx.options.now) : 'not_applicable',
      traceId: traceOf(id),
    };
    this.out.payouts.push(payout);
    this.move(payout, 'payout', payout.balanceTransactionId, -payout.amount, createdAt);
    return payout;
  }

  private failureOf({ arrivalOn }: Payout, day: Day): Instant | null {
    if (!this.ctx.options.lookAlikes) return null;
    const random = this.ctx.random('payout fails', this.entity.id, this.pile.currency, day);
    if (!random.chance(failureChance)) return null;
    return startOfUtcDay(this.calendar.add(arrivalOn, random.int(1, 2))) + 15 * HOUR;
  }

  /** Both movements stand; the money is sent again on the next business day, by hand. */
  private fail(payout: Payout, failedAt: Instant): void {
    const failure = stripeId('txn', 'payout failure', payout.id);
    Object.assign(payout, {
      status: 'failed' satisfies Payout['status'],
      failureBalanceTransactionId: failure,
      failedAt,
    });
    this.move(payout, 'payout_failure', failure, payout.amount, failedAt);
    this.ctx.noteLookAlike('L51', payout.id);
    const day = this.calendar.add(utcDay(failedAt), 1);
    const createdAt = startOfUtcDay(day) + 9 * HOUR;
    if (createdAt > this.ctx.options.now) return;
    const again = this.record({
      id: stripeId('po', 'again', payout.id),
      ...{ amount: payout.amount, createdAt, automatic: false, arrivalOn: this.arrival(day) },
    });
    this.out.bankLines.push(...bankPayout(again, false, this.ctx));
    this.ctx.noteLookAlike('L51', again.id);
  }

  private move(
    payout: Payout,
    type: 'payout' | 'payout_failure',
    id: string,
    net: Minor,
    createdAt: Instant,
  ): void {
    const { entity, currency, automatic, arrivalOn } = payout;
    const onArrival = type === 'payout' && automatic;
    this.out.movements.push({
      ...{ id, entity, type, category: type, amount: net, fee: 0n, net, currency, fees: [] },
      ...{ exchangeRate: null, createdAt, sourceId: payout.id, customerKey: null },
      availableAt: startOfUtcDay(onArrival ? arrivalOn : utcDay(createdAt)),
    });
  }

  private isManualDay(day: Day): boolean {
    return this.ctx.options.lookAlikes && day === manualDay && this.pile.currency === 'USD';
  }

  private secondsInto(day: Day): number {
    return this.ctx.random('payout', this.entity.id, this.pile.currency, day).int(300, 9_000);
  }

  private arrival(day: Day): Day {
    return this.calendar.add(day, 1);
  }

  private get calendar() {
    return bankCalendars[this.entity.calendar];
  }
}

/** HUF is paid out in whole forints (S1). */
const payable = (sum: Minor, currency: string): Minor =>
  currency === 'HUF' && sum > 0n ? sum - (sum % 100n) : sum;

function stateOf(createdAt: Instant, arrivalOn: Day, now: Instant): Payout['status'] {
  if (now >= startOfUtcDay(arrivalOn)) return 'paid';
  return now >= createdAt + 4 * HOUR ? 'in_transit' : 'pending';
}

const reconciled = (createdAt: Instant, now: Instant): Payout['reconciliation'] =>
  now >= createdAt + 6 * HOUR ? 'completed' : 'in_progress';

/** The trace number that the bank prints on its line. */
export const traceOf = (payoutId: string): string => `0${payoutId.slice(-14).toUpperCase()}`;
