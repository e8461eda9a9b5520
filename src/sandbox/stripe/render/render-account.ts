import type Stripe from 'stripe';
import { stripeId } from '../../kit/ids';
import { DAY, startOfUtcDay } from '../../kit/instants';
import { meters, products, type Meter } from '../../company/catalog';
import { listCurrencies, publishedPrices } from '../../company/price-list';
import type { BalanceTransaction, Payout } from '../../truth/cash';
import type { Product } from '../../truth/catalog';
import { entities, type Entity, type EntityId } from '../../truth/company';
import type { WorldOptions } from '../../truth/company';
import type { StripeRecord } from '../../world/records';
import { present, type AccountLinks } from './rendering';
import { recordBalanceTransaction, renderPayout } from './render-balance-transaction';
import { eventDays } from './render-events';
import { renderPrice } from './render-price';
import { priceFilters } from './render-stripe';
import { stripeCatalogue } from './stripe-catalogue';
import { pinnedVersion, type Wire } from './wire';

/** What belongs to an account and to no customer of it. */
export interface AccountBooks {
  payouts: readonly Payout[];
  /** Movements without a customer: payouts, what failed of them, Stripe's own fees. */
  movements: readonly BalanceTransaction[];
  links: AccountLinks;
}

/** The company opened its accounts, and listed its products, before its history begins. */
const openedAt = startOfUtcDay('2024-06-15');

export function renderAccount(entity: Entity): Wire<Stripe.Account> {
  return {
    id: entity.stripeAccount,
    object: 'account',
    business_type: 'company',
    charges_enabled: true,
    country: entity.id === 'ni-us' ? 'US' : 'IE',
    created: openedAt,
    default_currency: entity.currency.toLowerCase(),
    details_submitted: true,
    email: 'finance@northwind-intelligence.example',
    metadata: {},
    payouts_enabled: true,
    type: 'standard',
  };
}

const renderProduct = (product: Product): Wire<Stripe.Product> => ({
  id: product.stripeId,
  object: 'product',
  active: true,
  created: openedAt,
  default_price: null,
  description: null,
  images: [],
  livemode: true,
  marketing_features: [],
  metadata: { code: product.code },
  name: product.name,
  package_dimensions: null,
  shippable: null,
  statement_descriptor: null,
  tax_code: null,
  tax_details: null,
  type: 'service',
  unit_label: null,
  updated: openedAt,
  url: null,
});

const renderMeter = (meter: Meter, entity: EntityId): Wire<Stripe.Billing.Meter> => ({
  id: meter.ids[entity],
  object: 'billing.meter',
  created: meter.createdAt,
  customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' },
  default_aggregation: { formula: meter.formula },
  display_name: meter.name,
  event_name: meter.eventName,
  event_time_window: null,
  livemode: true,
  status: 'active',
  status_transitions: { deactivated_at: null },
  updated: meter.createdAt,
  value_settings: { event_payload_key: 'value' },
});

function* catalogueRecords(entity: EntityId, now: number): Generator<StripeRecord> {
  const record = (collection: string, object: { id: string }, created: number) => ({
    ...{ entity, collection, id: object.id, created, object },
  });
  for (const product of products)
    yield { ...record('products', renderProduct(product), openedAt), filters: { active: 'true' } };
  for (const meter of meters) {
    const object = renderMeter(meter, entity);
    yield {
      ...record('billing_meters', object, meter.createdAt),
      filters: { status: 'active' },
    };
  }
  const catalogue = stripeCatalogue(entity);
  for (const price of listCurrencies.flatMap(publishedPrices)) {
    if (price.createdAt > now) continue;
    const object = renderPrice(price, catalogue);
    yield { ...record('prices', object, price.createdAt), filters: priceFilters(object) };
  }
}

function payoutEvents(payout: Payout, now: number): StripeRecord[] {
  const object = renderPayout(payout);
  const waiting = { ...object, status: 'pending', failure_balance_transaction: null };
  const happened: [Stripe.Event['type'], number, typeof object][] = [
    [
      'payout.created',
      payout.createdAt,
      {
        ...waiting,
        failure_code: null,
        failure_message: null,
        reconciliation_status: 'in_progress',
      },
    ],
  ];
  const arrived = startOfUtcDay(payout.arrivalOn);
  if (payout.status === 'paid' || payout.failedAt !== null)
    happened.push([
      'payout.paid',
      Math.max(arrived, payout.createdAt),
      { ...object, status: 'paid' },
    ]);
  if (payout.failedAt !== null) happened.push(['payout.failed', payout.failedAt, object]);
  return happened
    .filter(([, at]) => at <= now && at > now - eventDays * DAY)
    .map(([type, at, then]) => {
      const event: Wire<Stripe.EventBase> = {
        id: stripeId('evt', type, payout.id, at),
        object: 'event',
        api_version: pinnedVersion,
        created: at,
        data: { object: then },
        livemode: true,
        pending_webhooks: 0,
        request: { id: null, idempotency_key: null },
        type,
      };
      const { entity } = payout;
      const filters = { type };
      return { entity, collection: 'events', id: event.id, created: at, filters, object: event };
    });
}

/** What is the account's own: catalogue, payouts and the movements that no customer caused. */
export function* renderStripeAccount(
  entity: EntityId,
  books: AccountBooks,
  { now }: Pick<WorldOptions, 'now'>,
): Generator<StripeRecord> {
  const account = renderAccount(entities[entity]);
  yield {
    ...{ entity, collection: 'accounts', id: account.id, created: openedAt, filters: {} },
    object: account,
  };
  yield* catalogueRecords(entity, now);
  for (const payout of books.payouts) {
    if (payout.entity !== entity || payout.createdAt > now) continue;
    const object = renderPayout(payout);
    const filters = present({
      status: payout.status,
      destination: typeof object.destination === 'string' ? object.destination : null,
    });
    const { id, createdAt: created } = payout;
    yield { entity, collection: 'payouts', id, created, filters, object };
    yield* payoutEvents(payout, now);
  }
  for (const movement of books.movements) {
    if (movement.entity !== entity || movement.createdAt > now) continue;
    const payout = books.links.payoutOf.get(movement.id) ?? null;
    yield recordBalanceTransaction(movement, now, payout);
  }
}
