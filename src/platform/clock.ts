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
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parts.format(new Date(instant));
}

/** Yesterday in a time zone: the latest day that a run can look back on as a whole. */
export function lastWholeDay(instant: string, timeZone: string): string {
  return addDays(dateInZone(instant, timeZone), -1);
}
