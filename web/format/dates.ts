import { readerLocale } from './locale';

/** Noon in UTC is the same day in every format that is told UTC. */
const atNoon = (day: string): Date => new Date(`${day}T12:00:00Z`);

/** An accounting date, which has no time zone: 'Jun 30, 2026'. */
export function formatDay(day: string, locale: string = readerLocale()): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(
    atNoon(day),
  );
}

/** The day alone, where the year is plain from what stands around it: 'Jun 30'. */
export function formatDayShort(day: string, locale: string = readerLocale()): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  const parts = { month: 'short', day: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(locale, parts).format(atNoon(day));
}

/** '2026-06' as 'June 2026', '2026-Q2' as 'Q2 2026', '2026-W27' as 'Week 27, 2026'. */
export function formatPeriod(key: string, locale: string = readerLocale()): string {
  const [, year = '', part = ''] = /^(\d{4})-(\w+)$/.exec(key) ?? [];
  if (/^\d{2}$/.test(part))
    return new Intl.DateTimeFormat(locale, {
      month: 'long',
      year: 'numeric',
      timeZone: 'UTC',
    }).format(atNoon(`${key}-01`));
  if (part.startsWith('Q')) return `${part} ${year}`;
  if (part.startsWith('W')) return `Week ${part.slice(1).replace(/^0/, '')}, ${year}`;
  return formatDay(key, locale);
}

/** An instant in the reader's own time zone, to the minute. */
export function formatInstant(
  instant: string,
  locale: string = readerLocale(),
  timeZone?: string,
): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

/** A sentence of the server with its instants as the reader writes them. */
export const withInstants = (text: string): string =>
  text.replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, (instant) => formatInstant(instant));

/** The accounting date so many days earlier. */
export function daysBefore(day: string, days: number): string {
  const at = atNoon(day);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}

/** The last accounting date of a period, whose end is the first day after it. */
export const lastDayOf = ({ end }: { end: string }): string => daysBefore(end, 1);

/** Whole days from one accounting date to another; negative when the second is earlier. */
export function daysFrom(first: string, second: string): number {
  const dayMs = 86_400_000;
  const distance = atNoon(second.slice(0, 10)).getTime() - atNoon(first.slice(0, 10)).getTime();
  return Math.round(distance / dayMs);
}

/** '12 s', '3 min': how long something took. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000)
    return `${(ms / 1000).toLocaleString(undefined, { maximumFractionDigits: 1 })} s`;
  return `${Math.round(ms / 60_000)} min`;
}
