import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SystemClock, type Clock } from '../../../platform/clock';
import type { SalesforceRecord } from '../../world/records';
import { Org } from './org';
import type { OrgConditions } from './org-conditions';
import { RequestFaults, type Endpoint, type FaultKind, type RequestFault } from './request-faults';
import {
  endpointOf,
  jsonAnswer,
  LATEST_VERSION,
  OLDEST_VERSION,
  RestApi,
  type ApiAnswer,
} from './rest-api';
import {
  invalidLocator,
  invalidSession,
  notFound,
  queryTimeout,
  requestLimit,
  SalesforceError,
} from './salesforce-error';
import { identityOf, OAuthError, Sessions, type ConnectedApp } from './sessions';
import type { StandInUser } from './stand-in-user';

export interface SalesforceStandInOptions {
  records: Iterable<SalesforceRecord>;
  /** 0, the default, takes any free port. */
  port?: number;
  /** Who may sign in. Default: one user, 'tieout@northwind.example', who sees everything. */
  users?: readonly StandInUser[];
  apps?: readonly ConnectedApp[];
  /** Tokens valid from the start, with the username each stands for. */
  tokens?: Readonly<Record<string, string>>;
  conditions?: OrgConditions;
  faults?: readonly RequestFault[];
  /** Decides what has happened, expired and been purged. */
  clock?: Clock;
  /** Default: 120, as in a new org. */
  sessionMinutes?: number;
  /** REST requests per day, and how many were used before. Default: 0 of 100,000. */
  apiRequests?: { limit: number; used: number };
  /** Query pages are never longer, whatever the client asks for. Default: 2000. */
  maxPageRows?: number;
  /** Rows of a page of Bulk results unless maxRecords asks for fewer. Default: 50,000. */
  bulkPageRows?: number;
  /** How often a Bulk job is seen InProgress before it is complete. Default: 1. */
  bulkLooks?: number;
  /** Default: 600,000. */
  maxReplicationIds?: number;
  /** Days until a deleted row is purged. Default: 15. */
  recycleBinDays?: number;
}

/** A request as it came, for tests to look at. */
export interface StandInApiRequest {
  method: string;
  /** With its query, without the host. */
  target: string;
  endpoint: Endpoint;
  status: number;
}

export interface SalesforceStandIn {
  /** For instanceUrl and loginUrl of a jsforce Connection, without a slash at the end. */
  url: string;
  /** The company moves on: these are its records from now on. Open cursors keep theirs. */
  load(records: Iterable<SalesforceRecord>): void;
  setConditions(conditions: OrgConditions): void;
  /** Each hits the next requests that it means. */
  fail(...faults: readonly RequestFault[]): void;
  clearFaults(): void;
  requests(): readonly StandInApiRequest[];
  stop(): Promise<void>;
}

/** The user that signs in when no users are given. */
export const DEFAULT_USER: StandInUser = {
  id: '005Qk0IntegratiAAA',
  username: 'tieout@northwind.example',
  name: 'Tieout Integration',
};

const MAX_BODY_BYTES = 1_000_000;
const VERSIONED = /^\/services\/data\/v(\d+\.0)(?:\/(.*))?$/;

/**
 * Starts a Salesforce of our own on loopback, over which the real jsforce works: OAuth, SOQL over
 * REST and Bulk 2.0, describe, replication and limits, read only. What CONTROLS §1.1 and
 * RELIABILITY §3.2 say of Salesforce holds here too, faults included; all of it by the clock and
 * the order of requests, never by chance.
 */
export async function startSalesforceStandIn(
  options: SalesforceStandInOptions,
): Promise<SalesforceStandIn> {
  const standIn = new StandInServer(options);
  const url = await standIn.listen(options.port ?? 0);
  return {
    url: url.replace(/\/$/, ''),
    load: (records) => standIn.org.load(records),
    setConditions: (conditions) => standIn.org.setConditions(conditions),
    fail: (...faults) => faults.forEach((fault) => standIn.faults.add(fault)),
    clearFaults: () => standIn.faults.clear(),
    requests: () => standIn.requests,
    stop: () => standIn.stop(),
  };
}

/** A request on its way through the server. */
interface Call {
  method: string;
  url: URL;
  endpoint: Endpoint;
  token: string | null;
  nowMs: number;
  request: IncomingMessage;
  body: string;
}

class StandInServer {
  readonly org: Org;
  readonly faults = new RequestFaults();
  readonly requests: StandInApiRequest[] = [];
  private readonly api: RestApi;
  private readonly sessions: Sessions;
  private readonly clock: Clock;
  private readonly server: Server;
  private readonly usage: { limit: number; used: number };
  private url = '';

