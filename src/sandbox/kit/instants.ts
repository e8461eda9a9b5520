/** Seconds since 1970-01-01T00:00:00Z, whole. */
export type Instant = number;
/** 'YYYY-MM-DD', in the zone that the field names. */
export type Day = string;

export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

/** '2026-06-30T17:04:05Z' as an instant. Throws RangeError on anything else. */
export function instantOf(text: string): Instant {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(`'${text}' is not an instant`);
  return Math.floor(ms / 1000);
}

/** '2026-06-30T17:04:05Z'. */
export const isoInstant = (at: Instant): string =>
  `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;

/** The day of an instant in UTC. */
export const utcDay = (at: Instant): Day => dayOfNumber(Math.floor(at / DAY));

/** The first instant of a UTC day. */
export const startOfUtcDay = (day: Day): Instant => dayNumber(day) * DAY;

/**
 * Days from 1970-01-01 to this day; the difference of two is a count of calendar days. Counted, not
 * parsed: worlds ask for tens of millions (the days of March to February, in eras of 400 years).
 */
export function dayNumber(day: Day): number {
  const month = Number(day.slice(5, 7));
  const year = Number(day.slice(0, 4)) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const number =
    era * 146_097 + yearOfEra * 365 + leaps + dayOfYear + Number(day.slice(8, 10)) - 719_469;
  if (Number.isNaN(number)) throw new RangeError(`'${day}' is not a day`);
  return number;
}

const dayTexts = new Map<number, Day>();

/** The day that is so many days after 1970-01-01. */
export function dayOfNumber(n: number): Day {
  const known = dayTexts.get(n);
  if (known !== undefined) return known;
  const day = new Date(n * DAY * 1000).toISOString().slice(0, 10);
  dayTexts.set(n, day);
  return day;
}

export const addDays = (day: Day, days: number): Day => dayOfNumber(dayNumber(day) + days);

/** Whole calendar days from one day to another: half-open, so 01-15 to 02-15 is 31. */
export const daysBetween = (from: Day, to: Day): number => dayNumber(to) - dayNumber(from);

const daysInMonth = (year: number, month: number): number =>
  new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** So many months later, the day cut to the length of the month: 01-31 + 1 is 02-28. */
export function addMonths(day: Day, months: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const at = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(at / 12), at % 12];
  const toDate = Math.min(date, daysInMonth(toYear, toMonth));
  return [String(toYear), two(toMonth + 1), two(toDate)].join('-');
}

/** A billing anchor so many months on, at its time of day in UTC, as Stripe counts cycles. */
export const addMonthsToInstant = (anchor: Instant, months: number): Instant =>
  startOfUtcDay(addMonths(utcDay(anchor), months)) + (((anchor % DAY) + DAY) % DAY);

/** 'YYYY-MM' of a day. */
export const monthOf = (day: Day): string => day.slice(0, 7);

/** The first day of a 'YYYY-MM' month. */
export const firstOfMonth = (month: string): Day => `${month}-01`;

/** 0 is Monday, 6 is Sunday. */
export const weekday = (day: Day): number => (((dayNumber(day) + 3) % 7) + 7) % 7;

const two = (n: number): string => String(n).padStart(2, '0');
