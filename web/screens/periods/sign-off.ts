import type { Close } from '../../api/types';

export type ClosePeriod = Close['controls'][number]['periods'][number];
export type SignStep = 'prepare' | 'review' | 'reopen';

/** A control and one of its periods within the month. */
export interface SignItem {
  control: string;
  period: string;
}

export const keyOf = ({ control, period }: SignItem): string => `${control} ${period}`;

/** Whether a step can be offered; the API decides again, by who asks. */
export function canTake(step: SignStep, part: ClosePeriod, person: string | null): boolean {
  const { state, blockers, prepared } = part;
  switch (step) {
    case 'prepare':
      return (state === 'unsigned' || state === 'reopened') && blockers.length === 0;
    case 'review':
      return state === 'prepared' && blockers.length === 0 && prepared?.person_id !== person;
    case 'reopen':
      return state === 'prepared' || state === 'reviewed';
  }
}

/** All that a step can be taken for, in the order of the list. */
export function takeable(close: Close, step: SignStep, person: string | null): SignItem[] {
  return close.controls.flatMap(({ control_id: control, periods }) =>
    periods
      .filter((part) => canTake(step, part, person))
      .map(({ period_key: period }) => ({ control, period })),
  );
}

/** The month that is shown when none is named: the newest that ended. */
export function newestEnded(
  periods: readonly { key: string; end: string }[],
  today: string,
): string | null {
  const ended = periods.filter(({ end }) => end <= today).map(({ key }) => key);
  return ended.sort().at(-1) ?? periods[0]?.key ?? null;
}
