import Stripe from 'stripe';

/** Why a request to Stripe gave no answer, in words that tell who must act. */
export type StripeFaultKind =
  | 'busy' // 429, 409: later
  | 'unavailable' // 5xx, connection, an answer cut short: later
  | 'key_refused' // 401
  | 'permission_missing' // 403: grant it to the restricted key
  | 'not_found' // resource_missing
  | 'refused'; // anything else Stripe calls our mistake

/** A request that Stripe did not answer. Says the endpoint and request id, never the key. */
export class StripeFault extends Error {
  constructor(
    readonly kind: StripeFaultKind,
    readonly endpoint: string,
    message: string,
    readonly origin: FaultOrigin,
  ) {
    super(`${endpoint}: ${message}`, { cause: origin.cause });
    this.name = 'StripeFault';
  }
}

interface FaultOrigin {
  requestId: string | null;
  /** As Retry-After asks; null where it does not. */
  retryAfterMs: number | null;
  cause: unknown;
}

export const isTransient = ({ kind }: StripeFault): boolean =>
  kind === 'busy' || kind === 'unavailable';

/** What the SDK threw, as a fault; anything that is no answer of Stripe's is thrown on. */
export function stripeFault(cause: unknown, endpoint: string): StripeFault {
  if (!(cause instanceof Stripe.errors.StripeError)) throw cause;
  const kind = kindOf(cause);
  return new StripeFault(kind, endpoint, messageOf(kind, cause), {
    requestId: cause.requestId ?? null,
    retryAfterMs: retryAfterMs(cause.headers),
    cause,
  });
}

/** An answer that the SDK could not read as one of Stripe's: a proxy's page, or another release. */
export function oddAnswer(
  endpoint: string,
  { status, headers }: { status: number; headers: Headers },
): StripeFault {
  const isMoved = status >= 300 && status < 400;
  const message = isMoved
    ? `answered with a redirection, which is not followed (${status})`
    : `answered with what is no JSON object of Stripe's (${status})`;
  // By its status; what came as a success is asked for again, as is what broke off.
  const kind = status < 300 ? 'unavailable' : (kindOfStatus(status) ?? 'refused');
  const origin = { requestId: headers.get('request-id'), cause: null };
  const retry = retryAfterMs(Object.fromEntries(headers));
  return new StripeFault(kind, endpoint, message, { ...origin, retryAfterMs: retry });
}

function kindOfStatus(status: number): StripeFaultKind | null {
  if (status === 429 || status === 409) return 'busy';
  if (status >= 500) return 'unavailable';
  if (status === 401) return 'key_refused';
  return status === 403 ? 'permission_missing' : null;
}

function kindOf(error: Stripe.errors.StripeError): StripeFaultKind {
  if (error instanceof Stripe.errors.StripeConnectionError) return 'unavailable';
  const known = kindOfStatus(error.statusCode ?? 0);
  if (known !== null) return known;
  if (error.code === 'resource_missing') return 'not_found';
  return error instanceof Stripe.errors.StripeAPIError && error.statusCode === undefined
    ? 'unavailable'
    : 'refused';
}

function messageOf(kind: StripeFaultKind, error: Stripe.errors.StripeError): string {
  if (kind === 'key_refused') return 'Stripe does not know the key of this source.';
  const status = error.statusCode === undefined ? '' : ` (${error.statusCode})`;
  return `${error.message.replaceAll(/[rs]k_[A-Za-z0-9_*]+/g, '[key]')}${status}`;
}

function retryAfterMs(headers: Record<string, string> | undefined): number | null {
  const seconds = Number.parseInt(headers?.['retry-after'] ?? '', 10);
  return Number.isNaN(seconds) ? null : seconds * 1000;
}
