import { stripeId } from '../kit/ids';
import { addMonthsToInstant, DAY, type Instant } from '../kit/instants';
import { major } from '../kit/units';
import type { Price, ProductCode } from '../truth/catalog';
import type { Customer } from '../truth/company';
import type {
  BillingPlan,
  GrantPlan,
  OneOffCharge,
  PayingHabit,
  PlanChange,
  SubscriptionPlan,
} from '../truth/plan';
import type { WorldContext } from '../world/customer-world';
import { hasTrait } from './exemplars';
import { billingMode, itemOf, liveThrough, noPlan, subscriptionOf, within } from './plan-parts';
import { listChangedAt, listPrice } from './price-list';

const meteredProducts = ['API-INPUT', 'API-OUTPUT', 'API-IMAGE'] as const;

/** A failed payment is made good: the key works again once it is. */
const paying: PayingHabit = {
  method: 'card',
  failure: 0.03,
  recovery: 1,
  daysToPay: 0,
  refund: 0.012,
  dispute: 0.003,
};

/** Pay-as-you-go on three meters, in arrears, some of it prepaid. */
export function planApi(customer: Customer, ctx: WorldContext): BillingPlan {
  if (customer.internal) {
    ctx.noteLookAlike('L29', customer.organizationId);
    return noPlan(paying);
  }
  const { key } = customer;
  const prepaid = ctx.random('plan', key, 'prepaid').chance(0.12) && ctx.options.lookAlikes;
  const plan = noPlan(prepaid ? { ...paying, failure: 0 } : paying);
  const subscription = startApi(customer, ctx);
  plan.subscriptions.push(subscription);
  liveApi(subscription, customer, ctx);
  if (prepaid) topUp(customer, plan, ctx);
  const gift = promotionalGrant(customer, ctx);
  if (gift !== null) plan.grants.push(gift);
  return plan;
}

function startApi(customer: Customer, ctx: WorldContext): SubscriptionPlan {
  const key = `${customer.key}/api/1`;
  const random = ctx.random('plan', key);
  const mode = billingMode(customer.arrivedAt, random);
  const withImages = random.chance(0.35);
  const codes = withImages ? meteredProducts : meteredProducts.slice(0, 2);
  const workspace = customer.workspaces[0] ?? customer.organizationId;
  const priceOf = (code: ProductCode): Price =>
    listPrice(code, customer.currency, 'month', customer.arrivedAt);
  const subscription = subscriptionOf(customer, {
    ...{ key, at: customer.arrivedAt, mode, workspace, trialDays: 0 },
    items: (sub) => codes.map((code) => itemOf(sub, priceOf(code), null, null)),
  });
  ctx.noteLookAlike('L37', subscription.id);
  if (subscription.items.some(({ price }) => !price.active) && ctx.options.now >= listChangedAt)
    ctx.noteLookAlike('L19', subscription.id);
  return subscription;
}

/** Leaves at a period's end only, so that all its usage is on an invoice of a whole period. */
function liveApi(subscription: SubscriptionPlan, customer: Customer, ctx: WorldContext): void {
  const mover = ctx.random('plan', subscription.key, 'new list');
  const moves =
    mover.chance(0.7) &&
    ctx.options.lookAlikes &&
    subscription.mode === 'flexible' &&
    subscription.createdAt < listChangedAt;
  const movesAt = listChangedAt + mover.int(3 * DAY, 60 * DAY);
  liveThrough(subscription, ctx.options.now, (month) => {
    const random = ctx.random('plan', subscription.key, 'month', month.k);
    const at = within(random, month);
    const leaves = random.chance(0.012) && !hasTrait(customer, 'creditExpires');
    const moved = moves && movesAt >= month.from && movesAt < month.to;
    const changes = moved ? movePrices(subscription, customer, movesAt) : [];
    if (moved && movesAt <= ctx.options.now) ctx.noteLookAlike('L38', subscription.id);
    if (leaves) changes.push({ at, kind: 'cancel', atPeriodEnd: true });
    return { changes: changes.sort((a, b) => a.at - b.at), ended: leaves };
  });
}

