import { instantOf } from '../kit/instants';
import type { CouponPlan } from '../truth/plan';

const promotion = (
  code: string,
  name: string,
  percent: bigint,
  months: number | null,
): CouponPlan => ({
  key: `promotion/${code}`,
  id: code.toLowerCase(),
  name,
  percent,
  amount: null,
  duration: months === null ? 'once' : 'repeating',
  months,
  promotionCode: code,
  createdAt: instantOf('2024-06-20T17:00:00Z'),
});

/** Coupons behind public promotion codes, the same in both Stripe accounts (L11). */
export const promotions = {
  welcome: promotion('WELCOME20', '20 % off the first invoice', 200_000n, null),
  spring: promotion('SPRING25', '25 % off for three months', 250_000n, 3),
  third: promotion('THIRDOFF', 'A third off for three months', 333_300n, 3),
  friends: promotion('FRIENDS', 'First month free', 1_000_000n, null),
} as const satisfies Readonly<Record<string, CouponPlan>>;
