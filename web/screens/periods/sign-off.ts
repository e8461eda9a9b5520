import type { Close } from '../../api/types';
import type { Tone } from '../../format/words';
import type { Action } from '../../session/me';

export type ClosePeriod = Close['controls'][number]['periods'][number];
export type SignStep = 'prepare' | 'review' | 'reopen';

/** A control and one of its periods within the month. */
export interface SignItem {
  control: string;
  period: string;
}

export const stepWords: Record<SignStep, string> = {
  prepare: 'Sign as preparer',
  review: 'Sign as reviewer',
  reopen: 'Reopen',
};

export const signStateWords: Record<ClosePeriod['state'], { word: string; tone: Tone }> = {
  unsigned: { word: 'Unsigned', tone: 'mute' },
  prepared: { word: 'Prepared', tone: 'info' },
  reviewed: { word: 'Reviewed', tone: 'good' },
  reopened: { word: 'Reopened', tone: 'warn' },
};

/** Steps that the reader's roles allow for an entity. */
export const stepsOf = (
  may: (action: Action, entity: string) => boolean,
  entity: string,
): SignStep[] => [
  ...(may('signoff.prepare', entity) ? (['prepare'] as const) : []),
  ...(may('signoff.review', entity) ? (['review', 'reopen'] as const) : []),
];

/** Why a reader who signs is not offered it now, where no blocker says so. */
export function whyNot(
  part: ClosePeriod,
  steps: readonly SignStep[],
  person: string | null,
): string | null {
  if (part.blockers.length > 0 || steps.length === 0) return null;
  if (part.state === 'prepared' && part.prepared?.person_id === person)
    return 'You signed as preparer. Somebody else must review it.';
  if (part.state === 'prepared' && !steps.includes('review')) return 'A reviewer signs next.';
  if ((part.state === 'unsigned' || part.state === 'reopened') && !steps.includes('prepare'))
    return 'A preparer signs first.';
  return null;
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
