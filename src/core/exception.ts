import { addBusinessDays, type BusinessCalendar } from './calendar';
import { severities, type Severity } from './outcome';
import type { Action } from './permissions';

/**
 * The life of an exception: one table of legal moves. The database holds the same table
 * (tieout.legal_moves) and refuses whatever is not in it.
 */
export const exceptionStates = ['open', 'acknowledged', 'proposed', 'closed', 'cleared'] as const;
export type ExceptionState = (typeof exceptionStates)[number];

/** Still somebody's work. */
export const unsettledStates = ['open', 'acknowledged', 'proposed'] as const;

/** How an exception closes. The last one is not proposed: an approved reconciling item gives it. */
export const dispositions = ['corrected', 'explained', 'risk_accepted', 'false_positive'] as const;
export type Disposition = (typeof dispositions)[number];

interface MoveRule {
  /** What the history says happened. */
  kind: string;
  action: Action;
  from: readonly ExceptionState[];
  /** null: it stays where it is. */
  to: ExceptionState | null;
  /** Not by whoever proposed the disposition. */
  byAnother: boolean;
}

const anywhere = exceptionStates;

/** What people may do with an exception. */
export const moves = {
  acknowledge: {
    kind: 'acknowledged',
    action: 'exceptions.work',
    from: ['open'],
    to: 'acknowledged',
    byAnother: false,
  },
  propose: {
    kind: 'proposed',
    action: 'exceptions.work',
    from: ['open', 'acknowledged'],
    to: 'proposed',
    byAnother: false,
  },
  withdraw: {
    kind: 'withdrawn',
    action: 'exceptions.work',
    from: ['proposed'],
    to: 'acknowledged',
    byAnother: false,
  },
  send_back: {
    kind: 'sent_back',
    action: 'exceptions.review',
    from: ['proposed'],
    to: 'acknowledged',
    byAnother: true,
  },
  approve: {
    kind: 'closed',
    action: 'exceptions.review',
    from: ['proposed'],
    to: 'closed',
    byAnother: true,
  },
  reopen: {
    kind: 'recalled',
    action: 'exceptions.review',
    from: ['closed'],
    to: 'open',
    byAnother: false,
  },
  reconcile: {
    kind: 'reconciled',
    action: 'reconciling_items.approve',
    from: unsettledStates,
    to: 'closed',
    byAnother: true,
  },
  comment: {
    kind: 'commented',
    action: 'exceptions.discuss',
    from: anywhere,
    to: null,
    byAnother: false,
  },
  attach: {
    kind: 'attached',
    action: 'exceptions.discuss',
    from: anywhere,
    to: null,
    byAnother: false,
  },
  assign: {
    kind: 'assigned',
    action: 'exceptions.discuss',
    from: anywhere,
    to: null,
    byAnother: false,
  },
} as const satisfies Record<string, MoveRule>;
export type Move = keyof typeof moves;

export type MoveVerdict =
  | { legal: true; to: ExceptionState; kind: (typeof moves)[Move]['kind'] }
  | { legal: false; why: 'illegal_move' | 'same_person' };

/** Whether somebody may make a move now. `person` and `proposedBy` are ids of people. */
export function judgeMove(
  move: Move,
  now: { state: ExceptionState; proposedBy: string | null },
  person: string,
): MoveVerdict {
  const rule: MoveRule = moves[move];
  if (!rule.from.includes(now.state)) return { legal: false, why: 'illegal_move' };
  if (rule.byAnother && now.proposedBy === person) return { legal: false, why: 'same_person' };
  return { legal: true, to: rule.to ?? now.state, kind: moves[move].kind };
}

/** The moves that lead on from a state for somebody, without asking for roles. */
export function movesFrom(
  now: { state: ExceptionState; proposedBy: string | null },
  person: string,
): Move[] {
  return (Object.keys(moves) as Move[]).filter((move) => judgeMove(move, now, person).legal);
}

/** Business days in which an exception of a severity is to be settled. */
export const dueBusinessDays: Readonly<Record<Severity, number>> = {
  critical: 1,
  high: 3,
  medium: 5,
  low: 10,
};

/** Business days past due after which somebody higher is told: at once, then a week later. */
export const escalationBusinessDays = [0, 5] as const;

/** When an exception that opens on a day is due, by severity. */
export function dueDates(openedOn: string, calendar: BusinessCalendar): Record<Severity, string> {
  const due = (severity: Severity): string =>
    addBusinessDays(openedOn, dueBusinessDays[severity], calendar);
  return Object.fromEntries(severities.map((one) => [one, due(one)])) as Record<Severity, string>;
}

/** How often an exception that was due on a day should have been escalated by today. */
export function escalationsDue(dueOn: string, today: string, calendar: BusinessCalendar): number {
  return escalationBusinessDays.filter((days) => addBusinessDays(dueOn, days, calendar) < today)
    .length;
}
