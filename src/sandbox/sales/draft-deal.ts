import { addDays, addMonths, type Day } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import { divideHalfUp, type Minor, type Rate } from '../kit/units';
import type { MeterKey, ProductCode } from '../truth/catalog';
import type { ContractShape, OrderLine, OrderTruth } from '../truth/sold';
import {
  DAYS_A_YEAR,
  listRate,
  listSeatDay,
  listSeatMonth,
  pricesIn,
  stepUp,
  thousands,
} from './price-book';
import { discountFloor } from './sales-policy';

/** A line before it has ids: what is sold, for how much a billing period, for how many of them. */
export interface LineDraft {
  product: ProductCode;
  charge: OrderLine['charge'];
  quantity: number;
  list: Minor;
  net: Minor;
  /** Billing periods in the term, as a fraction. */
  periods: readonly [count: bigint, of: bigint];
  start: Day;
  /** Last day. */
  end: Day;
  commit: Minor | null;
  overage: Rate | null;
  segment: number | null;
  revises: string | null;
}

/** What a deal sells, before it is known whether it is won. */
export interface DealDraft {
  shape: ContractShape;
  start: Day;
  end: Day;
  termMonths: number;
  frequency: OrderTruth['billingFrequency'];
  billing: OrderTruth['billing'];
  lines: LineDraft[];
  freePeriod: boolean;
  ramp: boolean;
}

/** The weights of CONTROLS §5.1; C1 comes of amendments. */
const shapeWeights: readonly (readonly [ContractShape, number])[] = [
  ['A1', 35],
  ['A2', 15],
  ['A3', 6],
  ['M1', 10],
  ['U1', 14],
  ['U2', 5],
  ['S1', 8],
  ['B1', 4],
  ['F1', 2],
  ['Z1', 1],
];

export const drawShape = (random: KeyedRandom): ContractShape => random.weighted(shapeWeights);

/** In millionths: most within the floor, a few that need approval, one of a third (L11). */
export function drawDiscount(random: KeyedRandom): bigint {
  const [from, to] = random.weighted<readonly [number, number]>([
    [[0, 0], 35],
    [[4, 19], 42],
    [[22, 40], 14],
    [[41, 70], 5],
    [[71, 90], 2],
  ]);
  if (random.chance(0.03)) return 333_300n;
  return BigInt(random.int(from, to)) * 5_000n;
}

export type FlatContent = 'platform' | 'seats' | 'both';

interface Pricing {
  /** What a flat shape sells; drawn where null. */
  content: FlatContent | null;
  currency: string;
  discount: bigint;
  random: KeyedRandom;
  start: Day;
  /** Last day. */
  end: Day;
}

const plain = { commit: null, overage: null, segment: null, revises: null };
const MILLION = 1_000_000n;

/** A list price less the deal's discount, never cut further than the discount says. */
export const discounted = (list: Minor, { currency, discount }: Pricing): Minor =>
  list - (list - stepUp(list * (MILLION - discount), MILLION, pricesIn(currency).step));

/** In millionths of the list price; 0n where the list is 0. */
export const discountOf = (list: Minor, net: Minor): bigint =>
  list === 0n ? 0n : divideHalfUp((list - net) * MILLION, list);

type Frequency = 'Annual' | 'Quarterly' | 'Monthly';

const monthsOf: Readonly<Record<Frequency, number>> = { Annual: 12, Quarterly: 3, Monthly: 1 };

/** Seats priced by the day where billed by the year, else by the month. */
function seatLine(quantity: number, frequency: Frequency, months: number, p: Pricing): LineDraft {
  const annual = frequency === 'Annual';
  const listUnit = annual ? listSeatDay(p.currency, quantity) : listSeatMonth(p.currency, quantity);
  const units = annual ? DAYS_A_YEAR : BigInt(monthsOf[frequency]);
  return {
    ...{ product: 'ENT-SEAT', charge: 'recurring', quantity, start: p.start, end: p.end, ...plain },
    ...{ list: listUnit * units, net: discounted(listUnit, p) * units },
    periods: [BigInt(months / monthsOf[frequency]), 1n],
  };
}

/** A platform fee of so many thousands a year; a multiple of 12, so that each month is whole. */
function platformLine(
  thousandsAYear: number,
  frequency: Frequency,
  months: number,
  p: Pricing,
): LineDraft {
  const list = (thousands(p.currency, BigInt(thousandsAYear)) * BigInt(monthsOf[frequency])) / 12n;
  return {
    ...{ product: 'ENT-PLATFORM', charge: 'recurring', quantity: 1, ...plain },
    ...{ start: p.start, end: p.end, list, net: discounted(list, p) },
    periods: [BigInt(months / monthsOf[frequency]), 1n],
  };
}

const meterProducts: readonly (readonly [MeterKey, ProductCode])[] = [
  ['input_tokens', 'API-INPUT'],
  ['output_tokens', 'API-OUTPUT'],
  ['images', 'API-IMAGE'],
];

/** One line for each meter: nothing in advance, a rate for each unit, cut within the floor. */
function usageLines(p: Pricing): LineDraft[] {
  const cut = p.discount < discountFloor ? p.discount : discountFloor;
  return meterProducts.map(([meter, product]) => ({
    ...{ product, charge: 'usage', quantity: 1, start: p.start, end: p.end, ...plain },
    ...{ list: 0n, net: 0n, periods: [12n, 1n] },
    overage: (listRate(p.currency, meter) * (MILLION - cut)) / MILLION,
  }));
}

