import type { BookZone } from '../kit/book-zone';
import { addDays, daysBetween, HOUR, MINUTE, type Day, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import { addWorkingDays, atWork, soonAfter, workingDay } from './working-time';

/** When a deal went through its stages, and its order after it. */
export interface DealCourse {
  createdAt: Instant;
  qualifiedAt: Instant;
  proposedAt: Instant;
  negotiatedAt: Instant;
  closedAt: Instant;
  /** Closed in the evening, when UTC is on another day (L08). */
  inTheEvening: boolean;
  orderedAt: Instant;
  activatedAt: Instant;
  /** The order waited for this day (L01). */
  orderAfter: Day | null;
}

export interface CourseOptions {
  /** Days from the order that waits to the contract's start. */
  orderAfter: Day | null;
  mayBeLate: boolean;
}

const LATEST_ACTIVATION_WORKING_DAYS = 2;

/** Stages at even shares of the way from one day to another, in working time. */
export function drawCourse(
  zone: BookZone,
  createdOn: Day,
  closeOn: Day,
  random: KeyedRandom,
  options: CourseOptions = { orderAfter: null, mayBeLate: true },
): DealCourse {
  const span = Math.max(4, daysBetween(createdOn, closeOn));
  const createdAt = atWork(zone, createdOn, random);
  let last = createdAt;
  const stageAt = (share: number): Instant => {
    const at = atWork(zone, addDays(createdOn, Math.floor(span * share)), random);
    last = at > last ? at : soonAfter(zone, last, random);
    return last;
  };
  const [qualifiedAt, proposedAt, negotiatedAt] = [stageAt(0.15), stageAt(0.4), stageAt(0.75)];
  const day = workingDay(addDays(createdOn, span));
  const inTheEvening = options.mayBeLate && random.chance(0.06);
  const closing = inTheEvening
    ? zone.at(day, random.int(18 * HOUR, 23 * HOUR + 45 * MINUTE))
    : atWork(zone, day, random);
  const closedAt = Math.max(closing, last + HOUR);
  return {
    ...{ createdAt, qualifiedAt, proposedAt, negotiatedAt, closedAt, inTheEvening },
    ...orderTimes(zone, closedAt, random, options.orderAfter),
  };
}

/** Ordered soon after the close, or on the day it waited for; activated in time (W-ORD). */
function orderTimes(
  zone: BookZone,
  closedAt: Instant,
  random: KeyedRandom,
  wished: Day | null,
): Pick<DealCourse, 'orderedAt' | 'activatedAt' | 'orderAfter'> {
  const orderAfter = wished !== null && wished > zone.dayOf(closedAt) ? workingDay(wished) : null;
  const orderedAt =
    orderAfter === null ? soonAfter(zone, closedAt, random) : atWork(zone, orderAfter, random);
  const latest = addWorkingDays(orderAfter ?? zone.dayOf(closedAt), LATEST_ACTIVATION_WORKING_DAYS);
  const soonest = soonAfter(zone, orderedAt, random);
  const drawn = atWork(
    zone,
    addWorkingDays(zone.dayOf(orderedAt), random.int(0, LATEST_ACTIVATION_WORKING_DAYS)),
    random,
  );
  const late = zone.dayOf(drawn) > latest;
  return { orderedAt, activatedAt: drawn > soonest && !late ? drawn : soonest, orderAfter };
}
