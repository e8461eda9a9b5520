import { LogLevel, WebClient, type Logger } from '@slack/web-api';
import { startSlackStandIn, type SlackStandIn } from './slack-stand-in';

const channel = 'C0CONTROLS1';
const token = 'xoxb-stand-in';
const channels = [{ id: channel, name: 'controls' }];
let slack: SlackStandIn;
let client: WebClient;

beforeEach(async () => {
  slack = await startSlackStandIn({ token, channels });
  client = connect(token);
});
afterEach(() => slack.stop());

const section = (text: string): { type: 'section'; text: { type: 'mrkdwn'; text: string } } => ({
  type: 'section',
  text: { type: 'mrkdwn', text },
});

// The official client writes to the console otherwise.
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

const connect = (as: string | undefined, apiUrl = slack.apiUrl): WebClient =>
  new WebClient(as, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger,
  });

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: { data?: { error?: string } }) => error.data?.error ?? error,
  );

test('the official client signs in, posts, edits and reads back what it wrote', async () => {
  expect((await client.auth.test()).ok).toBe(true);
  const metadata = { event_type: 'tieout_alert', event_payload: { dedup_key: 'k' } };
  const posted = await client.chat.postMessage({ channel, text: 'one', metadata });
  const ts = posted.ts ?? '';
  expect(ts).toMatch(/^\d{10}\.\d{6}$/);
  expect(posted.message?.text).toBe('one');
  await client.chat.update({ channel, ts, text: 'two' });
  await client.chat.postMessage({ channel, text: 'below', thread_ts: ts });

  const history = await client.conversations.history({ channel, include_all_metadata: true });
  expect(history.messages).toHaveLength(1);
  const [message] = history.messages ?? [];
  expect(message).toMatchObject({ type: 'message', ts, text: 'two', reply_count: 1, metadata });
  expect(message?.edited?.user).toBe(message?.user);
  const replies = await client.conversations.replies({ channel, ts });
  expect(replies.messages?.map(({ text }) => text)).toEqual(['two', 'below']);
  expect(replies.messages?.[0]?.metadata).toBeUndefined();
});

test('history is newest first, in pages, within its bounds', async () => {
  const stamps: string[] = [];
  for (const text of ['a', 'b', 'c', 'd', 'e'])
    stamps.push((await client.chat.postMessage({ channel, text })).ts ?? '');
  const texts: (string | undefined)[][] = [];
  let cursor: string | undefined;
  do {
    const page = await client.conversations.history({ channel, limit: 2, cursor });
    texts.push((page.messages ?? []).map(({ text }) => text));
    cursor = page.response_metadata?.next_cursor;
    expect(page.has_more).toBe(Boolean(cursor));
  } while (cursor);
  expect(texts).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
  const [, oldest, , latest] = stamps;
  const inner = await client.conversations.history({ channel, oldest, latest });
  expect(inner.messages?.map(({ text }) => text)).toEqual(['c']);
  const all = await client.conversations.history({ channel, oldest, latest, inclusive: true });
  expect(all.messages?.map(({ text }) => text)).toEqual(['d', 'c', 'b']);
});

test('what Slack refuses is refused in its words', async () => {
  const post = (args: object): Promise<unknown> =>
    errorOf(client.apiCall('chat.postMessage', { channel, ...args }));
  expect(await post({})).toBe('no_text');
  expect(await post({ text: 'x', channel: 'C0OTHER' })).toBe('channel_not_found');
  expect(await post({ text: 'x'.repeat(40_001) })).toBe('msg_too_long');
  expect(await post({ blocks: Array.from({ length: 51 }, () => section('x')) })).toBe(
    'invalid_blocks',
  );
  expect(await post({ blocks: [section('x'.repeat(3_001))] })).toBe('invalid_blocks');
  expect(await post({ blocks: [{ type: 'carpet' }] })).toBe('invalid_blocks');
  expect(await post({ blocks: '{' })).toBe('invalid_blocks_format');
  expect(await post({ blocks: Array.from({ length: 5 }, () => section('x'.repeat(3_000))) })).toBe(
    'msg_blocks_too_long',
  );
  expect(await post({ text: 'x', metadata: '"x"' })).toBe('invalid_metadata_format');
  expect(await errorOf(client.chat.update({ channel, ts: '1.000001', text: 'x' }))).toBe(
    'message_not_found',
  );
  expect(await errorOf(client.apiCall('chat.nothing'))).toBe('unknown_method');
  const stranger = connect('xoxb-other');
  expect(await errorOf(stranger.auth.test())).toBe('invalid_auth');
  const nobody = connect(undefined);
  expect(await errorOf(nobody.auth.test())).toBe('not_authed');
  expect(slack.messages(channel)).toEqual([]);
});

test('with the real limit on, a second post within a second is turned away', async () => {
  const strict = await startSlackStandIn({ token, channels, limitPerChannel: true });
  const hasty = connect(token, strict.apiUrl);
  await hasty.chat.postMessage({ channel, text: 'one' });
  await expect(hasty.chat.postMessage({ channel, text: 'two' })).rejects.toMatchObject({
    retryAfter: 1,
  });
  await strict.stop();
});

test('the page shows messages, edits and replies, with everything escaped', async () => {
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'before' });
  const hostile = '*Bold* &lt;!channel&gt; <script>alert(1)</script> & "x"';
  await client.chat.update({ channel, ts, text: 'x', blocks: [section(hostile)] });
  const link = '<https://tieout.example/?a=1&amp;b="|Open in Tieout> <javascript:alert(1)|x>';
  await client.chat.postMessage({ channel, thread_ts: ts, text: link });

  const response = await fetch(slack.url);
  const page = await response.text();
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
  expect(page).toContain('<h1># controls</h1>');
  expect(page).toContain(' UTC (edited)</p>');
  expect(page).toContain('<b>Bold</b> &lt;!channel&gt; <span class="mention">@script</span>');
  expect(page).toContain(
    '<a href="https://tieout.example/?a=1&amp;b=&quot;" rel="noreferrer">Open in Tieout</a>',
  );
  expect(page).toContain('<span class="mention">@x</span>');
  expect(page).not.toMatch(/<script|href="javascript/);
});
