import { formatProblem, InvalidInput } from '../core/problem';
import { serverLimitOf } from './fault';
import { PopulationTooLarge } from './freeze/freeze-populations';
import { withoutVerdict, type RunDraft } from './run-draft';

/** How a run ends whose input cannot be used, or that reached a limit; null for a fault. */
export function noVerdictOf(
  cause: unknown,
  { statement_timeout_s: seconds }: { statement_timeout_s: number },
): RunDraft | null {
  if (cause instanceof InvalidInput)
    return withoutVerdict('not_evaluated', cause.problems.map(formatProblem).join('\n'));
  if (cause instanceof PopulationTooLarge) return withoutVerdict('not_evaluated', cause.message);
  const limit = serverLimitOf(cause, seconds);
  return limit === null ? null : withoutVerdict('not_evaluated', limit);
}
