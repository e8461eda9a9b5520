import type { RenderedAlert } from '../core/run-alert';

/** What identifies a message in the channel itself, so that it can be found again. */
export interface MessageKey {
  /** Unique per message across all installations that share the channel. */
  dedupKey: string;
  /** Of the content, so that a found message that shows it already need not be edited. */
  bodySha256: string;
}

export interface ChannelMessage extends MessageKey, RenderedAlert {}

/** Where a found message is, and which content it shows. */
export interface FoundMessage {
  ts: string;
  bodySha256: string | null;
}

/** Where alerts go. A method that did not succeed throws DeliveryFailure, and nothing else. */
export interface AlertChannel {
  /** The channel's own id. */
  readonly id: string;
  /** Posts a message, below `threadTs` when given, and returns its ts. */
  post(message: ChannelMessage, threadTs: string | null): Promise<{ ts: string }>;
  /** Replaces the content of a message. Doing it twice is as good as once. */
  update(ts: string, message: ChannelMessage): Promise<void>;
  /** The newest message with that key since an instant (ISO UTC), in the thread when given. */
  find(dedupKey: string, since: string, threadTs: string | null): Promise<FoundMessage | null>;
}

/** What is known after a failure decides what may be done next. */
export type FailureKind =
  /** Not delivered, and nothing else may be sent before `retryAfterS` seconds are over. */
  | 'rate_limited'
  /** It may have been delivered or not. */
  | 'ambiguous'
  /** Not delivered; a later attempt may succeed as it stands. */
  | 'transient'
  /** Not delivered; a person must change something first: `remedy`. */
  | 'permanent'
  /** The message to change or to answer is not there, or can be changed no more. */
  | 'gone';

export class DeliveryFailure extends Error {
  readonly remedy: string;
  readonly retryAfterS: number;

  /** `code` is a word such as 'channel_not_found', never text that came back. */
  constructor(
    readonly kind: FailureKind,
    readonly code: string,
    options: { remedy?: string; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(`alert not delivered: ${code}`, { cause: options.cause });
    this.name = 'DeliveryFailure';
    this.remedy = options.remedy ?? '';
    this.retryAfterS = options.retryAfterS ?? 0;
  }
}
