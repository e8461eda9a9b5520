import { formatProblem, InvalidInput, Refusal, type Problem } from '../core/problem';
import { redactText } from '../platform/logger-redaction';
import { counted, printable } from './text-layout';

/** Why a command ended without doing its work. */
export interface Failure {
  /** `invalid_input`, the code of a Refusal, or `fault`. */
  code: string;
  message: string;
  problems: readonly Problem[];
}

/** One sentence and every located problem; never a stack trace, and nothing secret. */
export function describeFailure(cause: unknown): Failure {
  if (cause instanceof InvalidInput)
    return {
      code: 'invalid_input',
      message: `${cause.subject}: ${counted(cause.problems.length, 'problem')}`,
      problems: cause.problems,
    };
  if (cause instanceof Refusal) return { code: cause.code, message: cause.message, problems: [] };
  const chain = messagesOf(cause).map((message) => redactText(printable(message)));
  return { code: 'fault', message: chain.join(': ') || 'an unknown fault', problems: [] };
}

export function renderFailure({ code, message, problems }: Failure): string[] {
  if (problems.length > 0)
    return [message, ...problems.map((problem) => `  ${printable(formatProblem(problem))}`)];
  if (code !== 'fault') return [printable(message)];
  return [
    `tieout failed: ${message.replace(/\.$/, '')}.`,
    'Run it with TIEOUT_LOG_LEVEL=debug for more.',
  ];
}

/** First lines of an error's messages and of its causes, outermost first. */
function messagesOf(cause: unknown): string[] {
  if (typeof cause !== 'object' || cause === null || !('message' in cause)) return [];
  const [first = ''] = String(cause.message).split('\n');
  return [first, ...('cause' in cause ? messagesOf(cause.cause) : [])].filter(Boolean);
}
