import type { Minor } from '../kit/units';
import type { ProductCode } from '../truth/catalog';
import { DAYS_A_YEAR, pricesIn, thousands } from './price-book';

/** The sales-led products, which are in the price book. */
export const priceBookProducts: readonly ProductCode[] = [
  'ENT-SEAT',
  'ENT-PLATFORM',
  'API-INPUT',
  'API-OUTPUT',
  'API-IMAGE',
  'API-COMMIT',
  'ONBOARDING',
];

/** What the price book says of a product for a year; usage is quoted by its rate. */
export function listPriceIn(currency: string, product: ProductCode): Minor {
  if (product === 'ENT-SEAT') return pricesIn(currency).seatDay * DAYS_A_YEAR;
  if (product === 'ENT-PLATFORM') return thousands(currency, 24n);
  if (product === 'API-COMMIT') return thousands(currency, 60n);
  return product === 'ONBOARDING' ? thousands(currency, 6n) : 0n;
}
