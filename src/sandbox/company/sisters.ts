import { DAY, type Instant } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import type { Segment, WorldOptions } from '../truth/company';
import { companyName } from './customer-names';
import { profileOf, type Profile } from './customer-profile';
import { hasTrait } from './exemplars';
import { arrivalOf, type SegmentSize } from './segments';

/** Of teams and sales-led customers, how many are the second customer of another, by design. */
const sisterShare: Readonly<Partial<Record<Segment, number>>> = { team: 0.006, sales_led: 0.01 };

/** The account that the exemplary sister of the sales-led shares: the second of them. */
const sharedIndex = 1;

interface Place {
  segment: Segment;
  index: number;
  key: string;
}

/** The customer that another one is the sister of. */
export interface Sister {
  key: string;
  name: string;
  /** A country with another currency than the first customer's, served by the same entity. */
  elsewhere: string;
}

/**
 * A company that buys in two currencies is two customers in Stripe, and one account in Salesforce
 * where it has one (L43): the customer before this one, and no sister itself.
 */
export function sisterOf(options: WorldOptions, place: Place): Sister | null {
  const first = firstOf(options, place);
  if (first === null) return null;
  const { segment, key } = place;
  const firstKey = `C${String(Number(key.slice(1)) - place.index + first)}`;
  const random = KeyedRandom.of(options.seed, 'customer', firstKey);
  const profile: Profile = profileOf(segment, first, random);
  const { name } = companyName(nameIndex(segment, first), profile.country);
  return { key: firstKey, name, elsewhere: elsewhereOf(segment, profile) };
}

/** The index of the customer whose sister this one is. */
function firstOf(options: WorldOptions, { segment, index, key }: Place): number | null {
  if (!options.lookAlikes) return null;
  if (hasTrait({ key }, 'sharesAccount')) return sharedIndex;
  if (hasTrait({ key }, 'secondCurrency')) return index - 1;
  if (!isDrawn(options, segment, index, key)) return null;
  const before = `C${String(Number(key.slice(1)) - 1)}`;
  const isSister =
    hasTrait({ key: before }, 'sharesAccount') || isDrawn(options, segment, index - 1, before);
  return segment === 'sales_led' && isSister ? null : index - 1;
}

const isDrawn = ({ seed }: WorldOptions, segment: Segment, index: number, key: string): boolean =>
  index > 9 && KeyedRandom.of(seed, 'sister', key).chance(sisterShare[segment] ?? 0);

/** Teams go to Europe; an account keeps its entity, whose books its orders are in. */
function elsewhereOf(segment: Segment, { entity, currency }: Profile): string {
  if (segment !== 'sales_led' || entity === 'ni-ie') return currency === 'GBP' ? 'DE' : 'GB';
  return currency === 'JPY' ? 'US' : 'JP';
}

/** When a customer arrives; an account is there for a month before it buys in another currency. */
export function arrivesAt(options: WorldOptions, size: SegmentSize, place: Place): Instant {
  const at = arrivalOf(options.seed, size, place.index);
  const first = place.segment === 'sales_led' ? firstOf(options, place) : null;
  if (first === null) return at;
  return Math.max(at, arrivalOf(options.seed, size, first) + 30 * DAY);
}

/** Companies of all segments share one list of names: each segment counts in its own third. */
export function nameIndex(segment: Segment, index: number): number {
  const third = { self_serve: 0, api: 0, team: 1, sales_led: 2 }[segment];
  return index * 3 + third;
}
