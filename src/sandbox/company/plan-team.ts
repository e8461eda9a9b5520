import { DAY, instantOf, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Customer } from '../truth/company';
import type {
  BillingPlan,
  ItemPlan,
  PayingHabit,
  PlanChange,
  SubscriptionPlan,
} from '../truth/plan';
import type { WorldContext } from '../world/customer-world';
import { hasTrait } from './exemplars';
import { billingMode, itemOf, liveThrough, noPlan, subscriptionOf, within } from './plan-parts';
import { listChangedAt, listPrice } from './price-list';
import { promotions } from './promotions';

const leastSeats = 2;
const mostSeats = 150;

/** Failed payments of a team are made good in the end: a workspace is not cut off. */
function payingOf(customer: Customer, random: KeyedRandom): PayingHabit {
  const byDebit = random.chance(0.2);
  const debit = customer.currency === 'EUR' ? 'sepa_debit' : 'ach_debit';
  const hasDebit = customer.country === 'US' || customer.currency === 'EUR';
  return {
    method: byDebit && hasDebit ? debit : 'card',
    failure: 0.04,
    recovery: 1,
    daysToPay: 0,
    refund: 0.012,
    dispute: 0.003,
  };
}

/** Seats by the month or the year, one subscription for each workspace. */
export function planTeam(customer: Customer, ctx: WorldContext): BillingPlan {
  const plan = noPlan(payingOf(customer, ctx.random('plan', customer.key, 'paying')));
  if (customer.internal) {
    ctx.noteLookAlike('L29', customer.organizationId);
    return plan;
  }
  customer.workspaces.forEach((workspace, i) => {
    const random = ctx.random('plan', customer.key, 'second workspace');
    const at = customer.arrivedAt + (i === 0 ? 0 : random.int(30 * DAY, 200 * DAY));
    if (at > ctx.options.now) return;
    const subscription = startTeam(customer, workspace, i + 1, at, plan, ctx);
    plan.subscriptions.push(subscription);
    if (hasTrait(customer, 'movesSeats')) moveSeats(subscription, ctx);
    else liveTeam(subscription, ctx);
  });
  if (plan.subscriptions.length > 1)
    for (const { id } of plan.subscriptions) ctx.noteLookAlike('L43', id);
  if (customer.sisterOf !== undefined) ctx.noteLookAlike('L43', customer.stripeId);
  return plan;
}

function startTeam(
  customer: Customer,
  workspace: string,
  ordinal: number,
  at: Instant,
  plan: BillingPlan,
  ctx: WorldContext,
): SubscriptionPlan {
  const key = `${customer.key}/team/${String(ordinal)}`;
  const random = ctx.random('plan', key);
  const came = cameOver(customer, at, ordinal);
  const annual = (random.chance(0.35) || came) && !hasTrait(customer, 'movesSeats');
  const drawn = Math.round(random.logNormal(2.2, 0.9));
  const seats = BigInt(Math.min(mostSeats, Math.max(leastSeats, drawn)));
  const mode = billingMode(at, random);
  const trial = random.chance(0.1) && ctx.options.lookAlikes && !came;
  const promoted = random.chance(0.05) && ctx.options.lookAlikes && !annual;
  const price = listPrice('TEAM', customer.currency, annual ? 'year' : 'month', at);
  const subscription = subscriptionOf(customer, {
    ...{ key, at, mode, workspace, trialDays: trial ? 14 : 0 },
    items: (sub) => [itemOf(sub, price, seats, workspace)],
  });
  if (came) Object.assign(subscription, { startAt: leapStart, anchorAt: leapStart });
  if (promoted) {
    subscription.couponKey = promotions.spring.key;
    plan.coupons.push(promotions.spring);
    ctx.noteLookAlike('L11', subscription.id);
  }
  if (trial) ctx.noteLookAlike('L26', subscription.id);
  if (!price.active && ctx.options.now >= listChangedAt) ctx.noteLookAlike('L19', subscription.id);
  return subscription;
}

/** The contract year that it brings along contains 29 February 2024 (A80). */
const leapStart: Instant = instantOf('2024-02-12T18:20:37Z');

/** A contract of the old system, billed here from its beginning (S29, L33). */
const cameOver = (customer: Customer, at: Instant, ordinal: number): boolean =>
  hasTrait(customer, 'leapYear') && ordinal === 1 && at > leapStart;

/** A seat more and a seat less by turns, in the first days of each month (L16). */
function moveSeats(subscription: SubscriptionPlan, ctx: WorldContext): void {
  const item = subscription.items[0];
  if (item === undefined) return;
  const seats = Number(item.quantity ?? 0n);
  liveThrough(subscription, ctx.options.now, ({ k, from }) => {
    const at = from + ctx.random('plan', subscription.key, 'month', k).int(DAY / 2, 2 * DAY);
    return { changes: [seatChange(item, at, k % 2 === 0 ? seats + 1 : seats, false)] };
  });
}

function liveTeam(subscription: SubscriptionPlan, ctx: WorldContext): void {
  const item = subscription.items[0];
  if (item === undefined) return;
  const annual = item.price.interval?.unit === 'year';
  let seats = Number(item.quantity ?? 0n);
  let givesBack = 0;
  liveThrough(subscription, ctx.options.now, (month) => {
    if (month.to <= subscription.createdAt) return { changes: [] };
    const random = ctx.random('plan', subscription.key, 'month', month.k);
    const from = Math.max(month.from, subscription.createdAt);
    const at = within(random, { ...month, from });
    const draw = random.share();
    const part = 0.04 + random.share() * 0.26;
    const atOnce = random.chance(0.4) || annual;
    const leaves = random.chance(annual ? 0.01 : 0.015);
    const atPeriodEnd = random.chance(0.8) || annual;
    if (leaves) {
      if (annual && at <= ctx.options.now) ctx.noteLookAlike('L18', subscription.id);
      return { changes: [{ at, kind: 'cancel', atPeriodEnd }], ended: true };
    }
    const step = Math.max(1, Math.round(seats * part));
    const next = nextSeats(seats, draw, step);
    const changes: PlanChange[] = [];
    if (annual && next < seats) givesBack += seats - next;
    else if (next !== seats) changes.push(seatChange(item, at, next, atOnce));
    seats = annual ? Math.max(seats, next) : next;
    if (annual && givesBack > 0 && month.k % 12 === 11) {
      const left = Math.max(leastSeats, seats - givesBack);
      if (left < seats) changes.push(fewerFrom(item, month.to, left));
      [seats, givesBack] = [left, 0];
    }
    return { changes };
  });
}

/** Annual seats are paid until their year ends: fewer are bought from the next one on. */
const fewerFrom = (item: ItemPlan, at: Instant, seats: number): PlanChange => ({
  ...{ at, kind: 'quantity', itemKey: item.key, quantity: BigInt(seats), proration: 'none' },
});

/** Of 100 team-months 6 add seats in mid-cycle and 3 give some back (CONTROLS §5.1). */
function nextSeats(seats: number, draw: number, step: number): number {
  if (draw < 0.06) return Math.min(mostSeats, seats + step);
  if (draw < 0.09) return Math.max(leastSeats, seats - step);
  return seats;
}

/** Prorations of an annual plan are invoiced at once: they would wait a year for the next one. */
const seatChange = (item: ItemPlan, at: Instant, seats: number, atOnce: boolean): PlanChange => ({
  at,
  kind: 'quantity',
  itemKey: item.key,
  quantity: BigInt(seats),
  proration: atOnce ? 'always_invoice' : 'create_prorations',
});
