import { addDays, closedPeriods, type Frequency, type Period } from './calendar';
import type { Outcome } from './outcome';

/** What is known of a period that was run: its newest outcome and the day it was recorded. */
export interface PeriodHistory {
  outcome: Outcome;
  recordedOn: string;
  /** True when items were still within their days of grace. */
  waiting: boolean;
}

/** How far back missed periods are caught up (RELIABILITY §2.2). */
export const CATCH_UP_DAYS = 400;

/**
 * Periods that should have run by `today`: every one that has ended and was never run, however long
 * nobody was there to run it, and once a day each one that still has no verdict, or whose verdict
 * left items within their days of grace. Oldest first. What runs on an event is never due.
 */
export function duePeriods(
  frequency: Frequency,
  since: string,
  today: string,
  history: ReadonlyMap<string, PeriodHistory>,
): Period[] {
  if (frequency === 'on_event') return [];
  const horizon = addDays(today, -CATCH_UP_DAYS);
  return closedPeriods(frequency, since > horizon ? since : horizon, today).filter(({ key }) => {
    const known = history.get(key);
    if (!known) return true;
    const verdict = known.outcome === 'passed' || known.outcome === 'exceptions';
    return (!verdict || known.waiting) && known.recordedOn < today;
  });
}