  constructor(options: SalesforceStandInOptions) {
    this.clock = options.clock ?? new SystemClock();
    this.usage = { limit: 100_000, used: 0, ...options.apiRequests };
    this.org = new Org(options.recycleBinDays ?? 15);
    this.org.load(options.records);
    this.org.setConditions(options.conditions ?? {});
    for (const fault of options.faults ?? []) this.faults.add(fault);
    this.sessions = new Sessions({
      apps: options.apps ?? [],
      users: options.users ?? [DEFAULT_USER],
      tokens: options.tokens ?? {},
      sessionMinutes: options.sessionMinutes ?? 120,
    });
    const api = {
      maxPageRows: options.maxPageRows ?? 2_000,
      maxReplicationIds: options.maxReplicationIds ?? 600_000,
      bulkLooks: options.bulkLooks ?? 1,
      bulkPageRows: options.bulkPageRows ?? 50_000,
    };
    this.api = new RestApi(this.org, api, () => this.limits());
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(() => response.destroy());
    });
  }

  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    const { port: actual } = this.server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${actual}/`;
    return this.url;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const call: Call = {
      method: request.method ?? 'GET',
      url,
      endpoint: endpointOfUrl(url),
      token: tokenOf(request, url),
      nowMs: Date.parse(this.clock.now()),
      request,
      body: await bodyText(request),
    };
    const fault = this.faults.take(call.endpoint, url);
    const answer = this.answered(call, fault);
    const { method, endpoint } = call;
    this.requests.push({
      method,
      target: url.pathname + url.search,
      endpoint,
      status: answer.status,
    });
    this.send(response, call, answer, fault);
  }

  private answered(call: Call, fault: FaultKind | null): ApiAnswer {
    try {
      this.raise(call, fault);
      return this.answer(call);
    } catch (error) {
      if (error instanceof OAuthError)
        return jsonAnswer({ error: error.error, error_description: error.message }, 400);
      if (!(error instanceof SalesforceError)) throw error;
      const { status, errorCode, message } = error;
      return jsonAnswer([{ message, errorCode }], status);
    }
  }

  private answer(call: Call): ApiAnswer {
    const { url, method, nowMs, body, request } = call;
    if (url.pathname === '/services/oauth2/token' && method === 'POST')
      return jsonAnswer(this.sessions.token(new URLSearchParams(body), this.url, nowMs));
    if (url.pathname === '/services/data') return jsonAnswer(versions());
    const user = call.token === null ? undefined : this.sessions.userOf(call.token, nowMs);
    const [, version, path = ''] = VERSIONED.exec(url.pathname) ?? [];
    if (version === undefined) return this.identity(call, user);
    if (user === undefined) throw invalidSession();
    if (Number(version) > LATEST_VERSION || Number(version) < OLDEST_VERSION) throw notFound();
    this.count();
    const { searchParams: search } = url;
    const { headers } = request;
    return this.api.answer({
      ...{ method, path, search, headers, body, user, version, nowMs },
      url: this.url,
    });
  }

  /** The identity URL and userinfo; without a session Salesforce says 403 Bad_OAuth_Token. */
  private identity({ url, nowMs }: Call, user: StandInUser | undefined): ApiAnswer {
    if (endpointOfUrl(url) !== 'identity') throw notFound();
    if (user === undefined)
      return { status: 403, body: 'Bad_OAuth_Token', contentType: 'text/html', headers: {} };
    return jsonAnswer(identityOf(user, this.url, nowMs));
  }

  private raise(call: Call, fault: FaultKind | null): void {
    switch (fault) {
      case null:
      case 'truncate':
      case 'cut':
      case 'drop_pages':
        return;
      case 'status_500':
        throw new SalesforceError(500, 'UNKNOWN_EXCEPTION', 'An unexpected error occurred.');
      case 'status_503':
        throw new SalesforceError(503, 'SERVER_UNAVAILABLE', 'The server is too busy.');
      case 'expire_session':
        if (call.token !== null) this.sessions.expire(call.token);
        throw invalidSession();
      case 'expire_locator':
        this.api.cursors.expire(call.url.pathname.split('/').at(-1) ?? '');
        throw invalidLocator();
      case 'query_timeout':
        throw queryTimeout();
      case 'request_limit':
        throw requestLimit();
    }
  }

  private count(): void {
    if (this.usage.used >= this.usage.limit) throw requestLimit();
    this.usage.used += 1;
  }

  private limits(): object {
    const { limit, used } = this.usage;
    const whole = (max: number): object => ({ Max: max, Remaining: max });
    return {
      DailyApiRequests: { Max: limit, Remaining: limit - used },
      DailyAsyncApexExecutions: whole(250_000),
      DailyBulkApiBatches: whole(15_000),
      DailyBulkV2QueryJobs: whole(10_000),
      DailyBulkV2QueryFileStorageMB: whole(976_562),
    };
  }

  private send(
    response: ServerResponse,
    call: Call,
    answer: ApiAnswer,
    fault: FaultKind | null,
  ): void {
    const { status, contentType, headers } = answer;
    const whole = Buffer.from(fault === 'drop_pages' ? asLastPage(answer.body) : answer.body);
    const half = whole.subarray(0, Math.floor(whole.length / 2));
    const body = fault === 'truncate' ? half : whole;
    response.writeHead(status, {
      'content-type': contentType,
      'content-length': body.length,
      date: new Date(call.nowMs).toUTCString(),
      'sforce-limit-info': `api-usage=${this.usage.used}/${this.usage.limit}`,
      ...headers,
    });
    if (fault === 'cut') response.write(half, () => response.destroy());
    else response.end(body);
  }
}

/** A page of a query as if nothing came after it. */
function asLastPage(body: string): string {
  const { records } = JSON.parse(body) as { records: unknown[] };
  const head = `"totalSize":${records.length},"done":true,`;
  return body.replace(/"totalSize":\d+,"done":false,"nextRecordsUrl":"[^"]*",/, head);
}

function endpointOfUrl({ pathname }: URL): Endpoint {
  if (pathname === '/services/oauth2/token') return 'token';
  if (pathname === '/services/oauth2/userinfo' || pathname.startsWith('/id/')) return 'identity';
  if (pathname === '/services/data') return 'versions';
  const match = VERSIONED.exec(pathname);
  return match === null ? 'unknown' : endpointOf(match[2] ?? '');
}

const versions = (): object[] =>
  Array.from({ length: LATEST_VERSION - OLDEST_VERSION + 1 }, (_none, index) => {
    const version = `${OLDEST_VERSION + index}.0`;
    return { label: `v${version}`, url: `/services/data/v${version}`, version };
  });

function tokenOf(request: IncomingMessage, url: URL): string | null {
  const bearer = /^(?:Bearer|OAuth) (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? url.searchParams.get('oauth_token');
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is larger than this server takes');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
