import type { Outcome, Severity } from './outcome';

/** Where the sign-off of a control, entity and period stands. */
export const signoffStates = ['unsigned', 'prepared', 'reviewed', 'reopened'] as const;
export type SignoffState = (typeof signoffStates)[number];

export const signoffSteps = ['prepare', 'review', 'reopen'] as const;
export type SignoffStep = (typeof signoffSteps)[number];

/** From which severity on an unsettled exception keeps a period from being signed. */
export const blockingSeverities = ['low', 'medium', 'high'] as const;
export type BlockingSeverity = (typeof blockingSeverities)[number];

export interface SignoffFacts {
  state: SignoffState;
  /** Id of the person who prepared it. */
  preparedBy: string | null;
  /** Of the run that is signed now, or that was signed last. */
  signedRun: string | null;
  latest: {
    run: string;
    outcome: Outcome;
    reason: string | null;
    /** False: it looked at the period while it lasted, and cannot be what is signed. */
    isWhole: boolean;
  } | null;
  /** Unsettled exceptions of the period, by severity. */
  unsettled: Readonly<Record<Severity, number>>;
}

const ranks: Record<Severity, number> = { low: 1, medium: 2, high: 3, critical: 4 };

/** Everything that keeps a period from being signed; nothing when it may be. */
export function blockersOf(facts: SignoffFacts, from: BlockingSeverity): string[] {
  const { latest, unsettled } = facts;
  if (latest === null) return ['It has not been run.'];
  const blockers: string[] = [];
  if (!latest.isWhole) blockers.push('It has not been run since the period ended.');
  if (latest.outcome === 'not_evaluated' || latest.outcome === 'errored')
    blockers.push(`Its latest run has no verdict: ${latest.reason ?? latest.outcome}`);
  const grave = (Object.keys(ranks) as Severity[])
    .filter((one) => ranks[one] >= ranks[from] && unsettled[one] > 0)
    .sort((a, b) => ranks[b] - ranks[a])
    .map((severity) => `${unsettled[severity]} ${severity}`);
  if (grave.length > 0) blockers.push(`Exceptions not settled: ${grave.join(', ')}.`);
  return blockers;
}

export type SignoffVerdict =
  | { legal: true; run: string }
  | { legal: false; why: 'illegal_move' | 'same_person' | 'sign_off_blocked'; words: string };

/** Whether somebody may take a step now, and to which run it binds. */
export function judgeSignoff(
  step: SignoffStep,
  facts: SignoffFacts,
  person: string,
  from: BlockingSeverity,
): SignoffVerdict {
  const refused = (
    why: 'illegal_move' | 'same_person' | 'sign_off_blocked',
    words: string,
  ): SignoffVerdict => ({ legal: false, why, words });
  const signed = facts.state === 'prepared' || facts.state === 'reviewed';
  if (step === 'reopen')
    return signed && facts.signedRun !== null
      ? { legal: true, run: facts.signedRun }
      : refused('illegal_move', 'It is not signed.');
  if (step === 'prepare' && signed) return refused('illegal_move', 'It is signed already.');
  if (step === 'review' && facts.state !== 'prepared')
    return refused('illegal_move', 'Nobody has prepared it yet.');
  if (step === 'review' && facts.preparedBy === person)
    return refused('same_person', 'Nobody reviews what they prepared themselves.');
  const blockers = blockersOf(facts, from);
  const run = step === 'review' ? facts.signedRun : (facts.latest?.run ?? null);
  if (blockers.length > 0 || run === null) return refused('sign_off_blocked', blockers.join(' '));
  return { legal: true, run };
}

/** What a signed run rests on, to be held against a later one. */
export interface RunFacts {
  outcome: Outcome;
  reason: string | null;
  findingsSha256: string | null;
  populations: readonly {
    procedure: string;
    side: string;
    label: string;
    items: string;
    sha256: string;
    totals: string;
  }[];
}

/** Why a later run ends a sign-off, in words; null when it found the same on the same input. */
export function differenceOf(signed: RunFacts, later: RunFacts): string | null {
  if (later.outcome === 'not_evaluated' || later.outcome === 'errored')
    return `A later run has no verdict: ${later.reason ?? later.outcome}`;
  const reasons: string[] = [];
  for (const now of later.populations) {
    const then = signed.populations.find(
      ({ procedure, side }) => procedure === now.procedure && side === now.side,
    );
    if (then === undefined) reasons.push(`${now.label} was not part of it.`);
    else if (then.totals !== now.totals || then.items !== now.items)
      reasons.push(
        `${now.label}: ${then.items} items (${then.totals}) are now ` +
          `${now.items} (${now.totals}).`,
      );
    else if (then.sha256 !== now.sha256)
      reasons.push(`${now.label}: items changed, though their totals did not.`);
  }
  if (signed.findingsSha256 !== later.findingsSha256) reasons.push('It found something else.');
  return reasons.length === 0 ? null : `A later run differs. ${reasons.join(' ')}`;
}
