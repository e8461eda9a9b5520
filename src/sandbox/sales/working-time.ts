import type { BookZone } from '../kit/book-zone';
import { addDays, HOUR, MINUTE, weekday, type Day, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';

/** The day itself, or the Monday after it. */
export function workingDay(day: Day): Day {
  const late = weekday(day) - 5;
  return late < 0 ? day : addDays(day, 2 - late);
}

/** So many working days (Monday to Friday) later. */
export function addWorkingDays(day: Day, count: number): Day {
  let at = workingDay(day);
  for (let i = 0; i < count; i += 1) at = workingDay(addDays(at, 1));
  return at;
}

/** An instant of a working day between 09:00 and 17:00 in the entity's zone. */
export const atWork = (zone: BookZone, day: Day, random: KeyedRandom): Instant =>
  zone.at(workingDay(day), random.int(9 * HOUR, 17 * HOUR));

/** The same working day while there is time, else the next morning; strictly after `at`. */
export function soonAfter(zone: BookZone, at: Instant, random: KeyedRandom): Instant {
  const soon = at + random.int(10, 100) * MINUTE;
  const day = zone.dayOf(at);
  if (soon < zone.at(day, 19 * HOUR) && weekday(day) < 5) return soon;
  return atWork(zone, addDays(day, 1), random);
}
