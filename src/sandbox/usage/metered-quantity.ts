import type { Instant } from '../kit/instants';
import type { MeterKey } from '../truth/catalog';
import type { Usage, UsageHour } from '../truth/usage';

/** Units of a meter in [from, to), an hour counting where its first event lies (CONTROLS S24). */
export function meteredQuantity(
  { metered }: Pick<Usage, 'metered'>,
  meter: MeterKey,
  from: Instant,
  to: Instant,
): bigint {
  let sum = 0;
  for (let i = firstAtOrAfter(metered, meter, from); i < metered.length; i += 1) {
    const hour = metered[i];
    if (hour?.meter !== meter || hour.firstAt >= to) break;
    sum += hour.quantity;
  }
  return BigInt(sum);
}

/** Index of the first hour of the meter or a later one, by halving. */
function firstAtOrAfter(hours: readonly UsageHour[], meter: MeterKey, from: Instant): number {
  let [low, high] = [0, hours.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const hour = hours[middle];
    const before =
      hour !== undefined && (hour.meter < meter || (hour.meter === meter && hour.firstAt < from));
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}
