import { addDays } from '../core/calendar';

/** The only source of "now". Core receives what it reads here as an argument. */
export interface Clock {
  /** The instant, UTC, ISO 8601 with milliseconds and Z. */
  now(): string;
}

export class SystemClock implements Clock {
  now(): string {
    return new Date().toISOString();
  }
}

/** The calendar day that an instant falls on in a time zone, as 'YYYY-MM-DD'. */
export function dateInZone(instant: string, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format.format(new Date(instant));
}

/** By zone, of which there are few: making one costs as much as using it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Yesterday in a time zone: the latest day that a run can look back on as a whole. */
export function lastWholeDay(instant: string, timeZone: string): string {
  return addDays(dateInZone(instant, timeZone), -1);
}

/** The first instant of a day in a time zone, UTC, ISO 8601: where clocks change, to 15 minutes. */
export function startOfDay(date: string, timeZone: string): string {
  // No zone is further than 14 hours from UTC; every offset in use is whole quarters of an hour.
  const first = Date.parse(`${date}T00:00:00.000Z`) - 57 * quarterMs;
  const instant = (quarters: number): string =>
    new Date(first + quarters * quarterMs).toISOString();
  let [before, from] = [0, 114];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (dateInZone(instant(middle), timeZone) < date) before = middle;
    else from = middle;
  }
  return instant(from);
}

const quarterMs = 900_000;
