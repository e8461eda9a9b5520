import { DAY, dayOfNumber, HOUR, MINUTE, type Day, type Instant } from '../kit/instants';

const known = new Map<number, Day>();

/** The same as dayOfNumber, remembered: millions of rows share a few thousand days. */
export function dayText(number: number): Day {
  let day = known.get(number);
  if (day === undefined) known.set(number, (day = dayOfNumber(number)));
  return day;
}

const two = (n: number): string => String(n).padStart(2, '0');

const timeTexts = Array.from(
  { length: DAY },
  (_, s) => `T${two(Math.floor(s / HOUR))}:${two(Math.floor(s / MINUTE) % 60)}:${two(s % 60)}Z`,
);

/** The same as isoInstant, from tables. */
export const instantText = (at: Instant): string =>
  dayText(Math.floor(at / DAY)) + (timeTexts[at % DAY] ?? '');
