import type { BookZone } from '../../kit/book-zone';
import { addDays, addMonths, firstOfMonth, monthOf, weekday, type Day } from '../../kit/instants';

/** From this day up to and without that one. */
export interface DayRange {
  from: Day;
  to: Day;
}

/** The days of a date literal of SOQL, or undefined when it is none. Weeks begin on Sunday. */
export function dateRange(name: string, count: number, today: Day): DayRange | undefined {
  const days = (from: number, to: number): DayRange => ({
    from: addDays(today, from),
    to: addDays(today, to),
  });
  const sunday = addDays(today, -((weekday(today) + 1) % 7));
  const month = firstOfMonth(monthOf(today));
  const quarter = addMonths(month, -((Number(month.slice(5, 7)) - 1) % 3));
  const year = `${today.slice(0, 4)}-01-01`;
  const months = (start: Day, from: number, to: number): DayRange => ({
    from: addMonths(start, from),
    to: addMonths(start, to),
  });
  switch (name) {
    case 'YESTERDAY':
      return days(-1, 0);
    case 'TODAY':
      return days(0, 1);
    case 'TOMORROW':
      return days(1, 2);
    case 'LAST_N_DAYS':
      return days(-count, 1);
    case 'NEXT_N_DAYS':
      return days(1, count + 1);
    case 'N_DAYS_AGO':
      return days(-count, 1 - count);
    case 'LAST_90_DAYS':
      return days(-90, 1);
    case 'LAST_WEEK':
      return { from: addDays(sunday, -7), to: sunday };
    case 'THIS_WEEK':
      return { from: sunday, to: addDays(sunday, 7) };
    case 'LAST_MONTH':
      return months(month, -1, 0);
    case 'THIS_MONTH':
      return months(month, 0, 1);
    case 'LAST_N_MONTHS':
      return months(month, -count, 0);
    case 'LAST_QUARTER':
      return months(quarter, -3, 0);
    case 'THIS_QUARTER':
      return months(quarter, 0, 3);
    case 'LAST_YEAR':
      return months(year, -12, 0);
    case 'THIS_YEAR':
      return months(year, 0, 12);
    default:
      return undefined;
  }
}

/** The instants of those days in a zone, in milliseconds. */
export const instantsOf = (range: DayRange, zone: BookZone): { from: number; to: number } => ({
  from: zone.startOf(range.from) * 1000,
  to: zone.startOf(range.to) * 1000,
});
