import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  instantOf,
  openStripe,
  optionalAmountOf,
  optionalCurrencyOf,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

const durations = new Set(['forever', 'once', 'repeating'] as const);

export const mapCoupon: ObjectMapping<StripeContext> = {
  object: 'coupon',
  tables: ['coupons'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'coupon');
    if (reader.optionalBoolean('deleted') === true) return {};
    const currency = optionalCurrencyOf(reader);
    if (!currency && reader.holds('amount_off'))
      throw reader.problem('currency', 'missing_field', 'is null beside an amount.');
    const coupon = {
      coupon_id: raw.objectId,
      entity_id: context.entityId,
      name: reader.optionalText('name'),
      percent_off: reader.optionalDecimal('percent_off'),
      amount_off: currency && optionalAmountOf(reader, 'amount_off', currency),
      currency: currency?.code ?? null,
      duration: reader.oneOf('duration', durations),
      duration_in_months: reader.optionalInteger('duration_in_months'),
      redeem_by_at: optionalInstant(reader, 'redeem_by'),
      max_redemptions: reader.optionalInteger('max_redemptions'),
      times_redeemed: reader.optionalInteger('times_redeemed'),
      is_valid: reader.boolean('valid'),
      created_at: instantOf(reader, 'created'),
    };
    return { coupons: [coupon] };
  },
};
