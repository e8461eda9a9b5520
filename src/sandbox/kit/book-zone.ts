import { DAY, dayNumber, HOUR, startOfUtcDay, utcDay, type Day, type Instant } from './instants';

/** From this instant on, local time is UTC plus so many seconds. */
interface Offset {
  from: Instant;
  seconds: number;
}

const firstYear = 2022;
const lastYear = 2031;

/**
 * Days and instants of one IANA time zone, from a table of its offsets: a hundred times the speed
 * of asking Intl for each instant. Good for 2022 to 2031; throws RangeError outside.
 */
export class BookZone {
  private readonly offsets: Offset[];
  private readonly cache = new Map<Day, Instant>();

  constructor(readonly name: string) {
    this.offsets = offsetsOf(name);
  }

  private offsetAt(at: Instant): number {
    let found: Offset | undefined;
    for (const offset of this.offsets) {
      if (offset.from > at) break;
      found = offset;
    }
    if (found === undefined || at >= endOfTable) throw new RangeError(`${String(at)}: no offset`);
    return found.seconds;
  }

  /** The accounting date of an instant: its day in this zone. */
  dayOf(at: Instant): Day {
    return utcDay(at + this.offsetAt(at));
  }

  /** The first instant of a day in this zone. */
  startOf(day: Day): Instant {
    const known = this.cache.get(day);
    if (known !== undefined) return known;
    const guess = startOfUtcDay(day);
    const first = [this.offsetAt(guess - 14 * HOUR), this.offsetAt(guess + 14 * HOUR)]
      .map((seconds) => guess - seconds)
      .find((at) => this.dayOf(at) === day && this.dayOf(at - 1) !== day);
    if (first === undefined) throw new RangeError(`${day} has no start in ${this.name}`);
    this.cache.set(day, first);
    return first;
  }

  /** An instant of a day, so many seconds after it began. */
  at(day: Day, secondsIntoDay: number): Instant {
    return this.startOf(day) + secondsIntoDay;
  }
}

const startOfTable = startOfUtcDay(`${String(firstYear)}-01-01`);
const endOfTable = startOfUtcDay(`${String(lastYear + 1)}-01-01`);

function offsetsOf(zone: string): Offset[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  });
  const secondsAt = (at: Instant): number => {
    const part = Object.fromEntries(
      format.formatToParts(new Date(at * 1000)).map(({ type, value }) => [type, value]),
    );
    const day = `${part.year ?? ''}-${part.month ?? ''}-${part.day ?? ''}`;
    return dayNumber(day) * DAY + Number(part.hour) * HOUR + Number(part.minute) * 60 - at;
  };
  const offsets: Offset[] = [];
  let last: number | undefined;
  for (let at = startOfTable; at < endOfTable; at += DAY) {
    const seconds = secondsAt(at);
    if (seconds === last) continue;
    const from = last === undefined ? at : changeBetween(at - DAY, at, secondsAt);
    offsets.push({ from, seconds });
    last = seconds;
  }
  return offsets;
}

/** The first minute with the later offset, by halving. */
function changeBetween(before: Instant, after: Instant, secondsAt: (at: Instant) => number) {
  let [low, high] = [before, after];
  const goal = secondsAt(after);
  while (high - low > 60) {
    const middle = low + Math.floor((high - low) / 120) * 60;
    if (secondsAt(middle) === goal) high = middle;
    else low = middle;
  }
  return high;
}
