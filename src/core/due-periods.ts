import {
  addDays,
  closedPeriods,
  periodContaining,
  type CalendarFrequency,
  type Period,
} from './calendar';
import type { Rhythm } from './control';
import type { Outcome } from './outcome';

/** What is known of a period that was run: its newest outcome and the day it was recorded. */
export interface PeriodHistory {
  outcome: Outcome;
  recordedOn: string;
  /** The day it was judged as of; before the period's last day it was not over yet. */
  asOf: string;
  /** True when items were still within their days of grace. */
  waiting: boolean;
}

/** How far back missed periods are caught up (RELIABILITY §2.2). */
export const CATCH_UP_DAYS = 400;

/**
 * Periods that should have run by `today`: every one that has ended and was never run since, no
 * matter how long nobody was there to run it, and once a day each one that still has no verdict, or
 * whose verdict left items within their days of grace; where a control looks more often than its
 * periods end, also the period that is not over, as often. Oldest first. What runs on an event is
 * never due.
 */
export function duePeriods(
  rhythm: Rhythm,
  since: string,
  today: string,
  history: ReadonlyMap<string, PeriodHistory>,
): Period[] {
  const { frequency } = rhythm;
  if (frequency === 'on_event') return [];
  const length = rhythm.period ?? frequency;
  const horizon = addDays(today, -CATCH_UP_DAYS);
  const due = closedPeriods(length, since > horizon ? since : horizon, today).filter(
    ({ key, end }) => {
      const known = history.get(key);
      return !known || known.asOf < addDays(end, -1) || isToBeRepeated(known, today);
    },
  );
  const open = openPeriod(length, since, today);
  if (open === null || length === frequency) return due;
  const known = history.get(open.key);
  const isSeen = known && known.recordedOn >= beginOf(frequency, today);
  return isSeen && !isToBeRepeated(known, today) ? due : [...due, open];
}

function isToBeRepeated({ outcome, waiting, recordedOn }: PeriodHistory, today: string): boolean {
  const verdict = outcome === 'passed' || outcome === 'exceptions';
  return (!verdict || waiting) && recordedOn < today;
}

const beginOf = (frequency: CalendarFrequency, day: string): string =>
  periodContaining(frequency, day).start;

/** The period that holds yesterday, the last whole day, while it lasts. */
function openPeriod(length: CalendarFrequency, since: string, today: string): Period | null {
  const yesterday = addDays(today, -1);
  const period = periodContaining(length, yesterday);
  return period.end > today && yesterday >= since ? period : null;
}
