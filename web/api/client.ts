import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './schema';

export interface Located {
  field?: string | undefined;
  message: string;
  remedy?: string | undefined;
}

export interface ProblemFacts {
  /** 0 when no answer came at all. */
  status: number;
  /** Stable; `network` when no answer came at all. */
  code: string;
  title: string;
  detail: string;
  problems?: readonly Located[];
  /** What to name when asking for help. */
  incident?: string | null;
}

/** An answer of the API that is an error (RFC 9457). */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly problems: readonly Located[];
  readonly incident: string | null;

  constructor(facts: ProblemFacts) {
    super(facts.detail);
    this.status = facts.status;
    this.code = facts.code;
    this.title = facts.title;
    this.problems = facts.problems ?? [];
    this.incident = facts.incident ?? null;
  }
}

const session: { csrfToken: string | null } = { csrfToken: null };

/** What every write carries from now on, so that no other site's page can send one. */
export function rememberCsrfToken(token: string | null): void {
  session.csrfToken = token;
}

const withCsrfToken: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && session.csrfToken !== null)
      request.headers.set('X-CSRF-Token', session.csrfToken);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(withCsrfToken);

interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws ApiProblem when it is an error or none came. */
export async function dataOf<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await reached(answer);
  if (!response.ok) throw problemOf(response.status, error);
  return data as Data;
}

async function reached<Data>(answer: Promise<Answer<Data>>): Promise<Answer<Data>> {
  try {
    return await answer;
  } catch {
    throw new ApiProblem({
      status: 0,
      code: 'network',
      title: 'The server cannot be reached',
      detail: 'It may be down, or this device has no connection.',
    });
  }
}

function problemOf(status: number, body: unknown): ApiProblem {
  const of = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string, otherwise: string): string =>
    typeof of[name] === 'string' ? of[name] : otherwise;
  return new ApiProblem({
    status,
    code: text('code', 'unknown'),
    title: text('title', `The server answered ${status}`),
    detail: text('detail', 'It gave no reason.'),
    problems: Array.isArray(of['problems']) ? (of['problems'] as Located[]) : [],
    incident: typeof of['incident'] === 'string' ? of['incident'] : null,
  });
}
