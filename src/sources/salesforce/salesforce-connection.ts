import { randomInt } from 'node:crypto';
import { Connection, type HttpMethods } from 'jsforce';
import type { Clock } from '../../platform/clock';
import type { SalesforceConfig } from '../../platform/source-config';
import { refusalOf, SalesforceFault } from './salesforce-fault';
import { SalesforceTransport, type HttpAnswer } from './salesforce-transport';
import { signAssertion } from './sign-assertion';

/** The newest version of the API that is asked for; an older org is asked in its own newest. */
export const newestApiVersion = 66;
/** The oldest one whose fields the mappings know. */
export const oldestApiVersion = 50;

const maxAttempts = 8;
const maxSignIns = 3;
const firstWaitMs = 500;
const longestWaitMs = 32_000;
const timeoutMs = 120_000;

export interface ConnectionMeans {
  clock: Clock;
  sleep: (ms: number) => Promise<void>;
}

/** A request below `/services/data/vNN.0`, or by its whole path where it begins with /services. */
export interface ApiCall {
  path: string;
  method?: HttpMethods;
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/** Daily API calls of the org, as the last answer counted them. */
export interface ApiUsage {
  used: number;
  limit: number;
}

type Access = Pick<SalesforceConfig, 'login_url' | 'auth' | 'api_calls_share'>;

/**
 * jsforce, with what it has not: the exact text of each answer, a deadline, patience (Retry-After,
 * growing waits), sessions begun again, and a stop before the org's daily API calls are used up.
 */
export class SalesforceConnection {
  requestCount = 0;
  /** Whether our share of the daily API calls ends the reading; looking at an org may go on. */
  isMetered = false;
  usage: ApiUsage | null = null;
  /** By the clock of the server, when it answered last; ISO 8601. */
  serverTime: string | null = null;
  private connection: Connection | null = null;
  private version = newestApiVersion;

  private constructor(
    private readonly access: Access,
    private readonly means: ConnectionMeans,
  ) {}

  /** Signs in. Throws SalesforceFault: `sign_in_refused` when asking again cannot help. */
  static async open(access: Access, means: ConnectionMeans): Promise<SalesforceConnection> {
    const opened = new SalesforceConnection(access, means);
    await opened.patiently(() => opened.signIn());
    opened.version = await opened.chooseVersion();
    return opened;
  }

  get apiVersion(): string {
    return `${this.version}.0`;
  }

  /** Ids of who is signed in, and where. */
  get who(): { userId: string; organizationId: string } {
    const info = this.connection?.userInfo;
    return { userId: info?.id ?? '', organizationId: info?.organizationId ?? '' };
  }

  /**
   * Makes a request and gives what `read` finds in the answer. Null from `read` says that the
   * answer is cut short: then it is asked again, as it is after 5xx and broken connections, and
   * when `read` stumbles over an answer of another shape. Throws SalesforceFault.
   */
  async ask<T>(call: ApiCall, read: (answer: HttpAnswer) => T | null): Promise<T> {
    return this.patiently(async () => {
      const answer = await this.send(call);
      const found = readable(call, answer, read);
      if (found !== null) return found;
      throw new SalesforceFault('unavailable', 'cut_short', nameOf(call), 'half an answer came');
    });
  }

  /** The path of a page that an answer names, be it with the address of this instance before it. */
  pathOf(next: string): string {
    const instance = this.connection?.instanceUrl ?? '';
    if (!/^https?:/i.test(next)) return next;
    const [own, named] = [new URL(instance), new URL(next)];
    if (own.origin === named.origin) return named.pathname + named.search;
    // The session goes to its own instance alone.
    const says = `the next page is named at ${named.host}, which is another place`;
    throw new SalesforceFault('refused', 'foreign_page', 'query', says);
  }

  private async patiently<T>(attempt: () => Promise<T>): Promise<T> {
    let signIns = 0;
    for (let n = 1; ; n += 1) {
      try {
        return await attempt();
      } catch (cause) {
        if (!(cause instanceof SalesforceFault)) throw cause;
        if (cause.kind === 'session' && signIns < maxSignIns) {
          signIns += 1;
          await this.signInPatiently();
          continue;
        }
        const isTransient = ['unavailable', 'busy', 'query_timeout'].includes(cause.kind);
        if (!isTransient || n >= maxAttempts) throw cause;
        const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (n - 1));
        const waitMs = cause.origin.retryAfterMs ?? backoffMs / 2 + randomInt(backoffMs / 2);
        await this.means.sleep(waitMs);
      }
    }
  }

  private async signInPatiently(): Promise<void> {
    for (let n = 1; ; n += 1) {
      try {
        return await this.signIn();
      } catch (cause) {
        const isTransient = cause instanceof SalesforceFault && cause.kind === 'unavailable';
        if (!isTransient || n >= maxAttempts) throw cause;
        await this.means.sleep(firstWaitMs * 2 ** (n - 1));
      }
    }
  }

  private async signIn(): Promise<void> {
    const { auth, login_url: loginUrl } = this.access;
    const endpoint = 'sign-in';
    const grant = this.grant();
    const transport = new SalesforceTransport(timeoutMs);
    const secret = auth.flow === 'client_credentials' ? { clientSecret: auth.client_secret } : {};
    const connection = new Connection({
      oauth2: { loginUrl, clientId: auth.client_id, ...secret },
      version: this.apiVersion,
    });
    // OAuth2 takes no transport of its own from its options.
    connection.oauth2._transport = transport;
    try {
      await connection.authorize(grant);
    } catch (cause) {
      const { answer } = transport;
      if (answer === null)
        throw new SalesforceFault('unavailable', 'connection', endpoint, 'no answer', { cause });
      const { status, body, headers } = answer;
      const refusal = refusalOf(endpoint, {
        status,
        body,
        retryAfter: headers['retry-after'] ?? null,
      });
      if (status < 400 || refusal.kind === 'unavailable')
        throw halfAnswer(refusal, endpoint, cause);
      throw new SalesforceFault('sign_in_refused', refusal.code, endpoint, messageOf(cause));
    }
    this.connection = connection;
  }

