import { amountIn } from '../../kit/amount-in';
import { addDays, addMonths } from '../../kit/instants';
import type { Invoice } from '../../truth/billing';
import { entities } from '../../truth/company';
import type { SubscriptionPlan } from '../../truth/plan';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { legacyId, monthsOfPlan } from '../cut-over';

/** High loads 12,340 too little (of yen and forints a hundred times as many), low one step. */
const loadedShort: Injection = {
  id: 'A110',
  title: 'A receivable was migrated short',
  stage: 'billing',
  candidates: ({ customer, cutover }) =>
    cutover.loaded
      .filter(({ amount, currency }) => amount > amountIn(currency, 12_340n))
      .map(({ legacyInvoiceId }) => ({ key: legacyInvoiceId, at: customer.arrivedAt })),
  apply: ({ customer, cutover }, { key }, magnitude) => {
    const loaded = cutover.loaded.find(({ legacyInvoiceId }) => legacyInvoiceId === key);
    if (loaded === undefined) return [];
    const { currency } = loaded;
    const amount = magnitude === 'high' ? amountIn(currency, 12_340n) : 10n;
    loaded.amount -= amount;
    const total = `${customer.entity}/open_ar/${currency}`;
    return [{ control: 'CO-01', code: 'CO01-AMOUNT', key: total, impact: { amount, currency } }];
  },
};

interface CameOver {
  subscription: SubscriptionPlan;
  /** The first invoice of the new system, for the period in which it took over. */
  first: Invoice;
}

const cameOver = ({ plan, billing, cutover }: CustomerWorld): CameOver[] =>
  cutover.billed.length === 0
    ? []
    : plan.subscriptions.flatMap((subscription) => {
        const first = billing.invoices.find(({ subscriptionKey, finalizedAt, status, lines }) => {
          const isOf = subscriptionKey === subscription.key && finalizedAt !== null;
          const begins = lines.some((line) => line.periodStart === subscription.startAt);
          return isOf && begins && status !== 'void';
        });
        const isBilled = first !== undefined && first.totals.amountDue > 0n;
        return isBilled ? [{ subscription, first }] : [];
      });

/** High bills the whole of the first new period again, low a week of it. */
const billedByBoth: Injection = {
  id: 'A111',
  title: 'The old system and the new bill the same period',
  stage: 'billing',
  candidates: (world) =>
    cameOver(world).map(({ first }) => ({ key: first.id, at: first.finalizedAt ?? 0 })),
  apply: (world, { key }, magnitude) => {
    const of = cameOver(world).find(({ first }) => first.id === key);
    if (of === undefined) return [];
    const { customer, cutover } = world;
    const { currency, totals } = of.first;
    const start = entities[customer.entity].zone.dayOf(of.subscription.startAt);
    const isHigh = magnitude === 'high';
    const amount = isHigh ? totals.amountDue : totals.amountDue / 4n;
    const end = isHigh ? addMonths(start, monthsOfPlan(of.subscription)) : addDays(start, 7);
    cutover.billed.push({
      ...{ id: legacyId(customer, 'again'), currency, periodStart: start, periodEnd: end },
      ...{ issuedOn: start, amount, open: 0n },
    });
    return [{ control: 'CO-01', code: 'CO01-DOUBLE_BILL', key, impact: { amount, currency } }];
  },
};

/** What goes wrong when a company moves from one billing system to another (CO-01). */
export const cutoverInjections: readonly Injection[] = [loadedShort, billedByBoth];
