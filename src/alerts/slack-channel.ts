import { WebClient, LogLevel, type Logger } from '@slack/web-api';
import type { MessageMetadata } from '@slack/web-api';
import {
  DeliveryFailure,
  type AlertChannel,
  type ChannelMessage,
  type FoundMessage,
} from './alert-channel';
import { slackFailure } from './slack-failure';

export interface SlackChannelOptions {
  /** Bot token. */
  token: string;
  /** Channel id, such as C0123456789. */
  channel: string;
  /** Only for a stand-in; Slack itself when absent. */
  apiUrl?: string;
  /** How long to wait for one answer; after it nobody knows whether the message arrived. */
  timeoutMs?: number;
}

export const SLACK_TIMEOUT_MS = 10_000;
const EVENT_TYPE = 'tieout_alert';
const PAGE_SIZE = 200;
/** Pages looked through for a lost message; they must fit into a dispatcher's lease. */
const MAX_PAGES = 4;
/** Our clock and Slack's may differ by this much. */
const CLOCK_MARGIN_S = 300;

/** One Slack channel, through the real Web API client with all retrying left to the outbox. */
export class SlackChannel implements AlertChannel {
  readonly id: string;
  private readonly client: WebClient;

  constructor(options: SlackChannelOptions) {
    this.id = options.channel;
    this.client = new WebClient(options.token, {
      slackApiUrl: options.apiUrl,
      timeout: options.timeoutMs ?? SLACK_TIMEOUT_MS,
      // Slack has no idempotency key: a retry that does not look first doubles messages.
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: silent,
    });
  }

  async post(message: ChannelMessage, threadTs: string | null): Promise<{ ts: string }> {
    const { ts } = await attempt(() =>
      this.client.chat.postMessage({
        channel: this.id,
        text: message.text,
        blocks: message.blocks,
        metadata: metadataOf(message),
        ...(threadTs === null ? {} : { thread_ts: threadTs }),
        parse: 'none',
        unfurl_links: false,
        unfurl_media: false,
      }),
    );
    if (ts === undefined) throw new DeliveryFailure('ambiguous', 'answer_without_ts');
    return { ts };
  }

  async update(ts: string, message: ChannelMessage): Promise<void> {
    await attempt(() =>
      this.client.chat.update({
        channel: this.id,
        ts,
        text: message.text,
        blocks: message.blocks,
        metadata: metadataOf(message),
        parse: 'none',
      }),
    );
  }

  async find(
    dedupKey: string,
    since: string,
    threadTs: string | null,
  ): Promise<FoundMessage | null> {
    const oldest = String(Math.floor(Date.parse(since) / 1000) - CLOCK_MARGIN_S);
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const common = {
        channel: this.id,
        oldest,
        limit: PAGE_SIZE,
        include_all_metadata: true,
        ...(cursor === undefined ? {} : { cursor }),
      } as const;
      const answer = await attempt(() =>
        threadTs === null
          ? this.client.conversations.history(common)
          : this.client.conversations.replies({ ...common, ts: threadTs }),
      );
      for (const { ts, metadata } of answer.messages ?? []) {
        const payload: Record<string, unknown> = { ...metadata?.event_payload };
        if (metadata?.event_type !== EVENT_TYPE || payload['dedup_key'] !== dedupKey) continue;
        const shown = payload['body_sha256'];
        if (ts !== undefined) return { ts, bodySha256: typeof shown === 'string' ? shown : null };
      }
      cursor = answer.response_metadata?.next_cursor;
      if (!answer.has_more || !cursor) return null;
    }
    // So much was said since that the message cannot be found: one twice is better than one lost.
    return null;
  }
}

/** The channel that the configuration names, or null when it names none or gives no token. */
export function slackChannelOf(
  slack: { channel: string; token?: string; api_url?: string } | undefined,
): SlackChannel | null {
  if (slack?.token === undefined) return null;
  return new SlackChannel({ token: slack.token, channel: slack.channel, apiUrl: slack.api_url });
}

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw slackFailure(error);
  }
}

function metadataOf(message: ChannelMessage): MessageMetadata {
  return {
    event_type: EVENT_TYPE,
    event_payload: { dedup_key: message.dedupKey, body_sha256: message.bodySha256 },
  };
}

/** The SDK writes to the console otherwise; what matters is in the DeliveryFailure. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
