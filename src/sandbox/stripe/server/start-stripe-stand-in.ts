import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripeId } from '../../kit/ids';
import { instantOf } from '../../kit/instants';
import { SystemClock, type Clock } from '../../../platform/clock';
import type { Fields } from '../legacy/fields';
import { pinnedVersion } from '../render/wire';
import type { StripeStore } from '../store/stripe-store';
import { AccountView } from './account-view';
import { FaultPlan, type Failure, type Faults } from './faults';
import { callerOf, type StandInAccount } from './keys';
import { parseParams } from './parse-params';
import { ReportDesk } from './report-desk';
import { answer } from './stripe-api';
import { rateLimited, serverError, StripeError } from './stripe-error';

export interface StripeStandInOptions {
  store: StripeStore;
  accounts: readonly StandInAccount[];
  /** 0, the default, takes any free port. */
  port?: number;
  faults?: Faults;
  /** What is now: objects of the future do not show, events of more than 30 days ago are gone. */
  clock?: Clock;
}

/** A request as it came, for tests to look at. */
export interface SeenRequest {
  method: string;
  /** With its query. */
  url: string;
  status: number;
}

export interface StripeStandIn {
  host: string;
  port: number;
  url: string;
  /** Other faults from the next request on. */
  setFaults(faults: Faults): void;
  /** As if it had been deleted: it leaves every list, and a cursor on it is refused. */
  remove(id: string): void;
  requests(): readonly SeenRequest[];
  stop(): Promise<void>;
}

const maxBodyBytes = 1_000_000;

/** Starts a Stripe of our own on loopback that the official SDK reads from. */
export async function startStripeStandIn(options: StripeStandInOptions): Promise<StripeStandIn> {
  const standIn = new StandInServer(options);
  const port = await standIn.listen(options.port ?? 0);
  return {
    ...{ host: '127.0.0.1', port, url: `http://127.0.0.1:${port}` },
    setFaults: (faults) => {
      standIn.plan = new FaultPlan(faults);
    },
    remove: (id) => {
      standIn.removed.add(id);
    },
    requests: () => standIn.seen,
    stop: () => standIn.stop(),
  };
}

interface Answered {
  status: number;
  headers: Readonly<Record<string, string>>;
  type: string;
  text: string;
}

class StandInServer {
  plan: FaultPlan;
  readonly removed = new Set<string>();
  readonly seen: SeenRequest[] = [];
  private readonly server: Server;
  private readonly clock: Clock;
  private readonly desk = new ReportDesk();
  private count = 0;

  constructor(private readonly options: StripeStandInOptions) {
    this.clock = options.clock ?? new SystemClock();
    this.plan = new FaultPlan(options.faults ?? { seed: 'none' });
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.count += 1;
    const number = this.count;
    const body = await bodyOf(request);
    await sleep(this.plan.delayMsOf(number));
    const failure = this.plan.failureOf(number);
    const answered = this.answered(request, body, { number, failure });
    const { method = '', url = '' } = request;
    this.seen.push({ method, url, status: answered.status });
    this.send(response, answered, { number, failure, version: versionOf(request) });
  }

  private answered(
    request: IncomingMessage,
    body: string,
    { number, failure }: { number: number; failure: Failure | null },
  ): Answered {
    try {
      if (failure === 'rate_limit') throw rateLimited(this.plan.retryAfterS);
      if (failure === 'server_error') throw serverError();
      const result = this.result(request, body, number);
      if (typeof result === 'string') return ok('text/csv; charset=utf-8', result);
      return ok('application/json', JSON.stringify(result, null, 2));
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const log = `https://dashboard.stripe.com/logs/${requestId(number)}`;
      const of = { ...error.error, request_log_url: log };
      const text = JSON.stringify({ error: of }, null, 2);
      return { status: error.status, headers: error.headers, type: 'application/json', text };
    }
  }

  private result(request: IncomingMessage, body: string, number: number): Fields | string {
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, search } = new URL(url, 'http://127.0.0.1');
    const named = headers['stripe-account'];
    const onBehalfOf = typeof named === 'string' ? named : undefined;
    const caller = callerOf(this.options.accounts, headers.authorization, onBehalfOf);
    const { entity } = caller.account;
    const now = instantOf(this.clock.now());
    const view = new AccountView(this.options.store, entity, now, this.plan, this.removed);
    const params = parseParams(method === 'GET' ? search.slice(1) : body);
    const origin = `http://${headers.host ?? '127.0.0.1'}`;
    const version = versionOf(request);
    return answer(
      { method, path: pathname, params, version, number, origin, caller, view },
      this.desk,
    );
  }

  private send(
    response: ServerResponse,
    { status, headers, type, text }: Answered,
    { number, failure, version }: { number: number; failure: Failure | null; version: string },
  ): void {
    const bytes = Buffer.from(text, 'utf8');
    const half = bytes.subarray(0, Math.floor(bytes.length / 2));
    const sent = failure === 'json' ? half : bytes;
    response.writeHead(status, {
      'content-type': type,
      'content-length': sent.length,
      'request-id': requestId(number),
      'stripe-version': version,
      ...headers,
    });
    if (failure === 'cut') {
      response.write(half, () => response.destroy());
      return;
    }
    response.end(sent);
  }
}

const ok = (type: string, text: string): Answered => ({ status: 200, headers: {}, type, text });

const requestId = (number: number): string => stripeId('req', number).slice(0, 18);

function versionOf({ headers }: IncomingMessage): string {
  const version = headers['stripe-version'];
  return typeof version === 'string' ? version : pinnedVersion;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new RangeError('the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
