import type { Outcome } from '../core/outcome';
import type { ProcedureStatement } from '../core/statement';
import type { CanaryResult, FrozenPopulation } from './run-types';

/** What a run found, before it is recorded. */
export interface RunDraft {
  outcome: Outcome;
  /** Why there is no verdict; null when there is one. */
  reason: string | null;
  populations: ReadonlyMap<string, FrozenPopulation>;
  statements: ProcedureStatement[];
  /** Planted anomalies and whether they were found; null where none are planted. */
  canaries: CanaryResult[] | null;
  /** One canonical finding per line; null when there is no verdict. */
  findings: { file: string; sha256: string; count: number } | null;
}

/** A run without a verdict: nothing it may have read or computed counts. */
export function withoutVerdict(
  outcome: 'not_evaluated' | 'errored',
  reason: string,
  populations: ReadonlyMap<string, FrozenPopulation> = new Map(),
): RunDraft {
  return { outcome, reason, populations, statements: [], findings: null, canaries: null };
}
