import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import {
  currencyOf,
  dateOf,
  instantOf,
  linkIn,
  metadataText,
  openStripe,
  optionalDate,
  optionalInstant,
  wholeList,
  type StripeContext,
} from './stripe-values';

const statuses = new Set([
  'active',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
] as const);
const methods = new Set(['charge_automatically', 'send_invoice'] as const);
const modes = new Set(['classic', 'flexible'] as const);
const pauses = new Set(['keep_as_draft', 'mark_uncollectible', 'void'] as const);

/** A subscription with all its items. */
export const mapSubscription: ObjectMapping<StripeContext> = {
  object: 'subscription',
  parts: ['items'],
  tables: ['subscriptions', 'subscription_items'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'subscription');
    const items = wholeList(reader, 'items', raw);
    const subscription = {
      subscription_id: raw.objectId,
      entity_id: context.entityId,
      currency: currencyIn(reader, items),
      ...terms(reader, context),
      ...times(reader, context),
    };
    const rows = items.map((item) =>
      itemRow(item, reader, { subscriptionId: raw.objectId, context }),
    );
    return { subscriptions: [subscription], subscription_items: rows };
  },
};

function terms(reader: PayloadReader, context: StripeContext): BooksRow {
  const pause = reader.optionalObject('pause_collection');
  return {
    customer_id: reader.id('customer'),
    status: reader.oneOf('status', statuses),
    billing_mode: reader.optionalObject('billing_mode')?.oneOf('type', modes) ?? null,
    collection_method: reader.oneOf('collection_method', methods),
    cancel_at_period_end: reader.optionalBoolean('cancel_at_period_end'),
    is_paused: pause !== null,
    pause_behavior: pause?.oneOf('behavior', pauses) ?? null,
    pause_resumes_at: pause && optionalInstant(pause, 'resumes_at'),
    days_until_due: reader.optionalInteger('days_until_due'),
    schedule_id: reader.optionalId('schedule'),
    latest_invoice_id: reader.optionalId('latest_invoice'),
    order_id: linkIn(reader, 'order_id', context),
    workspace: metadataText(reader, 'workspace'),
  };
}

function times(reader: PayloadReader, context: StripeContext): BooksRow {
  const start = instantOf(reader, 'start_date');
  const ended = optionalInstant(reader, 'ended_at');
  const cancels = optionalInstant(reader, 'cancel_at');
  return {
    created_at: instantOf(reader, 'created'),
    start_at: start,
    start_on: dateOf(start, context),
    ended_at: ended,
    ended_on: optionalDate(ended, context),
    canceled_at: optionalInstant(reader, 'canceled_at'),
    cancel_at: cancels,
    cancel_on: optionalDate(cancels, context),
    trial_start_at: optionalInstant(reader, 'trial_start'),
    trial_end_at: optionalInstant(reader, 'trial_end'),
    anchor_at: optionalInstant(reader, 'billing_cycle_anchor'),
  };
}

/** Of an old shape without a currency of its own: that of its prices, when they agree. */
function currencyIn(reader: PayloadReader, items: readonly PayloadReader[]): string {
  const prices = reader.holds('currency') ? [] : items.flatMap((item) => priceOf(item) ?? []);
  const [code, other] = new Set(prices.map((price) => currencyOf(price).code));
  return code === undefined || other !== undefined ? currencyOf(reader).code : code;
}

const priceOf = (item: PayloadReader): PayloadReader | null =>
  item.expanded('price') ?? item.expanded('plan');

/** Periods are on the items since API 2025-03-31, on the subscription before. */
function itemRow(
  item: PayloadReader,
  subscription: PayloadReader,
  { subscriptionId, context }: { subscriptionId: string; context: StripeContext },
): BooksRow {
  const period = item.has('current_period_start') ? item : subscription;
  const price = priceOf(item);
  const created = optionalInstant(item, 'created');
  return {
    subscription_item_id: item.text('id'),
    subscription_id: subscriptionId,
    entity_id: context.entityId,
    price_id: item.optionalId('price') ?? item.id('plan'),
    product_id: price?.optionalId('product') ?? null,
    quantity: item.optionalDecimal('quantity_decimal') ?? item.optionalDecimal('quantity'),
    usage_type: (price?.optionalObject('recurring') ?? price)?.optionalText('usage_type') ?? null,
    period_start_at: instantOf(period, 'current_period_start'),
    period_end_at: instantOf(period, 'current_period_end'),
    billed_until_at: optionalInstant(item, 'billed_until'),
    created_at: created,
    created_on: optionalDate(created, context),
    order_line_id: linkIn(item, 'order_item_id', context),
    workspace: metadataText(item, 'workspace'),
  };
}
