/** Why a request to Salesforce gave no answer, in words that tell who must act. */
export type SalesforceFaultKind =
  | 'unavailable' // 5xx, connection, an answer cut short: later
  | 'busy' // too many long requests at once: later
  | 'query_timeout' // the query took too long there: later, or narrower
  | 'session' // the session ended: sign in again
  | 'locator' // the cursor of a query is gone: ask again
  | 'sign_in_refused' // the credentials of this source
  | 'limit' // the daily API calls of the org, or our share of them
  | 'not_found' // an object or endpoint that is not there for this user
  | 'refused'; // anything else Salesforce calls our mistake

/** A request that Salesforce did not answer. Says the path and the code, never a credential. */
export class SalesforceFault extends Error {
  constructor(
    readonly kind: SalesforceFaultKind,
    /** Salesforce's own: INVALID_FIELD, or http_502 where it gave none. */
    readonly code: string,
    readonly endpoint: string,
    message: string,
    readonly origin: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(`${endpoint}: ${message} (${code})`, { cause: origin.cause });
    this.name = 'SalesforceFault';
  }
}

const kinds: Readonly<Record<string, SalesforceFaultKind>> = {
  INVALID_SESSION_ID: 'session',
  INVALID_QUERY_LOCATOR: 'locator',
  QUERY_TIMEOUT: 'query_timeout',
  SERVER_UNAVAILABLE: 'unavailable',
  UNABLE_TO_LOCK_ROW: 'busy',
  NOT_FOUND: 'not_found',
  INVALID_TYPE: 'not_found',
  API_DISABLED_FOR_ORG: 'refused',
};

/** A refusal of the REST API: its status, and `[{ "errorCode", "message" }]` where there is one. */
export function refusalOf(
  endpoint: string,
  { status, body, retryAfter }: { status: number; body: string; retryAfter: string | null },
): SalesforceFault {
  const { code, message } = errorIn(body) ?? { code: `http_${status}`, message: 'no answer' };
  const seconds = Number.parseInt(retryAfter ?? '', 10);
  const retryAfterMs = Number.isNaN(seconds) ? null : seconds * 1000;
  return new SalesforceFault(kindOf(status, code, message), code, endpoint, message, {
    retryAfterMs,
  });
}

function kindOf(status: number, code: string, message: string): SalesforceFaultKind {
  // Two limits share one code: of a day, and of long requests at one moment.
  if (code === 'REQUEST_LIMIT_EXCEEDED') return /concurrent/i.test(message) ? 'busy' : 'limit';
  const known = kinds[code];
  if (known !== undefined) return known;
  if (status === 401) return 'session';
  if (status === 429) return 'busy';
  if (status >= 500) return 'unavailable';
  return status === 404 ? 'not_found' : 'refused';
}

function errorIn(body: string): { code: string; message: string } | null {
  try {
    const parsed = JSON.parse(body) as unknown;
    const error = (Array.isArray(parsed) ? parsed[0] : parsed) as Record<string, unknown> | null;
    const code = error?.['errorCode'] ?? error?.['error'];
    const message = error?.['message'] ?? error?.['error_description'];
    if (typeof code !== 'string') return null;
    return { code, message: typeof message === 'string' ? message.trim() : 'no reason given' };
  } catch {
    return null;
  }
}
