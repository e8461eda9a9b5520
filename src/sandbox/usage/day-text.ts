import { dayOfNumber, type Day } from '../kit/instants';

const known = new Map<number, Day>();

/** The same as dayOfNumber, remembered: millions of rows share a few thousand days. */
export function dayText(number: number): Day {
  let day = known.get(number);
  if (day === undefined) known.set(number, (day = dayOfNumber(number)));
  return day;
}
