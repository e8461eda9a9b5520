/** A value of `at` fields here is an instant such as '2026-06-30T17:04:05Z'. */
type At = string;

/** A transaction that stamps its row when it starts and commits it later (airbyte #27146). */
export interface LateCommit {
  object: string;
  id: string;
  /** From now on readers see the row, with the SystemModstamp it was given before. */
  committedAt: At;
  /** What readers see until then; nothing when left out. */
  before?: Readonly<Record<string, string | number | boolean | null>>;
}

/** An update that gives many rows one and the same SystemModstamp. */
export interface BulkUpdate {
  object: string;
  ids: readonly string[];
  at: At;
  /** Fields that it changes besides the stamps. */
  set?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Accounts merged into one: the losers are deleted and point to the master, children move. */
export interface Merge {
  master: string;
  losers: readonly string[];
  at: At;
}

/** A row erased past the recycle bin: no query finds it any more. */
export interface HardDelete {
  object: string;
  id: string;
  at: At;
  /** Whether getDeleted knows of it; erased junction rows never appear there. */
  isLogged: boolean;
}

/** What the org is like and what befalls it, by RELIABILITY §3.2. All of it by the clock. */
export interface OrgConditions {
  lateCommits?: readonly LateCommit[];
  bulkUpdates?: readonly BulkUpdate[];
  merges?: readonly Merge[];
  hardDeletes?: readonly HardDelete[];
  /** The delete log was cut: it knows nothing of before. */
  deleteLogStartsAt?: At;
  /** Another tenant's long transaction holds latestDateCovered at this instant. */
  latestDateCovered?: At;
  /** Fields that cannot be filtered although they are there (airbyte PR #68166). */
  unfilterable?: readonly { object: string; field: string }[];
}