const seatCount = (random: KeyedRandom): number =>
  Math.min(400, Math.max(12, Math.round(random.logNormal(3.9, 0.7))));

const platformThousands = [24, 36, 48, 60, 96, 120] as const;

/** What the flat shapes sell: a platform, seats, or both. */
function flatLines(frequency: Frequency, p: Pricing): LineDraft[] {
  const drawn = p.random.weighted([
    ['platform', 40],
    ['seats', 40],
    ['both', 20],
  ] as const);
  const content = p.content ?? drawn;
  const lines: LineDraft[] = [];
  if (content !== 'seats')
    lines.push(platformLine(p.random.pick(platformThousands), frequency, 12, p));
  if (content !== 'platform') lines.push(seatLine(seatCount(p.random), frequency, 12, p));
  return lines;
}

/** Three years of one platform, each a segment of its own at its own price. */
function rampLines(p: Pricing): LineDraft[] {
  const size = p.random.pick([6n, 12n, 12n, 18n]);
  return [100n, 120n, 150n].map((share, i) => {
    const list = (thousands(p.currency, share) * size) / 12n;
    return {
      ...{ product: 'ENT-PLATFORM', charge: 'recurring', quantity: 1, ...plain },
      start: addMonths(p.start, 12 * i),
      end: addDays(addMonths(p.start, 12 * (i + 1)), -1),
      ...{ list, net: discounted(list, p), periods: [1n, 1n], segment: i + 1 },
    };
  });
}

/** A year's commitment paid at once, or a minimum of each month. */
function commitLine(each: 'year' | 'month', p: Pricing): LineDraft {
  const size = p.random.pick([24n, 36n, 60n, 60n, 60n, 84n, 120n]);
  const list = each === 'year' ? thousands(p.currency, size) : thousands(p.currency, size) / 12n;
  const charge = each === 'year' ? 'one_time' : 'recurring';
  return {
    ...{ product: 'API-COMMIT', charge, quantity: 1, ...plain, start: p.start, end: p.end },
    ...{ list, net: list, commit: list, periods: each === 'year' ? [1n, 1n] : [12n, 1n] },
  };
}

function onboardingLine(p: Pricing): LineDraft {
  const delivered = addDays(p.start, p.random.int(14, 40));
  const list = thousands(p.currency, BigInt(p.random.pick([6, 9, 12])));
  return {
    ...{ product: 'ONBOARDING', charge: 'one_time', quantity: 1, ...plain },
    ...{ list, net: list, periods: [1n, 1n], start: delivered, end: delivered },
  };
}

/** The same seats free for three months, then paid for nine. */
function freeThenPaid(p: Pricing): LineDraft[] {
  const paid = seatLine(seatCount(p.random), 'Monthly', 12, p);
  const from = addMonths(p.start, 3);
  return [
    { ...paid, net: 0n, periods: [3n, 1n], end: addDays(from, -1), segment: 1 },
    { ...paid, periods: [9n, 1n], start: from, segment: 2 },
  ];
}

export const pilotMonths = 6;

/** What a deal of a shape sells from a day on, at a discount. */
export function draftDeal(
  shape: Exclude<ContractShape, 'C1'>,
  start: Day,
  currency: string,
  discount: bigint,
  random: KeyedRandom,
  content: FlatContent | null = null,
): DealDraft {
  const termMonths = shape === 'M1' ? 36 : shape === 'Z1' ? pilotMonths : 12;
  const end = addDays(addMonths(start, termMonths), -1);
  const p: Pricing = {
    ...{ currency, random, start, end, content },
    discount: shape === 'Z1' ? MILLION : discount,
  };
  const draft = (
    frequency: Frequency,
    lines: LineDraft[],
    billing: DealDraft['billing'] = 'advance',
  ): DealDraft => ({
    ...{ shape, start, end, termMonths, frequency, billing, lines },
    ...{ freePeriod: shape === 'F1', ramp: shape === 'M1' },
  });
  switch (shape) {
    case 'A1':
      return draft('Annual', flatLines('Annual', p));
    case 'A2':
      return draft('Quarterly', flatLines('Quarterly', p));
    case 'A3':
      return draft('Monthly', flatLines('Monthly', p), 'arrears');
    case 'M1':
      return draft('Annual', rampLines(p));
    case 'U1':
      return draft('Annual', [commitLine('year', p), ...usageLines(p)]);
    case 'U2':
      return draft('Monthly', [commitLine('month', p), ...usageLines(p)], 'arrears');
    case 'S1':
      return draft('Annual', [seatLine(seatCount(random), 'Annual', 12, p)]);
    case 'B1':
      return draft('Annual', [
        seatLine(seatCount(random), 'Annual', 12, p),
        ...usageLines(p),
        onboardingLine(p),
      ]);
    case 'F1':
      return draft('Monthly', freeThenPaid(p));
    case 'Z1':
      return draft('Monthly', [
        platformLine(random.pick(platformThousands), 'Monthly', pilotMonths, p),
      ]);
  }
}
