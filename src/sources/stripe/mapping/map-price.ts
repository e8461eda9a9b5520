import type { BooksRow, Cell, JsonText, MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import { stripeCurrency, type StripeCurrency } from './stripe-currency';
import {
  currencyOf,
  instantOf,
  linkIn,
  metadataText,
  openStripe,
  optionalInstant,
  unitAmountOf,
  type StripeContext,
} from './stripe-values';

const schemes = new Set(['per_unit', 'tiered'] as const);
const tierModes = new Set(['graduated', 'volume'] as const);
const types = new Set(['one_time', 'recurring'] as const);
const intervals = new Set(['day', 'week', 'month', 'year'] as const);
const usages = new Set(['licensed', 'metered'] as const);
const taxBehaviors = new Set(['exclusive', 'inclusive', 'unspecified'] as const);
const roundings = new Set(['down', 'up'] as const);

/** A price with its tiers, which must have been expanded: a tiered price without them has none. */
export const mapPrice: ObjectMapping<StripeContext> = {
  object: 'price',
  tables: ['prices'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'price');
    if (reader.optionalBoolean('deleted') === true) return {};
    const currency = currencyOf(reader);
    const price = {
      price_id: raw.objectId,
      entity_id: context.entityId,
      product_id: reader.id('product'),
      currency: currency.code,
      price_type: reader.oneOf('type', types),
      ...amounts(reader, currency),
      ...recurrence(reader),
      currency_options: options(reader),
      tax_behavior: reader.optionalOneOf('tax_behavior', taxBehaviors),
      lookup_key: reader.optionalText('lookup_key'),
      nickname: reader.optionalText('nickname'),
      price_list: metadataText(reader, 'price_list'),
      is_active: reader.boolean('active'),
      is_deleted: false,
      order_line_id: linkIn(reader, 'order_item_id', context),
      created_at: instantOf(reader, 'created'),
      modified_at: optionalInstant(reader, 'updated'),
    };
    return { prices: [price] };
  },
};

function amounts(reader: PayloadReader, currency: StripeCurrency): BooksRow {
  const scheme = reader.oneOf('billing_scheme', schemes);
  const tiers = reader.optionalObjects('tiers');
  if (scheme === 'tiered' && tiers === null)
    throw reader.problem('tiers', 'missing_field', 'were not expanded.');
  const transform = reader.optionalObject('transform_quantity');
  return {
    unit_amount: unitAmountOf(reader, 'unit_amount_decimal', currency),
    scheme,
    tiers_mode: reader.optionalOneOf('tiers_mode', tierModes),
    tiers: tiers && { json: tiers.map((tier) => tierOf(tier, currency)) },
    transform_divide_by: transform?.integer('divide_by') ?? null,
    transform_round: transform?.oneOf('round', roundings) ?? null,
  };
}

/** In major units; the last tier reaches to null. */
function tierOf(tier: PayloadReader, currency: StripeCurrency): JsonText {
  return {
    up_to: tier.optionalInteger('up_to'),
    unit_amount: unitAmountOf(tier, 'unit_amount_decimal', currency),
    flat_amount: unitAmountOf(tier, 'flat_amount_decimal', currency),
  };
}

function recurrence(reader: PayloadReader): BooksRow {
  const recurring = reader.optionalObject('recurring');
  if (!recurring) return {};
  return {
    billing_interval: recurring.oneOf('interval', intervals),
    interval_count: recurring.integer('interval_count'),
    usage_type: recurring.oneOf('usage_type', usages),
    meter_id: recurring.optionalId('meter'),
  };
}

/** Prices in other currencies, by code; present only when they were expanded. */
function options(reader: PayloadReader): Cell {
  const list = reader.optionalObject('currency_options');
  if (!list) return null;
  const json: Record<string, JsonText> = {};
  for (const code of list.names()) {
    const option = list.object(code);
    const named = stripeCurrency(code);
    if (!named) throw list.problem(code, 'unknown_currency', 'is no currency that is known.');
    json[named.code] = {
      unit_amount: unitAmountOf(option, 'unit_amount_decimal', named),
      tiers: option.optionalObjects('tiers')?.map((tier) => tierOf(tier, named)) ?? null,
    };
  }
  return { json };
}
