import type { Json } from '../core/canonical-json';
import type { ExceptionState } from '../core/exception';
import type { LockedException, Workable } from './moves.store';
import type { ExceptionMove } from './moves.contract';

/** What is done with an exception: a move that is ordered, a file, an item that explains it. */
export type Deed =
  | ExceptionMove
  | { move: 'attach'; file: Record<string, Json>; reason?: undefined }
  | { move: 'reconcile'; item: string; reason?: string | undefined };

const undecided = {
  disposition: null,
  root_cause: null,
  accepted_until: null,
  accepted_impact: null,
  proposed_by: null,
  proposed_at: null,
  closed_by: null,
  closed_at: null,
  reconciling_item: null,
};

/** The exception after a deed that core/exception.ts found legal. */
export function changeOf(
  before: LockedException,
  deed: Deed,
  { to, person, at }: { to: ExceptionState; person: string; at: string },
): Workable {
  const now: Workable = { ...workableOf(before), state: to };
  switch (deed.move) {
    case 'comment':
    case 'attach':
      return now;
    case 'assign':
      return { ...now, assignee: deed.assignee };
    case 'propose': {
      const { disposition, root_cause, until } = deed;
      return {
        ...now,
        ...undecided,
        disposition,
        root_cause,
        accepted_until: until ?? null,
        accepted_impact: until === undefined ? null : before.impact,
        proposed_by: person,
        proposed_at: at,
      };
    }
    case 'approve':
      return { ...now, closed_by: person, closed_at: at };
    case 'reconcile':
      return {
        ...now,
        ...undecided,
        disposition: 'reconciling_item',
        reconciling_item: deed.item,
        closed_by: person,
        closed_at: at,
      };
    case 'acknowledge':
    case 'withdraw':
    case 'send_back':
    case 'reopen':
      return { ...now, ...undecided };
  }
}

/** The exception once what was decided of it no longer stands: due as if it opened now. */
export const openedAnew = (before: LockedException, dueOn: string): Workable => ({
  ...workableOf(before),
  ...undecided,
  state: 'open',
  escalations: 0,
  due_on: dueOn,
});

export function workableOf(row: LockedException): Workable {
  const { state, assignee, escalations, disposition, root_cause, accepted_until } = row;
  const { accepted_impact, proposed_by, proposed_at, closed_by, closed_at, due_on } = row;
  return {
    state,
    assignee,
    escalations,
    disposition,
    root_cause,
    accepted_until,
    accepted_impact,
    proposed_by,
    proposed_at,
    closed_by,
    closed_at,
    reconciling_item: row.reconciling_item,
    due_on,
  };
}

/** What the history keeps of a deed besides its words. */
export function detailsOf(deed: Deed): Record<string, Json> | null {
  switch (deed.move) {
    case 'propose': {
      const { disposition, root_cause, until } = deed;
      return { disposition, root_cause, until: until ?? null };
    }
    case 'assign':
      return { assignee: deed.assignee };
    case 'attach':
      return deed.file;
    case 'reconcile':
      return { item: deed.item };
    case 'acknowledge':
    case 'approve':
    case 'comment':
    case 'reopen':
    case 'send_back':
    case 'withdraw':
      return null;
  }
}
