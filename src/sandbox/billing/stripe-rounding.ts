import { minorDigits } from '../../core/money';
import { divideHalfUp, type Minor } from '../kit/units';

/**
 * The smallest step of an amount that Stripe takes: three-decimal currencies end in 0
 * (CONTROLS S1), all others go by one minor unit of ISO 4217.
 */
export const grainOf = (currency: string): Minor => (minorDigits(currency) === 3 ? 10n : 1n);

/** numerator / denominator minor units, rounded half away from zero to what Stripe takes. */
export function roundForStripe(numerator: bigint, denominator: bigint, currency: string): Minor {
  const grain = grainOf(currency);
  return divideHalfUp(numerator, denominator * grain) * grain;
}

/** A share of an amount, in millionths. */
export const shareForStripe = (amount: Minor, millionths: bigint, currency: string): Minor =>
  roundForStripe(amount * millionths, 1_000_000n, currency);

/** Least amount that Stripe charges, in minor units (docs.stripe.com/currencies). */
const leastCharges: Readonly<Record<string, Minor>> = {
  USD: 50n,
  EUR: 50n,
  GBP: 30n,
  JPY: 50n,
  HUF: 17_500n,
};

/** Zero where Stripe names no least amount. */
export const leastChargeOf = (currency: string): Minor => leastCharges[currency] ?? 0n;
