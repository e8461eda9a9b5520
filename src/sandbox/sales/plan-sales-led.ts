import { hasTrait } from '../company/exemplars';
import { HOUR, startOfUtcDay } from '../kit/instants';
import type { Customer } from '../truth/company';
import type { BillingPlan, PayingHabit, SubscriptionPlan } from '../truth/plan';
import type { Sold } from '../truth/sold';
import type { WorldContext } from '../world/customer-world';
import { applyAmendment } from './plan-amendment';
import type { OrderToPlan, PlanBench } from './plan-bench';
import { planOrder } from './plan-order';

/**
 * What the integration sets up in Stripe from activated orders, exactly as sold: a subscription per
 * order on prices of its own (CONTROLS S30, S31), charges once for what is billed once.
 *
 * Monthly in arrears (A3) has no subscription: Stripe bills licensed items in advance. Each month
 * is charged on its last instant by an invoice of its own. An amendment of a contract billed by the
 * year is prorated and invoiced at once; of others it begins with a billing period, unprorated.
 */
export function planSalesLed(customer: Customer, sold: Sold, ctx: WorldContext): BillingPlan {
  const { now } = ctx.options;
  const plan: BillingPlan = {
    ...{ subscriptions: [], oneOffs: [], grants: [], coupons: [] },
    paying: payingHabit(customer, sold, ctx),
  };
  const second = turnSecond(customer, ctx);
  const bench: PlanBench = {
    ...{
      customer,
      plan,
      turnOf: (day) => startOfUtcDay(day) + second,
      ahead: aheadOf(customer, ctx),
    },
    note: (id, key, at) => {
      if (at <= now && ctx.options.lookAlikes) ctx.noteLookAlike(id, key);
    },
  };
  for (const toPlan of ordersToPlan(sold)) {
    const subscription = planOrder(toPlan, bench);
    if (subscription)
      for (const amendment of toPlan.amendments) applyAmendment(subscription, amendment, bench);
  }
  plan.oneOffs = plan.oneOffs
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  if (customer.sisterOf !== undefined && customer.accountId !== null) {
    const [first] = plan.subscriptions;
    if (first !== undefined) bench.note('L43', customer.accountId, first.createdAt);
  }
  plan.grants = plan.grants.filter(({ effectiveAt }) => effectiveAt <= now);
  plan.coupons = plan.coupons.filter(({ createdAt }) => createdAt <= now);
  return plan;
}

/** Orders that began a contract, each with those that amend it. */
function ordersToPlan(sold: Sold): OrderToPlan[] {
  const evergreen = new Set(sold.contracts.filter((c) => c.evergreen).map((c) => c.contractId));
  const activated = sold.deals.flatMap((deal) =>
    deal.orders.filter(({ status }) => status === 'Activated').map((order) => ({ order, deal })),
  );
  return activated
    .filter(({ order }) => order.originalOrderId === null)
    .map(({ order, deal }) => ({
      ...{ order, deal, evergreen: evergreen.has(order.contractId ?? '') },
      amendments: activated
        .map((a) => a.order)
        .filter(({ originalOrderId }) => originalOrderId === order.orderId)
        .sort((a, b) => (a.effectiveOn < b.effectiveOn ? -1 : 1)),
    }));
}

/**
 * One time of day in UTC for all cycles of a customer, at which UTC and the entity's books are on
 * the same day all year, so that no cycle slips to another day when clocks change.
 */
function turnSecond(customer: Customer, ctx: WorldContext): number {
  const random = ctx.random('plan', customer.key, 'turn');
  return customer.entity === 'ni-us'
    ? random.int(16 * HOUR, 21 * HOUR)
    : random.int(8 * HOUR, 14 * HOUR);
}

function payingHabit(customer: Customer, sold: Sold, ctx: WorldContext): PayingHabit {
  const random = ctx.random('plan', customer.key, 'paying');
  const terms = sold.deals.flatMap(({ orders }) => orders)[0]?.paymentTermsDays ?? 30;
  const wire = random.chance(0.7);
  const debit = customer.currency === 'EUR' ? 'sepa_debit' : 'card';
  const other = customer.currency === 'USD' && random.chance(0.6) ? 'ach_debit' : debit;
  const usual = terms + random.int(-12, 14);
  return {
    method: methodOf(customer) ?? (wire ? 'wire' : other),
    ...{ failure: 0.03, recovery: 0.95, refund: 0.002, dispute: 0.001 },
    daysToPay: hasTrait(customer, 'billedByHand') ? terms + 25 : usual,
  };
}

function methodOf(customer: Customer): PayingHabit['method'] | null {
  if (hasTrait(customer, 'paysForints')) return 'card';
  const byWire = hasTrait(customer, 'roundsUp') || hasTrait(customer, 'billedByHand');
  return byWire ? 'wire' : null;
}

/** Some want the bill of what begins later before it begins (L13). */
function aheadOf(customer: Customer, ctx: WorldContext): PlanBench['ahead'] {
  if (!ctx.options.lookAlikes && !hasTrait(customer, 'leaves')) return () => null;
  if (hasTrait(customer, 'leaves')) return () => 'subscription';
  if (hasTrait(customer, 'billedByHand')) return () => 'by hand';
  return (order) => {
    const random = ctx.random('plan', customer.key, 'ahead', order.key);
    return random.weighted([
      [null, 88],
      ['subscription', 8],
      ['by hand', 4],
    ] as const);
  };
}

/** The subscription of an order, in a plan. */
export const subscriptionOf = (plan: BillingPlan, orderKey: string): SubscriptionPlan | undefined =>
  plan.subscriptions.find(({ orderKeys }) => orderKeys.includes(orderKey));
