import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import Stripe from 'stripe';
import type { RateLimiter, Sleep } from './rate-limiter';
import { isTransient, oddAnswer, StripeFault, stripeFault } from './stripe-fault';

/** The version of the API that is asked for: the one whose types the SDK has. */
export const stripeApiVersion = Stripe.API_VERSION;

/** Attempts at one request, the first among them. */
const maxAttempts = 8;
const firstWaitMs = 500;
const longestWaitMs = 32_000;
const timeoutMs = 60_000;

/** What Stripe answered: the body byte for byte, and what finds the request again at Stripe. */
export interface StripeAnswer {
  body: string;
  requestId: string;
  /** The version that the answer is in; as Stripe says, or as it was asked for. */
  apiVersion: string;
}

export interface StripeAccess {
  key: string;
  /** Another address than Stripe's own: a stand-in. */
  apiUrl?: string;
}

/**
 * The official SDK, with two things it has not: the exact text of each answer, which is what we
 * keep as evidence, and patience (a bucket per endpoint, Retry-After, attempts with growing waits).
 */
export class StripeConnection {
  private readonly stripe: Stripe;
  private readonly answers = new AsyncLocalStorage<Kept>();
  private requests = 0;
  private dated: string | null = null;

  constructor(
    private readonly access: StripeAccess,
    private readonly limiter: RateLimiter,
    private readonly sleep: Sleep,
    private readonly attempts = maxAttempts,
  ) {
    this.stripe = new Stripe(access.key, {
      ...hostOf(access.apiUrl),
      httpClient: Stripe.createFetchHttpClient((url, init) => this.fetchAndKeep(url, init)),
      maxNetworkRetries: 0,
      telemetry: false,
      timeout: timeoutMs,
    });
  }

  /** Requests made so far, repeated ones included. */
  get requestCount(): number {
    return this.requests;
  }

  /** The latest time that Stripe dated an answer with; ISO 8601, UTC. Null before the first. */
  get serverTime(): string | null {
    return this.dated;
  }

  /**
   * The text of a file of Stripe's, such as a report, at the address that an answer named. The key
   * goes to Stripe alone: any other host is refused.
   */
  async download(endpoint: string, url: string): Promise<StripeAnswer> {
    const { hostname } = new URL(url);
    const own = this.access.apiUrl === undefined ? null : new URL(this.access.apiUrl).hostname;
    if (hostname !== 'files.stripe.com' && hostname !== own)
      throw new RangeError(`${endpoint} names the host ${hostname}, which is not Stripe's`);
    return this.ask(endpoint, async () => {
      const headers = { authorization: `Bearer ${this.access.key}` };
      let response: Response;
      try {
        response = await this.fetchAndKeep(url, {
          headers,
          signal: AbortSignal.timeout(timeoutMs),
        });
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : 'no connection';
        throw new Stripe.errors.StripeConnectionError({ type: 'api_error', message });
      }
      if (response.ok) return;
      const statusCode = response.status;
      const message = `the file was not given`;
      throw new Stripe.errors.StripeAPIError({ type: 'api_error', message, statusCode });
    });
  }

  /**
   * Makes one call of the SDK and gives the text of its answer. Throws StripeFault: at once when
   * asking again cannot help, else after the last attempt.
   */
  async ask(endpoint: string, call: (stripe: Stripe) => Promise<unknown>): Promise<StripeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      await this.limiter.turn(endpoint);
      const answer = await this.attempt(endpoint, call);
      if (!(answer instanceof StripeFault)) return answer;
      if (!isTransient(answer) || attempt === this.attempts) throw answer;
      const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1));
      const waitMs = answer.origin.retryAfterMs ?? backoffMs / 2 + randomInt(backoffMs / 2);
      if (answer.kind === 'busy') this.limiter.holdBack(endpoint, waitMs);
      else await this.sleep(waitMs);
    }
  }

  private async attempt(
    endpoint: string,
    call: (stripe: Stripe) => Promise<unknown>,
  ): Promise<StripeAnswer | StripeFault> {
    const kept: Kept = { answer: null, status: 0, headers: new Headers() };
    this.requests += 1;
    try {
      await this.answers.run(kept, () => call(this.stripe));
    } catch (cause) {
      // What the SDK cannot read it takes for a broken answer of Stripe's, or stumbles over.
      if (kept.answer !== null && statusIn(cause) === undefined) return oddAnswer(endpoint, kept);
      return stripeFault(cause, endpoint);
    }
    if (kept.answer === null) throw new Error(`${endpoint}: the SDK made no request`);
    // Of a refusal without an `error` in it the SDK makes an answer.
    return kept.status >= 200 && kept.status < 300 ? kept.answer : oddAnswer(endpoint, kept);
  }

  private async fetchAndKeep(...request: Parameters<typeof fetch>): Promise<Response> {
    const [url, init] = request;
    // The key must not follow to another place, nor what comes from there be taken for Stripe's.
    const response = await fetch(url, { ...init, redirect: 'manual' });
    const body = await response.text();
    const kept = this.answers.getStore();
    const { status, headers } = response;
    const requestId = headers.get('request-id') ?? '';
    const apiVersion = headers.get('stripe-version') ?? stripeApiVersion;
    if (kept) Object.assign(kept, { answer: { body, requestId, apiVersion }, status, headers });
    const dated = new Date(headers.get('date') ?? '');
    if (!Number.isNaN(dated.getTime())) this.dated = dated.toISOString();
    return new Response(withoutBody.has(status) ? null : body, { status, headers });
  }
}

/** What came of one request. */
interface Kept {
  answer: StripeAnswer | null;
  status: number;
  headers: Headers;
}

/** A Response of these refuses even an empty body. */
const withoutBody = new Set([101, 204, 205, 304]);

const statusIn = (cause: unknown): number | undefined =>
  cause instanceof Stripe.errors.StripeError ? cause.statusCode : undefined;

function hostOf(apiUrl: string | undefined): ConstructorParameters<typeof Stripe>[1] {
  if (apiUrl === undefined) return {};
  const { hostname, port, protocol } = new URL(apiUrl);
  return {
    host: hostname,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port === '' ? {} : { port }),
  };
}
