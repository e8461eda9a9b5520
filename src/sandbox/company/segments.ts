import { instantOf, type Instant } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import type { Segment } from '../truth/company';

/** History begins; the company's old system is left behind. */
export const historyStart: Instant = instantOf('2024-07-01T00:00:00Z');
/** No customer arrives later, whatever now is. */
export const horizonEnd: Instant = instantOf('2027-07-01T00:00:00Z');

const installedUntil: Instant = instantOf('2024-08-01T00:00:00Z');
const horizonMonths = 36;
const countedMonths = 24;
const monthlyGrowth = 1.03;

export interface SegmentSize {
  segment: Segment;
  /** First digit of its customers' keys. */
  digit: number;
  /** Customers that have arrived by 2026-07-01 at scale 1. */
  count: number;
  /** Share of these that came over from the old system in the first month. */
  installed: number;
  /** As many are there at any scale, and from the first month on. */
  least: number;
}

/**
 * CONTROLS §5.1. The 9,000 of self-serve are the population after 24 months that grew by 3 % each
 * while 4 % left: 4,430 at the start, and arrivals of 7 % of those there are, 15,100 in all. The
 * other segments count everybody who ever came.
 */
export const segmentSizes: readonly SegmentSize[] = [
  { segment: 'self_serve', digit: 1, count: 15_100, installed: 0.293, least: 8 },
  { segment: 'team', digit: 2, count: 900, installed: 0.5, least: 4 },
  { segment: 'api', digit: 3, count: 2_500, installed: 0.5, least: 5 },
  { segment: 'sales_led', digit: 4, count: 400, installed: 0.35, least: 11 },
];

const grownBy = (months: number): number => monthlyGrowth ** months - 1;

/** Customers over the whole horizon, from the count of its first 24 months. */
const overHorizon = ({ count, installed }: SegmentSize): number =>
  count * (installed + ((1 - installed) * grownBy(horizonMonths)) / grownBy(countedMonths));

/** How many a segment has over the whole horizon at this scale, and at least so many. */
export const sizeAt = (size: SegmentSize, scale: number, atLeast = 0): number =>
  Math.max(size.least, atLeast, Math.round(overHorizon(size) * scale));

/**
 * When the customer of this index arrives: a function of seed, segment and index alone. Given
 * their number, the arrivals of a Poisson process are independent draws from its growing rate.
 */
export function arrivalOf(seed: string, size: SegmentSize, index: number): Instant {
  const random = KeyedRandom.of(seed, 'arrival', size.segment, index);
  const installed = random.chance((size.count * size.installed) / overHorizon(size));
  if (installed || index < size.least) return random.int(historyStart + 1, installedUntil - 1);
  const months = Math.log(1 + random.share() * grownBy(horizonMonths)) / Math.log(monthlyGrowth);
  const span = horizonEnd - historyStart;
  return historyStart + 1 + Math.floor((months / horizonMonths) * (span - 1));
}
