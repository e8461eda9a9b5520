import { addDays, daysBetween, monthOf, type Day } from '../kit/instants';
import { divideHalfUp, type Minor } from '../kit/units';
import { earlierOf, firstOfNext, laterOf } from './ledger-days';

/** A stretch of one month in which revenue is earned. */
export interface Piece {
  start: Day;
  end: Day;
  amount: Minor;
  /** The day on which it is known to be earned: the last of its month, or of an earlier change. */
  earnedOn: Day;
}

/** What a credit takes from a line: revenue already earned, and the rest still deferred. */
export interface Split {
  earned: Minor;
  deferred: Minor;
}

interface Segment {
  from: Day;
  amount: Minor;
  until: Day | null;
  recognised: Minor;
}

/** The part of a plan that was called off on a day. */
export interface CalledOff {
  on: Day;
  amount: Minor;
  held: boolean;
}

/**
 * Straight-line revenue of an amount over half-open days [start, end), by days: through day d
 * round_half_up(total × elapsed ÷ days), so periods add up to the total (CONTROLS RV-03). A credit
 * takes what was earned by its day in proportion to what was not (CR-02), and the rest of the plan
 * goes on with what is left. Equal ends are a point in time: all of it on that day.
 */
export class LineRevenue {
  readonly calledOff: CalledOff[] = [];
  private readonly segments: Segment[];
  private earnedTakenBack = 0n;

  constructor(
    readonly start: Day,
    private readonly endsOn: Day,
    total: Minor,
    /** Usage: amounts by stretch, known from consumption; they add up to the total. */
    private readonly consumed: readonly Piece[] | null = null,
  ) {
    this.segments = [{ from: start, amount: total, until: null, recognised: 0n }];
  }

  get end(): Day {
    return laterOf(this.endsOn, this.start);
  }

  /** Earned less taken back, as of the morning of a day. */
  earnedBy(day: Day): Minor {
    const [current, before] = [this.current, this.segments.slice(0, -1)];
    const earlier = before.reduce((sum, { recognised }) => sum + recognised, 0n);
    return earlier + this.within(current, day) - this.earnedTakenBack;
  }

  /** A credit of part of the line on a day. */
  credit(day: Day, amount: Minor, held = false): Split {
    const current = this.current;
    const soFar = this.within(current, day);
    const earned = this.earnedBy(day);
    const left = current.amount - soFar;
    const whole = earned + left;
    const fromEarned = whole === 0n ? amount : shareOfWhole(amount, earned, whole);
    const deferred = within(amount - fromEarned, left);
    this.cut(day, soFar, left - deferred);
    this.calledOff.push({ on: laterOf(day, this.start), amount: deferred, held });
    this.earnedTakenBack += amount - deferred;
    return { earned: amount - deferred, deferred };
  }

  /** Undoes a credit: what was earned stands again, what was called off goes on from this day. */
  restore(day: Day, { earned, deferred }: Split): void {
    const soFar = this.within(this.current, day);
    this.cut(day, soFar, this.current.amount - soFar + deferred);
    this.calledOff.push({ on: laterOf(day, this.start), amount: -deferred, held: false });
    this.earnedTakenBack -= earned;
  }

  /** All stretches by month, oldest first; nothing of amount zero. */
  pieces(): Piece[] {
    return this.segments.flatMap((segment) => this.piecesOf(segment));
  }

  private get current(): Segment {
    const last = this.segments.at(-1);
    if (last === undefined) throw new RangeError('a line has at least one segment');
    return last;
  }

  private cut(day: Day, recognised: Minor, rest: Minor): void {
    const current = this.current;
    current.until = laterOf(day, current.from);
    current.recognised = recognised;
    this.segments.push({ from: current.until, amount: rest, until: null, recognised: 0n });
  }

  private within({ from, amount }: Segment, day: Day): Minor {
    if (this.consumed !== null && this.segments.length === 1) {
      const done = this.consumed.filter(({ end }) => end <= day);
      return done.reduce((sum, piece) => sum + piece.amount, 0n);
    }
    if (day <= from) return 0n;
    if (day >= this.end) return amount;
    const days = BigInt(daysBetween(from, this.end));
    return divideHalfUp(amount * BigInt(daysBetween(from, day)), days);
  }

  private piecesOf(segment: Segment): Piece[] {
    if (segment.amount === 0n) return [];
    const { from, until } = segment;
    if (this.consumed !== null && segment === this.segments[0])
      return this.consumed.filter(({ amount, end }) => {
        return amount !== 0n && (until === null || end <= until);
      });
    const stop = earlierOf(until ?? '9999', this.end);
    if (stop <= from) return this.atOnce(segment);
    const pieces: Piece[] = [];
    for (let start = from, done = 0n; start < stop;) {
      const end = earlierOf(firstOfNext(start), stop);
      const upTo = end === this.end ? segment.amount : this.within(segment, end);
      const isCut = end === until && monthOf(end) === monthOf(start);
      const earnedOn = isCut ? end : addDays(firstOfNext(start), -1);
      if (upTo !== done) pieces.push({ start, end, amount: upTo - done, earnedOn });
      [start, done] = [end, upTo];
    }
    return pieces;
  }

  /** A point in time, or what is restored after the service has ended. */
  private atOnce({ from, amount, until, recognised }: Segment): Piece[] {
    const earned = until === null ? amount : recognised;
    if (earned === 0n) return [];
    const earnedOn = earlierOf(addDays(firstOfNext(from), -1), until ?? '9999');
    return [{ start: from, end: from, amount: earned, earnedOn }];
  }
}

/** A share of an amount, by signed parts of a whole. */
function shareOfWhole(amount: Minor, part: Minor, whole: Minor): Minor {
  return whole < 0n ? divideHalfUp(amount * -part, -whole) : divideHalfUp(amount * part, whole);
}

/** An amount no larger than a limit, both on the limit's side of zero. */
function within(amount: Minor, limit: Minor): Minor {
  if (limit >= 0n) return amount > limit ? limit : amount < 0n ? 0n : amount;
  return amount < limit ? limit : amount > 0n ? 0n : amount;
}
