import { RATE_SCALE, type Minor, type Rate } from '../kit/units';
import type { Price } from '../truth/catalog';
import { roundForStripe } from './stripe-rounding';

/**
 * What a quantity costs at a price, rounded once per line, half away from zero (CONTROLS US-02).
 * Throws RangeError for a price with neither a unit nor tiers that reach the quantity.
 */
export function ratePrice(price: Price, quantity: bigint): Minor {
  return roundForStripe(exactly(price, quantity), RATE_SCALE, price.currency);
}

function exactly(price: Price, units: bigint): Rate {
  const quantity = packagesOf(price, units);
  if (price.unit !== null) return price.unit * quantity;
  return price.tiersMode === 'volume' ? byVolume(price, quantity) : graduated(price, quantity);
}

/** Stripe's transform_quantity: packages begun, or packages full (L37). */
function packagesOf({ transform }: Price, units: bigint): bigint {
  if (transform === undefined) return units;
  const { divideBy, round } = transform;
  return round === 'up' ? (units + divideBy - 1n) / divideBy : units / divideBy;
}

/** Each unit at the rate of the tier it falls in. */
function graduated(price: Price, quantity: bigint): Rate {
  let [sum, below] = [0n, 0n];
  for (const tier of price.tiers ?? []) {
    if (quantity <= below) return sum;
    const top = tier.upTo === null || tier.upTo > quantity ? quantity : tier.upTo;
    sum += tier.unit * (top - below);
    below = top;
  }
  if (quantity > below) throw new RangeError(`${price.id} has no tier for ${String(quantity)}`);
  return sum;
}

/** All units at the rate of the tier that holds the last one. */
function byVolume(price: Price, quantity: bigint): Rate {
  const tier = price.tiers?.find(({ upTo }) => upTo === null || quantity <= upTo);
  if (tier === undefined) throw new RangeError(`${price.id} has no tier for ${String(quantity)}`);
  return tier.unit * quantity;
}
