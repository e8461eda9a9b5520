import type Stripe from 'stripe';
import { addMonthsToInstant } from '../../kit/instants';
import { stripeId } from '../../kit/ids';
import type { CouponPlan } from '../../truth/plan';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

export function renderCoupon(coupon: CouponPlan, rendering: Rendering): Wire<Stripe.Coupon> {
  const { currency } = rendering.world.customer;
  const { amount, percent } = coupon;
  return {
    id: coupon.id,
    object: 'coupon',
    amount_off: amount === null ? null : rendering.amount(amount, currency),
    created: coupon.createdAt,
    currency: amount === null ? null : currency.toLowerCase(),
    duration: coupon.duration,
    duration_in_months: coupon.months,
    livemode: true,
    max_redemptions: null,
    metadata: {},
    name: coupon.name,
    percent_off: percent === null ? null : Number(percent) / 10_000,
    redeem_by: null,
    times_redeemed: 1,
    valid: true,
  };
}

export const promotionCodeId = (code: string): string => stripeId('promo', code);

export function renderPromotionCode(coupon: CouponPlan, code: string): Wire<Stripe.PromotionCode> {
  return {
    id: promotionCodeId(code),
    object: 'promotion_code',
    active: true,
    code,
    created: coupon.createdAt,
    customer: null,
    customer_account: null,
    expires_at: null,
    livemode: true,
    max_redemptions: null,
    metadata: {},
    promotion: { coupon: coupon.id, type: 'coupon' },
    restrictions: {
      first_time_transaction: false,
      minimum_amount: null,
      minimum_amount_currency: null,
    },
    times_redeemed: 1,
  };
}

/** A coupon as it lies on a subscription, or on an invoice that has none. */
export function renderDiscount(
  coupon: CouponPlan,
  on: { id: string; subscription: string | null; invoice: string | null; start: number },
  rendering: Rendering,
): Wire<Stripe.Discount> {
  const { duration, months, promotionCode } = coupon;
  const ends = duration === 'repeating' && months !== null;
  return {
    id: on.id,
    object: 'discount',
    checkout_session: null,
    customer: rendering.customerId,
    customer_account: null,
    end: ends ? addMonthsToInstant(on.start, months) : null,
    invoice: on.invoice,
    invoice_item: null,
    promotion_code: promotionCode === null ? null : promotionCodeId(promotionCode),
    source: { coupon: coupon.id, type: 'coupon' },
    start: on.start,
    subscription: on.subscription,
    subscription_item: null,
  };
}