/** To the new list in mid-period: flexible mode bills both legs (CONTROLS US-02, L38). */
const movePrices = (
  subscription: SubscriptionPlan,
  customer: Customer,
  at: Instant,
): PlanChange[] =>
  subscription.items.map((item) => ({
    at,
    kind: 'price',
    itemKey: item.key,
    price: listPrice(item.price.product, customer.currency, 'month', listChangedAt),
    proration: 'none',
  }));

const topUpUnits = [20, 50, 100, 250, 500] as const;

/** Buys credit now and then; each purchase gives a grant that lasts a year (L50). */
function topUp(customer: Customer, plan: BillingPlan, ctx: WorldContext): void {
  const units = ctx.random('plan', customer.key, 'top-up').pick(topUpUnits);
  const scaled = customer.currency === 'JPY' ? units * 150 : units;
  const amount = major(scaled, customer.currency);
  for (let k = 0; ; k += 1) {
    const from = addMonthsToInstant(customer.arrivedAt, k);
    if (from >= ctx.options.now) return;
    const random = ctx.random('plan', customer.key, 'top-up', k);
    const at = within(random, { from, to: addMonthsToInstant(customer.arrivedAt, k + 1) });
    if (!random.chance(k === 0 ? 1 : 0.3) || at > ctx.options.now) continue;
    if (hasLeftBy(plan, at)) return;
    const charge = topUpCharge(customer, `${customer.key}/top-up/${String(k)}`, at, amount);
    const grant = grantOf(charge.key, 'paid', customer.currency, amount, at, 12);
    plan.oneOffs.push(charge);
    plan.grants.push({ ...grant, boughtBy: charge.key });
    ctx.noteLookAlike('L50', grant.id);
  }
}

const hasLeftBy = ({ subscriptions }: BillingPlan, at: Instant): boolean =>
  subscriptions.some(({ changes }) => changes.some((c) => c.kind === 'cancel' && c.at <= at));

const topUpCharge = (
  customer: Customer,
  key: string,
  at: Instant,
  amount: bigint,
): OneOffCharge => ({
  ...{ key, product: 'CREDIT-TOPUP', description: 'Prepaid API credit', at },
  ...{ currency: customer.currency, unit: amount, quantity: 1n },
  ...{ periodStart: at, periodEnd: at, subscriptionKey: null },
  ...{ collection: 'charge_automatically', daysUntilDue: null, orderLineKey: null },
  metadata: { product: 'CREDIT-TOPUP', organization_id: customer.organizationId },
});

const grantOf = (
  key: string,
  category: GrantPlan['category'],
  currency: string,
  amount: bigint,
  at: Instant,
  months: number,
): GrantPlan => ({
  key: `${key}/grant`,
  id: stripeId('credgr', key),
  ...{ category, currency, amount },
  effectiveAt: at,
  expiresAt: addMonthsToInstant(at, months),
  boughtBy: null,
});

/** Credit to begin with, for three months (L40). */
function promotionalGrant(customer: Customer, ctx: WorldContext): GrantPlan | null {
  const random = ctx.random('plan', customer.key, 'gift');
  const isExemplary = hasTrait(customer, 'creditExpires');
  const units = isExemplary ? 1_500 : random.pick([5, 10, 25, 50]);
  const at = customer.arrivedAt + random.int(60, 3_600);
  const isGiven = random.chance(0.1) || isExemplary;
  if (!isGiven || !ctx.options.lookAlikes || at > ctx.options.now) return null;
  const scaled = customer.currency === 'JPY' ? units * 150 : units;
  const amount = major(scaled, customer.currency);
  const grant = grantOf(`${customer.key}/gift`, 'promotional', customer.currency, amount, at, 3);
  ctx.noteLookAlike('L40', grant.id);
  return grant;
}
