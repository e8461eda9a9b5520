import { minorDigits } from '../../core/money';

/** Amounts of the sandbox: whole minor units by ISO 4217 (USD cents, JPY yen, KWD fils). */
export type Minor = bigint;

/** A price of one unit: minor units × 10^12, so that Stripe's 12 decimal places are whole. */
export type Rate = bigint;

export const RATE_SCALE = 1_000_000_000_000n;

/** '0.25' minor units as a rate; at most 12 places. */
export function rateOf(minorUnits: string): Rate {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(minorUnits);
  if (!match) throw new RangeError(`'${minorUnits}' is not a rate`);
  const [, sign = '', whole = '', places = ''] = match;
  const rate = BigInt(whole) * RATE_SCALE + BigInt(places.padEnd(12, '0'));
  return sign === '-' ? -rate : rate;
}

/** A rate as Stripe writes unit_amount_decimal: minor units, no trailing zeros. */
export function rateText(rate: Rate): string {
  const sign = rate < 0n ? '-' : '';
  const size = rate < 0n ? -rate : rate;
  const places = String(size % RATE_SCALE)
    .padStart(12, '0')
    .replace(/0+$/, '');
  return `${sign}${String(size / RATE_SCALE)}${places === '' ? '' : `.${places}`}`;
}

/** numerator / denominator, rounded half away from zero; the denominator is positive. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('the denominator must be positive');
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/** rate × quantity in minor units, rounded once (CONTROLS US-02). */
export const priceOf = (rate: Rate, quantity: bigint): Minor =>
  divideHalfUp(rate * quantity, RATE_SCALE);

/** A share of an amount, in millionths: 82_500n is 8.25 %. */
export const shareOf = (amount: Minor, millionths: bigint): Minor =>
  divideHalfUp(amount * millionths, 1_000_000n);

export const sumOf = (amounts: readonly Minor[]): Minor => amounts.reduce((a, b) => a + b, 0n);

/** Major units as text: 123456n USD is '1234.56', 1200n JPY is '1200'. */
export function majorText(amount: Minor, currency: string): string {
  const digits = minorDigits(currency);
  const sign = amount < 0n ? '-' : '';
  const size = String(amount < 0n ? -amount : amount);
  if (digits === 0) return sign + size;
  const text = size.padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Whole major units as an amount: (20, 'USD') is 2000n. */
export const major = (units: number, currency: string): Minor =>
  BigInt(units) * 10n ** BigInt(minorDigits(currency));

/** ISK and UGX stand on Stripe's wire in hundredths though ISO gives them none (CONTROLS S1). */
const wireHundredths = new Set(['ISK', 'UGX']);

/** An amount as the Stripe API writes it; exact below 2^53, else RangeError. */
export function wireAmount(amount: Minor, currency: string): number {
  const wire = wireHundredths.has(currency) ? amount * 100n : amount;
  const value = Number(wire);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${String(wire)} does not fit the wire`);
  return value;
}