  private grant(): { grant_type: string; [name: string]: string } {
    const { auth, login_url: loginUrl } = this.access;
    if (auth.flow === 'client_credentials') return { grant_type: 'client_credentials' };
    const { client_id: clientId, username, private_key: privateKey } = auth;
    const audience = new URL(loginUrl).origin;
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    try {
      const now = this.means.clock.now();
      const assertion = signAssertion({ clientId, username, privateKey }, audience, now);
      return { grant_type: grant, assertion };
    } catch {
      // What node:crypto says of a key may show parts of it.
      const says = 'private_key is no RSA key in PEM';
      throw new SalesforceFault('sign_in_refused', 'private_key', 'sign-in', says);
    }
  }

  /** The org's newest version, not above ours. Where it is not told, the newest that answers. */
  private async chooseVersion(): Promise<number> {
    const versions = await this.ask({ path: '/services/data' }, ({ body }) =>
      versionsIn(body),
    ).catch((cause: unknown) => {
      if (cause instanceof SalesforceFault && cause.kind !== 'unavailable') return [];
      throw cause;
    });
    const known = versions.filter((one) => one <= newestApiVersion && one >= oldestApiVersion);
    return known.length === 0 ? this.newestAnswering() : Math.max(...known);
  }

  private async newestAnswering(): Promise<number> {
    for (let version = newestApiVersion; version >= oldestApiVersion; version -= 1) {
      const path = `/services/data/v${version}.0/sobjects`;
      const isThere = await this.ask({ path }, () => true).catch((cause: unknown) => {
        if (!(cause instanceof SalesforceFault) || cause.kind === 'unavailable') throw cause;
        return cause.kind !== 'not_found';
      });
      if (isThere) return version;
    }
    return newestApiVersion;
  }

  private async send(call: ApiCall): Promise<HttpAnswer> {
    const { connection } = this;
    if (connection === null) throw new Error('nobody is signed in');
    this.refuseAboveShare(nameOf(call));
    const transport = new SalesforceTransport(timeoutMs);
    this.requestCount += 1;
    const base = call.path.startsWith('/services') ? '' : `/services/data/v${this.apiVersion}`;
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const headers: Record<string, string> = { ...call.headers };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    const url = connection.instanceUrl.replace(/\/$/, '') + base + call.path;
    const request = { url, method: call.method ?? 'GET', headers, ...body };
    let failed: unknown = null;
    await connection.request(request, { responseType: 'text/plain', transport }).catch((cause) => {
      failed = cause;
    });
    return this.answered(call, transport.answer, failed);
  }

  private answered(call: ApiCall, answer: HttpAnswer | null, cause: unknown): HttpAnswer {
    const endpoint = nameOf(call);
    if (answer === null)
      throw new SalesforceFault('unavailable', 'connection', endpoint, 'no answer', { cause });
    const { status, headers, body } = answer;
    const date = new Date(headers['date'] ?? '');
    if (!Number.isNaN(date.getTime())) this.serverTime = date.toISOString();
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(headers['sforce-limit-info'] ?? '') ?? [];
    if (used !== undefined) this.usage = { used: Number(used), limit: Number(limit) };
    if (status >= 300 && status < 400) {
      const says = 'answered with a redirection, which is not followed';
      throw new SalesforceFault('refused', `http_${status}`, endpoint, says);
    }
    if (status < 400) return answer;
    throw refusalOf(endpoint, { status, body, retryAfter: headers['retry-after'] ?? null });
  }

  /** Others need the org's API too: reading stops while they still have some. */
  private refuseAboveShare(endpoint: string): void {
    const { usage } = this;
    const share = this.access.api_calls_share;
    if (!this.isMetered || usage === null || usage.used * 100 < usage.limit * share) return;
    const used = `${usage.used} of ${usage.limit} API calls of the last 24 hours are used`;
    const says = `${used}, and ours end at ${share} %`;
    throw new SalesforceFault('limit', 'api_calls_share', endpoint, says);
  }
}

function readable<T>(
  call: ApiCall,
  answer: HttpAnswer,
  read: (answer: HttpAnswer) => T | null,
): T | null {
  try {
    return read(answer);
  } catch (cause) {
    if (cause instanceof SalesforceFault) throw cause;
    const says = "answered with what is no answer of Salesforce's";
    throw new SalesforceFault('unavailable', 'odd_answer', nameOf(call), says, { cause });
  }
}

const nameOf = ({ path }: ApiCall): string => path.replace(/[?].*$/, '');

function halfAnswer(refusal: SalesforceFault, endpoint: string, cause: unknown): SalesforceFault {
  return refusal.kind === 'unavailable'
    ? refusal
    : new SalesforceFault('unavailable', 'cut_short', endpoint, 'half an answer came', { cause });
}

const messageOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : '';

function versionsIn(body: string): number[] | null {
  try {
    const versions = JSON.parse(body) as unknown;
    if (!Array.isArray(versions)) return null;
    return versions.map((one: { version?: unknown } | null) => Number(one?.version));
  } catch {
    return null;
  }
}
