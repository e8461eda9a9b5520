import type {
  AuthTestResponse,
  ChatPostMessageResponse,
  ChatUpdateResponse,
  ConversationsHistoryResponse,
  ConversationsRepliesResponse,
  KnownBlock,
  MessageMetadata,
} from '@slack/web-api';
import type { Clock } from '../../platform/clock';
import { blockProblems } from './block-problems';

export interface StandInChannel {
  /** Such as C0123456789. */
  id: string;
  /** Shown on the page, without '#'. */
  name: string;
}

/** The blocks that this stand-in knows and checks. */
export type StandInBlock = Extract<
  KnownBlock,
  { type: 'header' | 'section' | 'context' | 'divider' | 'actions' }
>;

/** A message as it is kept; the API's answers are made from it. */
export interface StandInMessage {
  ts: string;
  /** As Slack keeps it: &, < and > escaped. */
  text: string;
  blocks: StandInBlock[];
  metadata: MessageMetadata | null;
  /** ts of the message above it, for a reply in a thread. */
  threadTs: string | null;
  /** How often it was edited. */
  edits: number;
  editedTs: string | null;
}

/** An error word of the Web API, answered with HTTP 200. */
export class SlackApiError extends Error {
  constructor(
    readonly code: string,
    readonly details: string[] = [],
  ) {
    super(code);
  }
}

type MessageElement = NonNullable<ConversationsHistoryResponse['messages']>[number];

/** The workspace, and the app that the bot belongs to. */
export const TEAM = { id: 'T0TIEOUT000', domain: 'stand-in' } as const;
export const APP_ID = 'A0TIEOUT000';
const BOT = { user: 'U0TIEOUT000', bot_id: 'B0TIEOUT000', team: TEAM.id } as const;
const MAX_BLOCKS = 50;
/** Undocumented, near this (bolt-js #2509). */
const MAX_BLOCK_CHARACTERS = 13_200;
const MAX_UPDATE_TEXT = 4_000;
const MAX_POST_TEXT = 40_000;
const MAX_METADATA_CHARACTERS = 8_000;
const DEFAULT_PAGE = 100;
const MAX_PAGE = 999;

/** The methods of the Web API over messages in memory, with Slack's own words for what is wrong. */
export class SlackWebApi {
  private readonly channels = new Map<string, StandInMessage[]>();
  private lastMicros = 0n;

  constructor(
    channels: readonly StandInChannel[],
    private readonly clock: Clock,
  ) {
    for (const { id } of channels) this.channels.set(id, []);
  }

  messages(channel: string): StandInMessage[] {
    const messages = this.channels.get(channel);
    if (messages === undefined) throw new SlackApiError('channel_not_found');
    return messages;
  }

  call(method: string, args: ReadonlyMap<string, string>): object {
    switch (method) {
      case 'auth.test':
        return this.authTest();
      case 'chat.postMessage':
        return this.postMessage(args);
      case 'chat.update':
        return this.update(args);
      case 'conversations.history':
        return this.history(args);
      case 'conversations.replies':
        return this.replies(args);
      default:
        throw new SlackApiError('unknown_method');
    }
  }

  private authTest(): AuthTestResponse {
    return {
      ok: true,
      url: 'https://stand-in.slack.com/',
      team: 'Stand-in',
      user: 'tieout',
      team_id: BOT.team,
      user_id: BOT.user,
      bot_id: BOT.bot_id,
      is_enterprise_install: false,
    };
  }

  private postMessage(args: ReadonlyMap<string, string>): ChatPostMessageResponse {
    const channel = args.get('channel') ?? '';
    const messages = this.messages(channel);
    const threadTs = args.get('thread_ts') ?? null;
    if (threadTs !== null && !messages.some((message) => message.ts === threadTs))
      throw new SlackApiError('thread_not_found');
    const message: StandInMessage = {
      ...contentOf(args, MAX_POST_TEXT),
      metadata: metadataOf(args),
      ts: this.nextTs(),
      threadTs,
      edits: 0,
      editedTs: null,
    };
    messages.push(message);
    return { ok: true, channel, ts: message.ts, message: shown(message, true) };
  }

  private update(args: ReadonlyMap<string, string>): ChatUpdateResponse {
    const channel = args.get('channel') ?? '';
    const message = this.messages(channel).find(({ ts }) => ts === args.get('ts'));
    if (message === undefined) throw new SlackApiError('message_not_found');
    Object.assign(message, contentOf(args, MAX_UPDATE_TEXT));
    // Left out, the message keeps the metadata that it has.
    message.metadata = metadataOf(args) ?? message.metadata;
    message.edits += 1;
    message.editedTs = this.nextTs();
    return {
      ok: true,
      channel,
      ts: message.ts,
      text: message.text,
      message: shown(message, true),
    };
  }

  private history(args: ReadonlyMap<string, string>): ConversationsHistoryResponse {
    const all = this.messages(args.get('channel') ?? '');
    const parents = all.filter((message) => message.threadTs === null).reverse();
    const { page, next } = pageOf(parents, args);
    const withMetadata = args.get('include_all_metadata') === 'true';
    return {
      ok: true,
      messages: page.map((message) => ({
        ...shown(message, withMetadata),
        ...threadOf(message, all),
      })),
      has_more: next !== null,
      pin_count: 0,
      ...(next === null ? {} : { response_metadata: { next_cursor: next } }),
    };
  }

