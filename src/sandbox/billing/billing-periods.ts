import { addMonthsToInstant, type Instant } from '../kit/instants';
import type { Price } from '../truth/catalog';

/** Months of one interval of a recurring price. Throws RangeError for a price charged once. */
export function monthsOf(price: Price): number {
  if (price.interval === null) throw new RangeError(`${price.id} does not recur`);
  return price.interval.count * (price.interval.unit === 'year' ? 12 : 1);
}

/** The interval of the anchor's rhythm that holds an instant: half-open. */
export interface Interval {
  start: Instant;
  end: Instant;
}

const secondsPerMonth = 2_629_746;

/** Each boundary counts from the anchor itself, so the 31st comes back after a February. */
export function intervalAt(anchor: Instant, months: number, at: Instant): Interval {
  let n = Math.floor((at - anchor) / (secondsPerMonth * months)) - 1;
  while (addMonthsToInstant(anchor, (n + 1) * months) <= at) n += 1;
  return {
    start: addMonthsToInstant(anchor, n * months),
    end: addMonthsToInstant(anchor, (n + 1) * months),
  };
}
