import { amountIn } from '../kit/amount-in';
import { addDays, addMonths, instantOf, type Day, type Instant } from '../kit/instants';
import { RATE_SCALE, type Minor } from '../kit/units';
import { entities, type Customer } from '../truth/company';
import type { Cutover, LegacyInvoice } from '../truth/cutover';
import type { BillingPlan, SubscriptionPlan } from '../truth/plan';
import type { WorldContext } from '../world/customer-world';
import { historyStart } from './segments';

/** Who came before is a customer of the old system; whoever comes later never was. */
const cutOverUntil: Instant = instantOf('2024-08-01T00:00:00Z');

/** Of subscriptions that came over, how many owed the old system their last period. */
const openShare = 0.25;

/**
 * The last invoices of the old system: of each subscription that came over, for the period that
 * ends as the new one begins; of accounts, for services of the quarter before. All that was open is
 * loaded, to the cent.
 */
export function cutOver(customer: Customer, plan: BillingPlan, ctx: WorldContext): Cutover {
  if (customer.arrivedAt >= cutOverUntil || customer.internal) return { billed: [], loaded: [] };
  const billed =
    customer.segment === 'sales_led'
      ? [servicesOf(customer, ctx)]
      : plan.subscriptions
          .filter(({ startAt }) => startAt >= historyStart && startAt < cutOverUntil)
          .map((subscription, i) => lastOf(customer, subscription, i + 1, ctx));
  const loaded = billed
    .filter(({ open }) => open > 0n)
    .map(({ id, currency, open }) => ({
      ...{ legacyInvoiceId: id, currency, amount: open, loadedAt: customer.arrivedAt },
    }));
  return { billed, loaded };
}

export const legacyId = ({ key }: Customer, nth: number | string): string =>
  `OLD-${key.slice(1)}-${String(nth)}`;

/** Months that one period of a subscription lasts. */
export const monthsOfPlan = ({ items }: SubscriptionPlan): number =>
  items[0]?.price.interval?.unit === 'year' ? 12 : 1;

function lastOf(
  customer: Customer,
  subscription: SubscriptionPlan,
  nth: number,
  ctx: WorldContext,
): LegacyInvoice {
  const random = ctx.random('cut-over', subscription.key);
  const periodEnd = bookDay(customer, subscription.startAt);
  const amount = amountOf(subscription) ?? amountIn(customer.currency, BigInt(random.int(5, 400)));
  return {
    ...{ id: legacyId(customer, nth), currency: customer.currency, periodEnd, amount },
    periodStart: addMonths(periodEnd, -monthsOfPlan(subscription)),
    issuedOn: addDays(periodEnd, -random.int(1, 10)),
    open: random.chance(openShare) ? amount : 0n,
  };
}

/** What a period costs at the prices of today; null where usage decides. */
function amountOf({ items }: SubscriptionPlan): Minor | null {
  let amount = 0n;
  for (const { price, quantity } of items) {
    if (price.unit === null || quantity === null) return null;
    amount += (price.unit * quantity) / RATE_SCALE;
  }
  return amount;
}

function servicesOf(customer: Customer, ctx: WorldContext): LegacyInvoice {
  const random = ctx.random('cut-over', customer.key);
  const periodEnd = bookDay(customer, historyStart);
  const amount = amountIn(customer.currency, BigInt(random.int(15_000, 90_000)));
  return {
    ...{ id: legacyId(customer, 1), currency: customer.currency, periodEnd, amount, open: amount },
    ...{ periodStart: addMonths(periodEnd, -3), issuedOn: addDays(periodEnd, -random.int(1, 20)) },
  };
}

const bookDay = ({ entity }: Customer, at: Instant): Day => entities[entity].zone.dayOf(at);
