import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SystemClock, type Clock } from '../../platform/clock';
import { channelPage, PAGE_HEADERS } from './channel-page';
import { resendCallback, type Delivery, type Interactivity } from './signed-callback';
import { SlackInteractions, type Act, type EphemeralMessage } from './slack-interactions';
import { defaultPeople, SlackPeople, type SlackPerson } from './slack-people';
import type { StandInView, ViewInput } from './slack-views';
import {
  SlackApiError,
  SlackWebApi,
  type StandInChannel,
  type StandInMessage,
} from './slack-web-api';

export interface SlackStandInOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** The only bot token that is accepted. */
  token: string;
  channels: readonly StandInChannel[];
  /** Makes the time stamps of messages. */
  clock?: Clock;
  /** Refuses a second message to a channel within a second, as Slack does. Default: false. */
  limitPerChannel?: boolean;
  /** Members of the workspace. Default: one, Robin Reyes. */
  people?: readonly SlackPerson[];
  /** Where interactions are sent; may be set later. */
  interactivity?: Interactivity;
}

/** A request to the API as it came, for tests to look at. */
export interface StandInRequest {
  method: string;
  channel: string;
  /** Milliseconds of the clock. */
  atMs: number;
}

/** What happens to requests that write, instead of or besides what they ask for. */
type Fault =
  | { kind: 'rate_limit'; retryAfterS: number }
  | { kind: 'drop' }
  | { kind: 'slow'; delayMs: number }
  | { kind: 'error'; code: string }
  | { kind: 'http'; status: number };

export interface SlackStandIn {
  /** The page that shows the channels. */
  url: string;
  /** For slack.api_url. */
  apiUrl: string;
  /** Oldest first, replies in threads included. */
  messages(channel: string): StandInMessage[];
  requests(): readonly StandInRequest[];
  /** As if a person deleted it in Slack. */
  remove(channel: string, ts: string): void;
  /** Each of these applies to the next `times` calls of chat.*, which then work again. */
  rateLimitNext(times: number, retryAfterS: number): void;
  /** Carried out, and the connection closed without an answer. */
  dropNext(times: number): void;
  /** Carried out, and answered late. */
  slowNext(times: number, delayMs: number): void;
  /** Not carried out: an error word such as 'internal_error'. */
  failNext(times: number, code: string): void;
  /** Not carried out: a bare HTTP status such as 500. */
  failHttpNext(times: number, status: number): void;
  /** The request URL of the app and its signing secret. */
  setInteractivity(interactivity: Interactivity): void;
  /** A person presses a button of a message, or chooses an option. */
  press(channel: string, ts: string, actionId: string, act?: Act): Promise<Delivery>;
  /** The modals that are open. */
  views(): StandInView[];
  submitView(viewId: string, input: ViewInput, act?: Act): Promise<Delivery>;
  /** Null when the view did not ask to hear of it. */
  closeView(viewId: string, act?: Act): Promise<Delivery | null>;
  /** The same callback again, byte for byte. */
  resend(delivery: Delivery): Promise<Delivery>;
  /** What the app told one person alone. */
  ephemerals(): readonly EphemeralMessage[];
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 1_000_000;
const CHANNEL_LIMIT_MS = 1_000;

/** Starts a Slack of our own on loopback that speaks the Web API as the official client does. */
export async function startSlackStandIn(options: SlackStandInOptions): Promise<SlackStandIn> {
  const standIn = new StandInServer(options);
  const url = await standIn.listen(options.port ?? 0);
  const { api, faults, requests, interactions } = standIn;
  const add = (times: number, fault: Fault): void => {
    for (let count = 0; count < times; count += 1) faults.push(fault);
  };
  return {
    url,
    apiUrl: `${url}api/`,
    messages: (channel) => structuredClone(api.messages(channel)),
    requests: () => requests,
    remove: (channel, ts) => {
      const messages = api.messages(channel);
      messages.splice(0, Infinity, ...messages.filter((message) => message.ts !== ts));
    },
    rateLimitNext: (times, retryAfterS) => add(times, { kind: 'rate_limit', retryAfterS }),
    dropNext: (times) => add(times, { kind: 'drop' }),
    slowNext: (times, delayMs) => add(times, { kind: 'slow', delayMs }),
    failNext: (times, code) => add(times, { kind: 'error', code }),
    failHttpNext: (times, status) => add(times, { kind: 'http', status }),
    setInteractivity: (interactivity) => {
      interactions.interactivity = interactivity;
    },
    press: (channel, ts, actionId, act) => interactions.press(channel, ts, actionId, act),
    views: () => interactions.views.all(),
    submitView: (viewId, input, act) => interactions.submitView(viewId, input, act),
    closeView: (viewId, act) => interactions.closeView(viewId, act),
    resend: resendCallback,
    ephemerals: () => interactions.ephemerals,
    stop: () => standIn.stop(),
  };
}

class StandInServer {
  readonly api: SlackWebApi;
  readonly interactions: SlackInteractions;
  readonly faults: Fault[] = [];
  readonly requests: StandInRequest[] = [];
  private readonly people: SlackPeople;
  private readonly server: Server;
  private readonly clock: Clock;
  private readonly lastPostMs = new Map<string, number>();

