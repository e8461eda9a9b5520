/** Something wrong in what a person gave us: said once, located, with the way out. */
export interface Problem {
  /** The file as the reader knows it (relative where possible). */
  file?: string;
  /** 1-based line in that file. */
  line?: number;
  /** Dotted path of the field, or the name of the column. */
  field?: string;
  /** What is wrong, as one sentence. */
  message: string;
  /** What to do about it, as one imperative sentence. */
  remedy: string;
}

/** `x/control.yaml:12 amount.column: what is wrong. What to do.`: one line, for every face. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line].filter((part) => part !== undefined).join(':');
  const where = [place, problem.field].filter(Boolean).join(' ');
  return `${where ? `${where}: ` : ''}${problem.message} ${problem.remedy}`;
}

/** Thrown when input cannot be used; carries every problem found, never just the first. */
export class InvalidInput extends Error {
  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
  ) {
    super(`${subject}: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
    this.name = 'InvalidInput';
  }
}

/** Codes of refusals that callers may rely on; the HTTP face maps each to a status. */
export const refusalCodes = [
  'not_found',
  'run_in_progress',
  'already_run',
  'token_required',
  'scope_missing',
  'sign_in_required',
  'forbidden',
  'foreign_page',
  'same_person',
  'conflict',
  'illegal_move',
  'sign_off_blocked',
  'signature_refused',
  'invalid_request',
  'not_ready',
  'too_large',
  'type_not_allowed',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** An expected "no": the request was understood and is not allowed or not possible now. */
export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}
