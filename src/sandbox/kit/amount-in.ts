import { minorDigits } from '../../core/money';
import type { Minor } from './units';

/** Yen and forints are worth a hundredth of a euro or dollar, and ISK too: so many more of them. */
const smallUnits = new Set(['JPY', 'HUF', 'ISK']);

/** Dollars or euros as an amount of about that worth in a currency, in minor units. */
export const amountIn = (currency: string, units: bigint): Minor =>
  units * (smallUnits.has(currency) ? 100n : 1n) * 10n ** BigInt(minorDigits(currency));
