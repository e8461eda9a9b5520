import { DAY, type Instant } from '../kit/instants';
import { major } from '../kit/units';
import { stripeId } from '../kit/ids';
import type { Customer } from '../truth/company';
import type { BillingPlan, OneOffCharge, PayingHabit, SubscriptionPlan } from '../truth/plan';
import type { WorldContext } from '../world/customer-world';
import { hasTrait } from './exemplars';
import { billingMode, itemOf, liveThrough, noPlan, subscriptionOf, within } from './plan-parts';
import { freePrice, listChangedAt, listPrice } from './price-list';
import { promotions } from './promotions';

/** Cards of people (CONTROLS §5.1). */
const paying: PayingHabit = {
  method: 'card',
  failure: 0.07,
  recovery: 0.7,
  daysToPay: 0,
  refund: 0.012,
  dispute: 0.003,
};

function payingOf(customer: Customer): PayingHabit {
  if (hasTrait(customer, 'disputes')) return { ...paying, refund: 0, dispute: 0.35 };
  if (hasTrait(customer, 'returns')) return { ...paying, refund: 0.7, dispute: 0 };
  if (hasTrait(customer, 'owes')) return { ...paying, failure: 1, recovery: 0 };
  return paying;
}

/** They stay, on a plain plan by the month, so that what they are there for comes about. */
const isExemplar = (customer: Customer): boolean =>
  (['disputes', 'returns', 'owes'] as const).some((trait) => hasTrait(customer, trait));

/** The Plus plans of one customer: monthly or annual, on trial, promoted, paused, cancelled. */
export function planSelfServe(customer: Customer, ctx: WorldContext): BillingPlan {
  const plan = noPlan(payingOf(customer));
  if (customer.internal) {
    ctx.noteLookAlike('L29', customer.organizationId);
    return plan;
  }
  customer.workspaces.forEach((workspace, i) => {
    const random = ctx.random('plan', customer.key, 'second workspace');
    const at = customer.arrivedAt + (i === 0 ? 0 : random.int(30 * DAY, 200 * DAY));
    if (at > ctx.options.now) return;
    const subscription = startPlus(customer, workspace, i + 1, at, plan, ctx);
    plan.subscriptions.push(subscription);
    if (!isExemplar(customer)) livePlus(subscription, ctx);
  });
  if (plan.subscriptions.length > 1)
    for (const { id } of plan.subscriptions) ctx.noteLookAlike('L43', id);
  const workshop = workshopOf(customer, ctx);
  if (workshop !== null) plan.oneOffs.push(workshop);
  return plan;
}

function startPlus(
  customer: Customer,
  workspace: string,
  ordinal: number,
  at: Instant,
  plan: BillingPlan,
  ctx: WorldContext,
): SubscriptionPlan {
  const key = `${customer.key}/plus/${String(ordinal)}`;
  const random = ctx.random('plan', key);
  const { lookAlikes } = ctx.options;
  const isExemplary = isExemplar(customer);
  const annual = random.chance(0.12) && !isExemplary;
  const free = random.chance(0.015) && lookAlikes && at >= listChangedAt;
  const trial = random.chance(0.2) && lookAlikes && !free && !isExemplary;
  const mode = billingMode(at, random);
  const promotion = random.weighted([
    [null, 90],
    [promotions.welcome, 4],
    [promotions.spring, 3],
    [promotions.third, 2],
    [promotions.friends, 1],
  ]);
  const price = free
    ? freePrice(customer.currency)
    : listPrice('PLUS', customer.currency, annual ? 'year' : 'month', at);
  const subscription = subscriptionOf(customer, {
    ...{ key, at, mode, workspace, trialDays: trial ? 14 : 0 },
    items: (sub) => [itemOf(sub, price, 1n, workspace)],
  });
  if (promotion !== null && lookAlikes && !free && !isExemplary) {
    subscription.couponKey = promotion.key;
    plan.coupons.push(promotion);
    ctx.noteLookAlike('L11', subscription.id);
    if (promotion === promotions.friends) ctx.noteLookAlike('L27', subscription.id);
  }
  // Some are kept after the last retry, without access, until they pay or leave (CONTROLS S21).
  if (random.chance(0.1) || hasTrait(customer, 'owes'))
    subscription.metadata = { ...subscription.metadata, after_retries: 'unpaid' };
  if (trial) ctx.noteLookAlike('L26', subscription.id);
  if (free) ctx.noteLookAlike('L27', subscription.id);
  if (!price.active && ctx.options.now >= listChangedAt) ctx.noteLookAlike('L19', subscription.id);
  return subscription;
}

function livePlus(subscription: SubscriptionPlan, ctx: WorldContext): void {
  const annual = subscription.items[0]?.price.interval?.unit === 'year';
  const { trialEndAt, createdAt } = subscription;
  const trial = ctx.random('plan', subscription.key, 'trial');
  if (trialEndAt !== null && trial.chance(0.15)) {
    const at = trial.int(createdAt + DAY, trialEndAt - DAY);
    if (at <= ctx.options.now) subscription.changes.push({ at, kind: 'cancel', atPeriodEnd: true });
    return;
  }
  liveThrough(subscription, ctx.options.now, (month) => {
    const random = ctx.random('plan', subscription.key, 'month', month.k);
    const at = within(random, month);
    const leaves = random.chance(annual ? 0.02 : 0.04);
    const atPeriodEnd = random.chance(0.7) || annual;
    const pauses = random.chance(0.004) && !annual && month.k > 0 && ctx.options.lookAlikes;
    const behavior = random.chance(0.8) ? 'void' : 'mark_uncollectible';
    const until = at + random.int(30, 60) * DAY;
    if (leaves) {
      if (annual && at <= ctx.options.now) ctx.noteLookAlike('L18', subscription.id);
      return { changes: [{ at, kind: 'cancel', atPeriodEnd }], ended: true };
    }
    if (!pauses) return { changes: [] };
    if (at <= ctx.options.now) ctx.noteLookAlike('L27', subscription.id);
    return { changes: [{ at, kind: 'pause', behavior, until }], skip: 2 };
  });
}

/** A ticket to a live workshop, sold through Checkout: a payment without an invoice (L50). */
function workshopOf(customer: Customer, ctx: WorldContext): OneOffCharge | null {
  const random = ctx.random('plan', customer.key, 'workshop');
  const at = customer.arrivedAt + random.int(2 * DAY, 250 * DAY);
  if (!ctx.options.lookAlikes || !random.chance(0.01) || at > ctx.options.now) return null;
  const key = `${customer.key}/workshop`;
  const units = customer.currency === 'JPY' ? 7_500 : 49;
  ctx.noteLookAlike('L50', stripeId('pi', key));
  return {
    ...{ key, product: 'ONBOARDING', description: 'Live workshop, one seat', at },
    ...{ currency: customer.currency, unit: major(units, customer.currency), quantity: 1n },
    ...{ periodStart: at, periodEnd: at, subscriptionKey: null },
    ...{ collection: 'charge_automatically', daysUntilDue: null, orderLineKey: null },
    metadata: { product: 'ONBOARDING', channel: 'checkout' },
    checkout: true,
  };
}
