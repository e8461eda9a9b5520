import { instantOf, type Instant } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import { rateOf } from '../kit/units';
import type { MeterKey, Price, ProductCode } from '../truth/catalog';
import type { Customer } from '../truth/company';
import type { BillingPlan, ItemPlan, OneOffCharge, SubscriptionPlan } from '../truth/plan';
import type { Usage, UsageHour } from '../truth/usage';
import type { WorldContext } from '../world/customer-world';

/** Small plans by hand, for specs: each says only what matters to it. */
export const samplePlan = (rest: Partial<BillingPlan>): BillingPlan => ({
  ...{ subscriptions: [], oneOffs: [], grants: [], coupons: [] },
  paying: { method: 'card', failure: 0, recovery: 1, daysToPay: 30, refund: 0, dispute: 0 },
  ...rest,
});

export const sampleCustomer = (rest: Partial<Customer> = {}): Customer => ({
  ...{ n: 1, key: 'C000001', segment: 'self_serve', entity: 'ni-ie', name: 'Ada Byrne' },
  ...{ email: 'ada@example.com', country: 'IE', region: null, currency: 'EUR' },
  ...{ taxStatus: 'none', taxRate: 0n, arrivedAt: instantOf('2026-01-01T00:00:00Z') },
  ...{ internal: false, stripeId: 'cus_1', accountId: null, organizationId: 'org_1' },
  workspaces: ['main'],
  ...rest,
});

export const sampleContext = (
  now: string,
  rest: Partial<WorldContext['options']> = {},
): WorldContext & { noted: string[] } => {
  const noted: string[] = [];
  const context: WorldContext = {
    options: { seed: 'spec', scale: 1, now: instantOf(now), lookAlikes: false, ...rest },
    random: (...key) => KeyedRandom.of('spec', ...key),
    noteLookAlike: (id, key) => {
      noted.push(`${id} ${key}`);
    },
  };
  return { ...context, noted };
};

/** A price per unit and interval, in minor units. */
export const samplePrice = (
  minorUnits: string,
  rest: Partial<Price> & { product?: ProductCode } = {},
): Price => ({
  ...{ id: `price_${minorUnits}`, product: 'TEAM', currency: 'EUR', unit: rateOf(minorUnits) },
  ...{ tiers: null, tiersMode: null, interval: { unit: 'month', count: 1 }, usage: 'licensed' },
  ...{ meter: null, published: true, active: true, createdAt: 0, metadata: {} },
  ...rest,
});

export const meteredPrice = (minorUnits: string, rest: Partial<Price> = {}): Price =>
  samplePrice(minorUnits, {
    ...{ product: 'API-INPUT', usage: 'metered', meter: 'input_tokens' },
    ...rest,
  });

export const sampleItem = (price: Price, rest: Partial<ItemPlan> = {}): ItemPlan => ({
  ...{ key: 'item', id: 'si_1', price, quantity: price.usage === 'metered' ? null : 1n },
  ...{ orderLineKey: null, workspace: null, from: null, to: null },
  ...rest,
});

export const sampleSubscription = (
  start: string,
  items: ItemPlan[],
  rest: Partial<SubscriptionPlan> = {},
): SubscriptionPlan => {
  const at = instantOf(start);
  return {
    ...{ key: 'sub', id: 'sub_1', scheduleId: null, createdAt: at, startAt: at, anchorAt: at },
    ...{ trialEndAt: null, mode: 'flexible', collection: 'charge_automatically' },
    ...{ daysUntilDue: null, items, changes: [], couponKey: null, endsAt: null, orderKeys: [] },
    metadata: {},
    ...rest,
  };
};

export const sampleCharge = (at: string, rest: Partial<OneOffCharge> = {}): OneOffCharge => {
  const start = instantOf(at);
  return {
    ...{ key: 'charge', product: 'ONBOARDING', description: 'Onboarding', at: start },
    ...{ currency: 'EUR', unit: 500_000n, quantity: 1n, periodStart: start, periodEnd: start },
    ...{ subscriptionKey: null, collection: 'charge_automatically', daysUntilDue: null },
    ...{ orderLineKey: null, metadata: {} },
    ...rest,
  };
};

/** Usage of single instants, all of which the meters took. */
export const sampleUsage = (
  events: readonly (readonly [string, number])[] = [],
  meter: MeterKey = 'input_tokens',
): Usage => {
  const metered = events.map(([text, quantity]): UsageHour => {
    const at: Instant = instantOf(text);
    const hour = at - (at % 3_600);
    return { meter, hour, firstAt: at, lastAt: at, quantity, events: 1, ingestedAt: at };
  });
  return { store: metered, metered, errors: [], seats: [], batches: [] };
};
