/** Accounting dates are 'YYYY-MM-DD' strings; periods are half-open ranges of them. */
export const calendarFrequencies = ['daily', 'weekly', 'monthly', 'quarterly'] as const;
export type CalendarFrequency = (typeof calendarFrequencies)[number];

/** `on_event` has no calendar: it runs when somebody asks, for any period that they name. */
export const frequencies = [...calendarFrequencies, 'on_event'] as const;
export type Frequency = (typeof frequencies)[number];

export interface Period {
  /** '2026-06-30' daily, '2026-W27' weekly (ISO 8601), '2026-06' monthly, '2026-Q2' quarterly. */
  key: string;
  /** First day in the period. */
  start: string;
  /** Cut-off: first day after the period. */
  end: string;
}

export const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export type Weekday = (typeof weekdays)[number];

export interface BusinessCalendar {
  weekend: readonly Weekday[];
  /** Dates, beyond weekends, on which no business is done. */
  holidays: readonly string[];
}

const DAY_MS = 86_400_000;

function toDays(date: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) throw new RangeError(`'${date}' is not a date of the form YYYY-MM-DD`);
  const days = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS;
  if (fromDays(days) !== date) throw new RangeError(`'${date}' is not a day of the calendar`);
  return days;
}

function fromDays(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** True for a real calendar day written 'YYYY-MM-DD'. */
export function isDate(text: string): boolean {
  try {
    toDays(text);
    return true;
  } catch {
    return false;
  }
}

export function addDays(date: string, days: number): string {
  return fromDays(toDays(date) + days);
}

function monthStart(year: number, month: number): string {
  return fromDays(Date.UTC(year, month - 1, 1) / DAY_MS);
}

/** Monday of ISO week 1: the week that holds 4 January (ISO 8601). */
function isoYearStart(year: number): number {
  const fourth = Date.UTC(year, 0, 4) / DAY_MS;
  return fourth - ((fourth + 3) % 7);
}

/** The period a key names. Throws RangeError, saying the expected form, when the key is not one. */
export function periodOf(frequency: Frequency, key: string): Period {
  const wrong = (form: string): RangeError =>
    new RangeError(`'${key}' is not a ${frequency} period; write it as ${form}`);
  switch (frequency) {
    case 'daily': {
      if (!isDate(key)) throw wrong('YYYY-MM-DD');
      return { key, start: key, end: addDays(key, 1) };
    }
    case 'weekly': {
      const match = /^(\d{4})-W(\d{2})$/.exec(key);
      if (!match) throw wrong('YYYY-Www, such as 2026-W27');
      const year = Number(match[1]);
      const start = isoYearStart(year) + (Number(match[2]) - 1) * 7;
      if (Number(match[2]) < 1 || start >= isoYearStart(year + 1)) throw wrong('YYYY-Www');
      return { key, start: fromDays(start), end: fromDays(start + 7) };
    }
    case 'monthly': {
      const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(key);
      if (!match) throw wrong('YYYY-MM');
      const [year, month] = [Number(match[1]), Number(match[2])];
      return { key, start: monthStart(year, month), end: monthStart(year, month + 1) };
    }
    case 'quarterly': {
      const match = /^(\d{4})-Q([1-4])$/.exec(key);
      if (!match) throw wrong('YYYY-Qn, such as 2026-Q2');
      const [year, first] = [Number(match[1]), Number(match[2]) * 3 - 2];
      return { key, start: monthStart(year, first), end: monthStart(year, first + 3) };
    }
    case 'on_event':
      return anyPeriod(key);
  }
}

/** The forms of key differ, so at most one frequency knows a key. */
function anyPeriod(key: string): Period {
  for (const frequency of calendarFrequencies) {
    try {
      return periodOf(frequency, key);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
    }
  }
  throw new RangeError(
    `'${key}' is not a period; write it as YYYY-MM-DD, YYYY-Www, YYYY-MM or YYYY-Qn`,
  );
}

/** The period of a frequency that holds a date. */
export function periodContaining(frequency: CalendarFrequency, date: string): Period {
  const days = toDays(date);
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  switch (frequency) {
    case 'daily':
      return periodOf('daily', date);
    case 'weekly': {
      const isoYear = [year + 1, year, year - 1].find((y) => isoYearStart(y) <= days) ?? year;
      const week = Math.floor((days - isoYearStart(isoYear)) / 7) + 1;
      return periodOf('weekly', `${isoYear}-W${String(week).padStart(2, '0')}`);
    }
    case 'monthly':
      return periodOf('monthly', date.slice(0, 7));
    case 'quarterly':
      return periodOf('quarterly', `${year}-Q${Math.ceil(month / 3)}`);
  }
}

/** Periods that have ended by `today`, oldest first, from the one that holds `since`. */
export function closedPeriods(
  frequency: CalendarFrequency,
  since: string,
  today: string,
): Period[] {
  const periods: Period[] = [];
  for (
    let period = periodContaining(frequency, since);
    period.end <= today;
    period = periodContaining(frequency, period.end)
  ) {
    periods.push(period);
  }
  return periods;
}

/** Of a period that is not over by the end of a day, the days that are; what SQL is asked about. */
export function periodSoFar(period: Period, asOf: string): Period {
  const next = addDays(asOf, 1);
  return next < period.end ? { ...period, end: next } : period;
}

export function isBusinessDay(date: string, calendar: BusinessCalendar): boolean {
  return !calendar.weekend.includes(weekdayOf(toDays(date))) && !calendar.holidays.includes(date);
}

/** 1 January 1970 was a Thursday. */
function weekdayOf(day: number): Weekday {
  const weekday = weekdays[(((day + 4) % 7) + 7) % 7];
  if (weekday === undefined) throw new RangeError(`${day} is not a whole day`);
  return weekday;
}

/** The n-th business day after a date; n = 0 gives the date itself. */
export function addBusinessDays(date: string, n: number, calendar: BusinessCalendar): string {
  let [day, left] = [date, n];
  while (left > 0) {
    day = addDays(day, 1);
    if (isBusinessDay(day, calendar)) left -= 1;
  }
  return day;
}

/**
 * The earliest date whose grace of n business days has not run out on `asOf`: an item dated on it,
 * or later, may still find its counterpart (the last day of grace counts as within it).
 */
export function earliestWithinGrace(asOf: string, n: number, calendar: BusinessCalendar): string {
  let day = asOf;
  while (addBusinessDays(addDays(day, -1), n, calendar) >= asOf) day = addDays(day, -1);
  return day;
}

/**
 * Business days after `from` up to and including `to`; 0 when `to` is not after `from`. Whole weeks
 * are counted at once: lists ask this of every row.
 */
export function businessDaysBetween(from: string, to: string, calendar: BusinessCalendar): number {
  const [first, last] = [toDays(from), toDays(to)];
  if (last <= first) return 0;
  const weekend = new Set(calendar.weekend);
  const isWorked = (day: number): boolean => !weekend.has(weekdayOf(day));
  let days = Math.floor((last - first) / 7) * (weekdays.length - weekend.size);
  for (let rest = 1; rest <= (last - first) % 7; rest += 1) if (isWorked(first + rest)) days += 1;
  const off = [...new Set(calendar.holidays)].map(toDays);
  return days - off.filter((day) => day > first && day <= last && isWorked(day)).length;
}

/** The day n business days before a date: what dates from it, or earlier, is n days old. */
export function subtractBusinessDays(date: string, n: number, calendar: BusinessCalendar): string {
  let [day, left] = [date, n];
  while (left > 0) {
    if (isBusinessDay(day, calendar)) left -= 1;
    day = addDays(day, -1);
  }
  return day;
}
