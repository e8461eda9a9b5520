import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './schema';

export interface Located {
  field?: string | undefined;
  message: string;
  remedy?: string | undefined;
}

/** An answer of the API that is an error (RFC 9457). */
export class ApiProblem extends Error {
  override name = 'ApiProblem';

  constructor(
    readonly status: number,
    /** Stable; `network` when no answer came at all. */
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly problems: readonly Located[] = [],
    /** What to name when asking for help. */
    readonly incident: string | null = null,
  ) {
    super(detail);
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
    throw new ApiProblem(0, 'network', 'No answer', 'The server cannot be reached.');
  }
}

function problemOf(status: number, body: unknown): ApiProblem {
  const of = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string, otherwise: string): string =>
    typeof of[name] === 'string' ? of[name] : otherwise;
  return new ApiProblem(
    status,
    text('code', 'unknown'),
    text('title', `The server answered ${status}`),
    text('detail', 'It gave no reason.'),
    Array.isArray(of['problems']) ? (of['problems'] as Located[]) : [],
    typeof of['incident'] === 'string' ? of['incident'] : null,
  );
}
