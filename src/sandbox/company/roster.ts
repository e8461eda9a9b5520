import { salesforceId, stripeId } from '../kit/ids';
import { utcDay, type Instant } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import type { Customer, Segment, WorldOptions } from '../truth/company';
import type { Person } from '../truth/sold';
import { companyName, personName } from './customer-names';
import { profileOf } from './customer-profile';
import { hasTrait } from './exemplars';
import { peopleOn } from './people';
import { segmentSizes, sizeAt } from './segments';
import { arrivesAt, nameIndex, sisterOf } from './sisters';

/** Who there is: customers that have arrived by now, and the company's own people. */
export interface Roster {
  /** Customers are numbered from 1 to this. */
  size: number;
  /** Made anew at each call. Throws RangeError for a number that nobody has. */
  customer(n: number): Customer;
  people: readonly Person[];
  /** Throws RangeError for a key that nobody has. */
  person(key: string): Person;
}

interface Arrival {
  segment: Segment;
  index: number;
  key: string;
  at: Instant;
}

/**
 * The roster of a world. A customer is a function of seed, segment and index in it: a later now
 * adds customers behind those there were, a larger scale adds others beside them (CONTROLS §5.1).
 */
export function openRoster(options: WorldOptions): Roster {
  const arrivals = arrivalsOf(options);
  const people = peopleOn(utcDay(options.now));
  const byKey = new Map(people.map((person) => [person.key, person]));
  return {
    size: arrivals.length,
    customer: (n) => {
      const arrival = arrivals[n - 1];
      if (arrival === undefined) throw new RangeError(`there is no customer ${String(n)}`);
      return customerOf(options, arrival, n);
    },
    people,
    person: (key) => {
      const person = byKey.get(key);
      if (person === undefined) throw new RangeError(`there is nobody called ${key}`);
      return person;
    },
  };
}

function arrivalsOf(options: WorldOptions): Arrival[] {
  const { scale, now, salesLed } = options;
  const arrivals: Arrival[] = [];
  for (const size of segmentSizes) {
    const count = sizeAt(size, scale, size.segment === 'sales_led' ? salesLed : 0);
    for (let index = 0; index < count; index += 1) {
      const key = `C${String(size.digit * 100_000 + index + 1)}`;
      const place = { segment: size.segment, index, key };
      const at = arrivesAt(options, size, place);
      if (at <= now) arrivals.push({ ...place, at });
    }
  }
  return arrivals.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

/** Of how many workspaces one in a segment has more than one, by design (L43). */
const secondWorkspace: Readonly<Record<Segment, number>> = {
  self_serve: 0.02,
  team: 0.05,
  api: 0,
  sales_led: 0.1,
};

/** Workspaces of our own people and tests (L29). */
const internalShare: Readonly<Record<Segment, number>> = {
  self_serve: 0.002,
  team: 0.006,
  api: 0.004,
  sales_led: 0,
};

const lowercase = '0123456789abcdefghijklmnopqrstuvwxyz';

function customerOf(options: WorldOptions, arrival: Arrival, n: number): Customer {
  const { segment, index, key, at } = arrival;
  const random = KeyedRandom.of(options.seed, 'customer', key);
  const sister = sisterOf(options, arrival);
  const profile = profileOf(segment, index, random, sister?.elsewhere);
  const internal =
    isOurs(random.chance(internalShare[segment]), arrival) && options.lookAlikes && sister === null;
  const second = random.chance(secondWorkspace[segment]) && options.lookAlikes;
  const ids = KeyedRandom.of('product id', key);
  const workspace = (): string => `ws_${ids.text(16, lowercase)}`;
  const organizationId = `org_${ids.text(16, lowercase)}`;
  const workspaces = [workspace(), workspace()].slice(0, second ? 2 : 1);
  const named =
    segment === 'self_serve'
      ? personName(index)
      : companyName(nameIndex(segment, index), profile.country);
  if (sister !== null) named.name = sister.name;
  return {
    n,
    key,
    segment,
    ...profile,
    ...(internal ? { ...named, name: `Northwind internal ${key}` } : named),
    arrivedAt: at,
    internal,
    stripeId: `cus_${stripeId('cus', key).slice(-14)}`,
    accountId: segment === 'sales_led' ? salesforceId('Account', sister?.key ?? key) : null,
    organizationId,
    workspaces,
    ...(sister === null ? {} : { sisterOf: sister.key }),
  };
}

const isOurs = (drawn: boolean, { index, key }: Arrival): boolean =>
  (drawn && index > 9) || hasTrait({ key }, 'isOurs');