  private replies(args: ReadonlyMap<string, string>): ConversationsRepliesResponse {
    const all = this.messages(args.get('channel') ?? '');
    const parent = all.find(({ ts, threadTs }) => ts === args.get('ts') && threadTs === null);
    if (parent === undefined) throw new SlackApiError('thread_not_found');
    const thread = all.filter((message) => message === parent || message.threadTs === parent.ts);
    const { page, next } = pageOf(thread, args);
    const withMetadata = args.get('include_all_metadata') === 'true';
    return {
      ok: true,
      messages: page.map((message) => ({
        ...shown(message, withMetadata),
        ...threadOf(message, all),
      })),
      has_more: next !== null,
      ...(next === null ? {} : { response_metadata: { next_cursor: next } }),
    };
  }

  /** 'seconds.micro', never the same twice. */
  private nextTs(): string {
    const now = BigInt(Date.parse(this.clock.now())) * 1000n;
    this.lastMicros = now > this.lastMicros ? now : this.lastMicros + 1n;
    const digits = String(this.lastMicros).padStart(7, '0');
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }
}

function contentOf(
  args: ReadonlyMap<string, string>,
  maxText: number,
): { text: string; blocks: StandInBlock[] } {
  const text = args.get('text') ?? '';
  const blocks = blocksOf(args.get('blocks'));
  if (text === '' && blocks.length === 0) throw new SlackApiError('no_text');
  if (text.length > maxText) throw new SlackApiError('msg_too_long');
  return { text, blocks };
}

function blocksOf(json: string | undefined): StandInBlock[] {
  if (json === undefined) return [];
  const blocks = parsed(json, 'invalid_blocks_format');
  if (!Array.isArray(blocks)) throw new SlackApiError('invalid_blocks_format');
  if (blocks.length > MAX_BLOCKS)
    throw new SlackApiError('invalid_blocks', [`no more than ${MAX_BLOCKS} items allowed`]);
  const { problems, characters } = blockProblems(blocks);
  if (problems.length > 0) throw new SlackApiError('invalid_blocks', problems);
  if (characters > MAX_BLOCK_CHARACTERS) throw new SlackApiError('msg_blocks_too_long');
  return blocks as StandInBlock[];
}

function metadataOf(args: ReadonlyMap<string, string>): MessageMetadata | null {
  const json = args.get('metadata');
  if (json === undefined) return null;
  if (json.length > MAX_METADATA_CHARACTERS) throw new SlackApiError('metadata_too_large');
  const value = parsed(json, 'invalid_metadata_format');
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || !('event_type' in value) || !('event_payload' in value))
    throw new SlackApiError('invalid_metadata_format');
  return value as MessageMetadata;
}

function parsed(json: string, code: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SlackApiError(code);
  }
}

/** The message object that all methods answer with. */
interface Shown {
  type: string;
  user: string;
  bot_id: string;
  team: string;
  text: string;
  ts: string;
  thread_ts?: string;
  edited?: { user: string; ts: string };
  /** Checked on the way in; the SDK names the same blocks differently per method. */
  blocks?: never;
  metadata?: { event_type: string; event_payload: object };
}

/** A message as the API and interactions show it. */
export function shown(message: StandInMessage, withMetadata: boolean): Shown {
  return {
    type: 'message',
    ...BOT,
    text: message.text,
    ts: message.ts,
    ...(message.blocks.length > 0 ? { blocks: message.blocks as never } : {}),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(message.editedTs === null ? {} : { edited: { user: BOT.user, ts: message.editedTs } }),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
  };
}

/** What a message with answers below it says about them. */
function threadOf(
  message: StandInMessage,
  all: readonly StandInMessage[],
): Pick<MessageElement, 'thread_ts' | 'reply_count' | 'reply_users_count' | 'latest_reply'> {
  const replies = all.filter((other) => other.threadTs === message.ts);
  const last = replies.at(-1);
  if (last === undefined) return {};
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: 1,
    latest_reply: last.ts,
  };
}

/** `latest` and `oldest` exclude their own instant unless `inclusive`; the cursor is opaque. */
function pageOf(
  messages: readonly StandInMessage[],
  args: ReadonlyMap<string, string>,
): { page: StandInMessage[]; next: string | null } {
  const inclusive = args.get('inclusive') === 'true';
  const [oldest, latest] = [args.get('oldest'), args.get('latest')];
  const within = messages.filter(({ ts }) => {
    const after = oldest === undefined ? 1n : micros(ts) - micros(oldest);
    const before = latest === undefined ? 1n : micros(latest) - micros(ts);
    return inclusive ? after >= 0n && before >= 0n : after > 0n && before > 0n;
  });
  const limit = Number(args.get('limit') ?? DEFAULT_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw new SlackApiError('invalid_limit');
  const start = startOf(within, args.get('cursor'));
  const page = within.slice(start, start + limit);
  const following = within[start + limit];
  return { page, next: following ? cursorOf(following.ts) : null };
}

const cursorOf = (ts: string): string => Buffer.from(`next_ts:${ts}`).toString('base64');

function startOf(messages: readonly StandInMessage[], cursor: string | undefined): number {
  if (cursor === undefined || cursor === '') return 0;
  const start = messages.findIndex(({ ts }) => cursorOf(ts) === cursor);
  if (start < 0) throw new SlackApiError('invalid_cursor');
  return start;
}

function micros(ts: string): bigint {
  if (!/^\d+(\.\d{1,6})?$/.test(ts)) throw new SlackApiError('invalid_ts_oldest');
  const [seconds = '0', fraction = ''] = ts.split('.');
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}
