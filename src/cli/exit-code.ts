import type { Outcome } from '../core/outcome';

/** What a command's end says to the shell (tieout --help). */
export const exitCodes = {
  /** Done; controls passed. */
  ok: 0,
  /** Something is wrong with the input, the configuration or the machine. */
  wrong: 1,
  /** Exceptions were found, or cases failed. */
  exceptions: 2,
  /** No verdict: not evaluated, or errored. */
  noVerdict: 3,
  /** Ended by Ctrl-C or SIGTERM before the work was done. */
  interrupted: 130,
} as const;

/** The worst of several runs decides: no verdict before exceptions before passed. */
export function exitCodeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some((outcome) => outcome === 'not_evaluated' || outcome === 'errored'))
    return exitCodes.noVerdict;
  return outcomes.includes('exceptions') ? exitCodes.exceptions : exitCodes.ok;
}
