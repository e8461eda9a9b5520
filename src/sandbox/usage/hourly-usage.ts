import { DAY, HOUR, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { MeterKey } from '../truth/catalog';
import type { UsageHour } from '../truth/usage';
import type { HourCuts } from './hour-cuts';
import type { UsageHabit } from './usage-habit';

/** Monday first; the mean is 1 (CONTROLS §5.1: weekday seasonality). */
const dayWeights = [1.17, 1.22, 1.22, 1.19, 1.1, 0.56, 0.54];

/** Of the customer's own day; the mean is 1. */
const hourWeights = [
  ...[0.45, 0.4, 0.36, 0.35, 0.36, 0.42, 0.58, 0.85, 1.15, 1.4, 1.52, 1.58],
  ...[1.5, 1.54, 1.62, 1.64, 1.58, 1.42, 1.2, 1.05, 0.92, 0.82, 0.71, 0.58],
];

/** Busiest hour that is still sometimes empty: deployments, outages, quiet minutes. */
const mostPresence = 0.985;
const lateShare = 0.019;
const hoursPerMonth = 730;

/** How one meter of one customer is used, with what its hours are checked against. */
export interface MeterUse {
  meter: MeterKey;
  cuts: HourCuts;
  /** Hours listed so far, in order. */
  hours: UsageHour[];
}

/** What is needed to tell how late usage may arrive. */
export interface LateLimit {
  /** The first regular boundary after an instant; asked forwards. */
  after(at: Instant): Instant;
}

/** The course of one day: how much is done in each hour, the same for all meters. */
export interface DayCourse {
  day: number;
  /** What of an average month falls to an average hour of this day. */
  volume: number;
  /** Under the presence of its hour, something is done in it. */
  quiet: Float64Array;
  requests: Float64Array;
}

export const anyCourse = (): DayCourse => ({
  ...{ day: 0, volume: 0 },
  quiet: new Float64Array(24),
  requests: new Float64Array(24),
});

/** Makes this the course of a day; `sinceStart` is how many days the customer has been there. */
export function setCourse(
  course: DayCourse,
  day: number,
  habit: UsageHabit,
  sinceStart: number,
  random: KeyedRandom,
): void {
  course.day = day;
  course.volume = Math.exp(habit.drift * sinceStart + 0.25 * random.normal()) / hoursPerMonth;
  for (let h = 0; h < 24; h += 1) {
    course.quiet[h] = random.share();
    course.requests[h] = 0.4 + 1.2 * random.share();
  }
}

/**
 * One meter's usage of one day, hour by hour, told to `listed`. It depends on the day's course, the
 * meter's own stream, the habit and the boundaries: not on now, nor on what other meters there are.
 */
export function useDay(
  { day, volume, quiet, requests }: DayCourse,
  use: MeterUse,
  habit: UsageHabit,
  limit: LateLimit,
  random: KeyedRandom,
  listed: (use: MeterUse, hour: UsageHour, random: KeyedRandom) => void,
): void {
  const isImage = use.meter === 'images';
  const dayWeight = dayWeights[(((day + 3) % 7) + 7) % 7] ?? 1;
  const monthly = habit.monthly[use.meter];
  for (let h = 0; h < 24; h += 1) {
    const weight = (hourWeights[(h + habit.offsetHours + 48) % 24] ?? 1) * dayWeight;
    const presence = Math.min(mostPresence, habit.presence * weight);
    if ((isImage ? random.share() * 2 : (quiet[h] ?? 1)) >= presence) continue;
    const spread = random.share();
    const share = isImage ? 4 * spread : (requests[h] ?? 1) * (0.85 + 0.3 * spread);
    const quantity = ((monthly * volume * weight) / presence) * share;
    const made = makeHour(use, day * DAY + h * HOUR, quantity, habit, random);
    if (made === null) continue;
    arriveLate(made, limit, random);
    listed(use, made, random);
  }
}

function makeHour(
  use: MeterUse,
  hour: Instant,
  wanted: number,
  habit: UsageHabit,
  random: KeyedRandom,
): UsageHour | null {
  const [early, late, lag] = [random.share(), random.share(), random.int(20, 540)];
  const part = use.cuts.partOf(hour);
  if (part === null) return null;
  const quantity = Math.max(1, Math.round((wanted * (part.to - part.from)) / HOUR));
  const events = Math.max(1, Math.min(quantity, Math.round(quantity / habit.perEvent[use.meter])));
  const span = part.to - part.from;
  const firstAt = part.from + Math.floor(early * span * (events === 1 ? 1 : 0.3));
  const rest = part.to - 1 - firstAt;
  const lastAt = events === 1 ? firstAt : firstAt + Math.floor(rest * (0.4 + 0.6 * late));
  const ingestedAt = hour + HOUR + lag;
  return { meter: use.meter, hour, firstAt, lastAt, quantity, events, ingestedAt };
}

/** A few days late, unless a bill or a month of the books would be closed by then (L31). */
function arriveLate(hour: UsageHour, limit: LateLimit, random: KeyedRandom): void {
  if (random.share() >= lateShare) return;
  const late = hour.hour + HOUR + random.int(DAY, 6 * DAY);
  if (late + HOUR < limit.after(hour.lastAt)) hour.ingestedAt = late;
}
