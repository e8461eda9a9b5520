import { createHmac } from 'node:crypto';

/** Where Slack sends interactions, and what it signs them with. */
export interface Interactivity {
  /** The app's request URL. */
  url: string;
  signingSecret: string;
}

/** How a test makes a callback that must be refused. */
export interface Forgery {
  /** Signs with another secret. */
  secret?: string;
  /** Seconds since 1970 that the timestamp claims, signed as such. */
  timestampS?: number;
  /** Leaves the signature out. */
  isUnsigned?: boolean;
}

/** A callback as it was sent, byte for byte, and what came back. */
export interface Delivery {
  url: string;
  headers: Readonly<Record<string, string>>;
  rawBody: string;
  payload: Readonly<Record<string, unknown>>;
  /** Null when there was no answer within three seconds, or no connection. */
  status: number | null;
  body: string;
}

/** Slack waits so long for an answer, then tells the user that something went wrong. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * Sends a payload as Slack does: urlencoded, with `v0=` HMAC-SHA-256 over `v0:timestamp:body`
 * (docs.slack.dev, Verifying requests from Slack).
 */
export async function sendCallback(
  { url, signingSecret }: Interactivity,
  payload: Readonly<Record<string, unknown>>,
  nowMs: number,
  forgery: Forgery = {},
): Promise<Delivery> {
  const rawBody = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(forgery.timestampS ?? Math.floor(nowMs / 1000));
  const secret = forgery.secret ?? signingSecret;
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${rawBody}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': timestamp,
    ...(forgery.isUnsigned ? {} : { 'x-slack-signature': `v0=${signature}` }),
  };
  return post({ url, headers, rawBody, payload });
}

/** The same bytes once more, as someone who recorded them would send them. */
export const resendCallback = ({ url, headers, rawBody, payload }: Delivery): Promise<Delivery> =>
  post({ url, headers, rawBody, payload });

async function post(callback: Omit<Delivery, 'status' | 'body'>): Promise<Delivery> {
  try {
    const response = await fetch(callback.url, {
      method: 'POST',
      headers: callback.headers,
      body: callback.rawBody,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { ...callback, status: response.status, body: await response.text() };
  } catch {
    return { ...callback, status: null, body: '' };
  }
}