  constructor(private readonly options: SlackStandInOptions) {
    this.clock = options.clock ?? new SystemClock();
    this.api = new SlackWebApi(options.channels, this.clock);
    this.people = new SlackPeople(options.people ?? defaultPeople);
    this.interactions = new SlackInteractions(this.api, this.people, options.channels, this.clock);
    this.interactions.interactivity = options.interactivity ?? null;
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    const { port: actual } = this.server.address() as AddressInfo;
    this.interactions.url = `http://127.0.0.1:${actual}/`;
    return this.interactions.url;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    if (request.method === 'GET' && path === '/') {
      const page = channelPage(this.options.channels, (channel) => this.api.messages(channel));
      response.writeHead(200, PAGE_HEADERS).end(page);
    } else if (path.startsWith('/api/')) {
      const args = new Map(new URLSearchParams(await bodyOf(request)));
      this.answerCall(path.slice('/api/'.length), args, request, response);
    } else if (path.startsWith('/actions/') && request.method === 'POST') {
      const { status, text } = this.interactions.respond(path.slice(1), await bodyOf(request));
      response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
    }
  }

  private answerCall(
    method: string,
    args: ReadonlyMap<string, string>,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const channel = args.get('channel') ?? '';
    const atMs = Date.parse(this.clock.now());
    this.requests.push({ method, channel, atMs });
    const fault = method.startsWith('chat.') ? this.faults.shift() : undefined;
    const retryAfterS =
      fault?.kind === 'rate_limit' ? fault.retryAfterS : this.tooSoon(method, channel, atMs);
    if (retryAfterS !== null) {
      send(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': retryAfterS });
      return;
    }
    if (fault?.kind === 'http') {
      response.writeHead(fault.status, { 'content-type': 'text/plain' }).end('Server error\n');
      return;
    }
    const result = this.resultOf(method, args, request, fault);
    if (fault?.kind === 'drop') response.destroy();
    else if (fault?.kind === 'slow') this.sendLater(response, result, fault.delayMs);
    else send(response, 200, result);
  }

  private sendLater(response: ServerResponse, result: object, delayMs: number): void {
    const timer = setTimeout(() => send(response, 200, result), delayMs);
    response.once('close', () => clearTimeout(timer));
  }

  private resultOf(
    method: string,
    args: ReadonlyMap<string, string>,
    request: IncomingMessage,
    fault: Fault | undefined,
  ): object {
    try {
      this.checkToken(args.get('token'), request.headers.authorization);
      if (fault?.kind === 'error') throw new SlackApiError(fault.code);
      if (method.startsWith('users.')) return this.people.call(method, args);
      if (method.startsWith('views.')) return this.interactions.views.call(method, args);
      return this.api.call(method, args);
    } catch (error) {
      if (!(error instanceof SlackApiError)) throw error;
      const { code, details } = error;
      const more = details.length > 0 ? { response_metadata: { messages: details } } : {};
      return { ok: false, error: code, ...more };
    }
  }

  private checkToken(argument: string | undefined, header: string | undefined): void {
    const token = argument ?? header?.replace(/^Bearer /, '');
    if (token === undefined || token === '') throw new SlackApiError('not_authed');
    if (token !== this.options.token) throw new SlackApiError('invalid_auth');
  }

  /** Seconds to wait, when this post to a channel follows the one before too soon. */
  private tooSoon(method: string, channel: string, atMs: number): number | null {
    if (!this.options.limitPerChannel || method !== 'chat.postMessage') return null;
    const last = this.lastPostMs.get(channel);
    if (last !== undefined && atMs - last < CHANNEL_LIMIT_MS) return 1;
    this.lastPostMs.set(channel, atMs);
    return null;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is larger than this server takes');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, number> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}
