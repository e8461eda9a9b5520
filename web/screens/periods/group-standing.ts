import type { ClosePeriod } from './sign-off';

type Outcome = NonNullable<ClosePeriod['outcome']> | 'not_run';

export interface GroupStanding {
  /** How many periods ended so, worst first; none that is not there. */
  outcomes: [outcome: Outcome, count: number][];
  states: [state: ClosePeriod['state'], count: number][];
  notRun: number;
  /** Run, and still kept from being signed. */
  blocked: number;
  unsettled: number;
  /** Signed by a preparer, whether reviewed since or not. */
  prepared: number;
  reviewed: number;
}

const worstFirst = ['errored', 'not_run', 'not_evaluated', 'exceptions', 'passed'] as const;
const leastFirst = ['reopened', 'unsigned', 'prepared', 'reviewed'] as const;

/** Several periods of one control, added up. */
export function standingOf(periods: readonly ClosePeriod[]): GroupStanding {
  const countIf = (is: (part: ClosePeriod) => boolean): number => periods.filter(is).length;
  const isRun = ({ run_id: run }: ClosePeriod): boolean => run !== null;
  return {
    outcomes: worstFirst
      .map((outcome): [Outcome, number] => [
        outcome,
        countIf((part) => (isRun(part) ? part.outcome : 'not_run') === outcome),
      ])
      .filter(([, count]) => count > 0),
    states: leastFirst
      .map((state): [ClosePeriod['state'], number] => [
        state,
        countIf((one) => one.state === state),
      ])
      .filter(([, count]) => count > 0),
    notRun: countIf((part) => !isRun(part)),
    blocked: countIf((part) => isRun(part) && part.blockers.length > 0),
    unsettled: periods
      .flatMap(({ unsettled }) => Object.values(unsettled))
      .reduce((sum, count) => sum + count, 0),
    prepared: countIf(({ state }) => state === 'prepared' || state === 'reviewed'),
    reviewed: countIf(({ state }) => state === 'reviewed'),
  };
}
