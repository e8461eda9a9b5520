import { HttpException } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { InvalidInput, Refusal, type Problem, type RefusalCode } from '../core/problem';
import { problemType, type ProblemDocument } from '../platform/http/problem-document';
import { NotReady } from './health';

/** An error as the API tells it, before the request lends it its name. */
export interface ApiProblem {
  status: number;
  code: string;
  title: string;
  detail: string;
  problems?: readonly Problem[];
}

const refusals: Record<RefusalCode, { status: number; title: string }> = {
  not_found: { status: 404, title: 'Not found' },
  run_in_progress: { status: 409, title: 'A run is in progress' },
  already_run: { status: 409, title: 'The period was run already' },
  token_required: { status: 401, title: 'A token is required' },
  signature_refused: { status: 400, title: 'The signature is refused' },
  scope_missing: { status: 403, title: 'The token does not allow this' },
  sign_in_required: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Your roles do not allow this' },
  foreign_page: { status: 403, title: 'The request does not come from our own page' },
  same_person: { status: 403, title: 'Another person must do this' },
  conflict: { status: 409, title: 'It conflicts with what there is' },
  illegal_move: { status: 409, title: 'This move is not possible now' },
  sign_off_blocked: { status: 409, title: 'The sign-off is blocked' },
  too_large: { status: 413, title: 'The file is too large' },
  type_not_allowed: { status: 415, title: 'Files of this kind are not kept' },
  invalid_request: { status: 400, title: 'The request is not valid' },
  not_ready: { status: 503, title: 'The server is not ready' },
};

/** What Express and Nest themselves refuse, by status. */
const transport: Record<number, Omit<ApiProblem, 'status'>> = {
  400: {
    code: 'invalid_request',
    title: refusals.invalid_request.title,
    detail: 'The request cannot be read: its address or its JSON body is malformed.',
  },
  404: {
    code: 'not_found',
    title: refusals.not_found.title,
    detail: 'There is nothing at this address for this method; /api/docs lists what there is.',
  },
  413: {
    code: 'body_too_large',
    title: 'The body is too large',
    detail: 'A request body may hold 1 MiB.',
  },
  415: {
    code: 'unsupported_media_type',
    title: 'The body is of another kind',
    detail: 'A request body is JSON in UTF-8, uncompressed, gzip, deflate or br.',
  },
};

/** null: no expected refusal but a fault of the server, about which the caller learns nothing. */
export function expectedProblem(error: unknown): ApiProblem | null {
  if (error instanceof Refusal)
    return {
      ...refusals[error.code],
      code: error.code,
      detail: error.message,
      ...(error instanceof NotReady ? { problems: error.problems } : {}),
    };
  if (error instanceof InvalidInput)
    return {
      ...refusals.invalid_request,
      code: 'invalid_request',
      detail: `${error.message}.`,
      problems: error.problems,
    };
  const status = transportStatus(error);
  const known = status === null ? undefined : transport[status];
  return status === null || known === undefined ? null : { status, ...known };
}

/** Nest's own exceptions carry a status; Express's carry one and say that it may be told. */
function transportStatus(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null) return null;
  if (!('status' in error) || !('expose' in error) || error.expose !== true) return null;
  return typeof error.status === 'number' ? error.status : null;
}

/** A fault as its caller sees it: only a name, under which the log has the rest. */
export function faultProblem(incident: string): ApiProblem & { incident: string } {
  return {
    status: 500,
    code: 'internal_error',
    title: 'The server failed',
    detail: `The server could not answer; its log says why under incident ${incident}.`,
    incident,
  };
}

/** Writes a problem document (RFC 9457) and ends the answer. */
export function sendProblem(
  response: ServerResponse,
  problem: ApiProblem & { incident?: string },
  request: string,
): void {
  const { status, code, title, detail, problems, incident } = problem;
  const document: ProblemDocument = {
    type: problemType(code),
    title,
    status,
    code,
    detail,
    instance: `urn:uuid:${request}`,
    ...(problems === undefined ? {} : { problems: problems.map((one) => ({ ...one })) }),
    ...(incident === undefined ? {} : { incident }),
  };
  const body = Buffer.from(JSON.stringify(document));
  // What a controller had prepared for the answer that failed.
  for (const name of ['Content-Disposition', 'ETag', 'Location']) response.removeHeader(name);
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
