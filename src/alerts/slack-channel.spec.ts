import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebAPIRequestError } from '@slack/web-api';
import { renderAlert } from '../core/run-alert';
import { startSlackStandIn, type SlackStandIn } from '../sandbox/slack/slack-stand-in';
import type { ChannelMessage } from './alert-channel';
import { SlackChannel, slackChannelOf } from './slack-channel';
import { slackFailure } from './slack-failure';

const channel = 'C0CONTROLS1';
const token = 'xoxb-stand-in';
const longAgo = '2020-01-01T00:00:00.000Z';
let slack: SlackStandIn;

beforeEach(async () => {
  const channels = [{ id: channel, name: 'controls' }];
  slack = await startSlackStandIn({ token, channels });
});
afterEach(() => slack.stop());

const connect = (
  over: { token?: string; channel?: string; timeoutMs?: number } = {},
): SlackChannel => new SlackChannel({ token, channel, apiUrl: slack.apiUrl, ...over });

function aMessage(dedupKey: string, explanation = 'A deal has no order.'): ChannelMessage {
  const rendered = renderAlert({
    control: { id: 'BK-01', title: 'Every won deal becomes an order', owner: 'deal-desk' },
    entity: { id: 'acme-ie', name: 'Acme Ireland' },
    period: '2026-10',
    runId: '019aa9d4-0000-7000-8000-000000000001',
    seq: 1,
    outcome: 'exceptions',
    asOf: '2026-11-02',
    reason: null,
    totals: [{ currency: 'EUR', exceptions: 1, impact: '10' }],
    open: 1,
    fresh: 1,
    reopened: 0,
    cleared: 0,
    top: [{ code: 'BK01-NO_ORDER', explanation, impact: '10', currency: 'EUR', severity: 'high' }],
    link: 'https://tieout.example/x?a=1&b=2',
  });
  return { ...rendered, dedupKey, bodySha256: 'a'.repeat(64) };
}

test('a posted message can be edited, and answered in its thread', async () => {
  const client = connect();
  const { ts } = await client.post(aMessage('one'), null);
  await client.update(ts, aMessage('one', 'Two deals have no order.'));
  const { ts: replyTs } = await client.post(aMessage('two'), ts);

  const [message, reply] = slack.messages(channel);
  expect(message?.ts).toBe(ts);
  expect(message?.edits).toBe(1);
  expect(message?.text.split('\n')[0]).toBe('Two deals have no order.');
  expect(reply?.ts).toBe(replyTs);
  expect(reply?.threadTs).toBe(ts);
});

test('a message is found by its key, in the channel and in a thread, and only there', async () => {
  const client = connect();
  const { ts } = await client.post(aMessage('one'), null);
  const { ts: replyTs } = await client.post(aMessage('two'), ts);

  const bodySha256 = 'a'.repeat(64);
  expect(await client.find('one', longAgo, null)).toEqual({ ts, bodySha256 });
  expect(await client.find('two', longAgo, ts)).toEqual({ ts: replyTs, bodySha256 });
  expect(await client.find('two', longAgo, null)).toBeNull();
  expect(await client.find('three', longAgo, ts)).toBeNull();
  expect(await client.find('one', '2100-01-01T00:00:00.000Z', null)).toBeNull();
});

test('a message is found behind many that came later', async () => {
  const client = connect();
  const { ts } = await client.post(aMessage('first'), null);
  for (let count = 0; count < 450; count += 1) await client.post(aMessage(`n${count}`), null);
  expect((await client.find('first', longAgo, null))?.ts).toBe(ts);
  const pages = slack.requests().filter(({ method }) => method === 'conversations.history');
  expect(pages).toHaveLength(3);
});

test.each([
  ['invalid_auth', { token: 'xoxb-wrong' }, /slack\.token/],
  ['not_authed', { token: '' }, /slack\.token/],
  ['channel_not_found', { channel: 'C0NOWHERE' }, /slack\.channel/],
] as const)('%s is permanent and says what to change', async (code, over, remedy) => {
  const failure = connect(over).post(aMessage('one'), null);
  await expect(failure).rejects.toMatchObject({ kind: 'permanent', code });
  await expect(failure).rejects.toHaveProperty('remedy', expect.stringMatching(remedy));
});

test.each([
  'account_inactive',
  'is_archived',
  'missing_scope',
  'not_in_channel',
  'token_revoked',
  'token_expired',
])('%s is permanent', async (code) => {
  slack.failNext(1, code);
  await expect(connect().post(aMessage('one'), null)).rejects.toMatchObject({
    kind: 'permanent',
    code,
  });
});

test('a message that is not there cannot be edited', async () => {
  await expect(connect().update('1700000000.000001', aMessage('one'))).rejects.toMatchObject({
    kind: 'gone',
    code: 'message_not_found',
  });
});

test('a rate limit says for how long, and nothing is retried behind our back', async () => {
  slack.rateLimitNext(1, 7);
  await expect(connect().post(aMessage('one'), null)).rejects.toMatchObject({
    kind: 'rate_limited',
    retryAfterS: 7,
  });
  expect(slack.requests()).toHaveLength(1);
  expect(slack.messages(channel)).toHaveLength(0);
});

test('a lost answer, a late one, a broken server and an internal error leave a doubt', async () => {
  slack.dropNext(1);
  await expect(connect().post(aMessage('one'), null)).rejects.toMatchObject({ kind: 'ambiguous' });
  slack.slowNext(1, 2_000);
  const hasty = connect({ timeoutMs: 50 });
  await expect(hasty.post(aMessage('two'), null)).rejects.toMatchObject({
    kind: 'ambiguous',
    code: 'no_answer',
  });
  slack.failHttpNext(1, 500);
  await expect(connect().post(aMessage('three'), null)).rejects.toMatchObject({
    kind: 'ambiguous',
    code: 'http_500',
  });
  slack.failNext(1, 'internal_error');
  await expect(connect().post(aMessage('four'), null)).rejects.toMatchObject({
    kind: 'ambiguous',
    code: 'internal_error',
  });
  const keys = slack.messages(channel).map(({ metadata }) => metadata?.event_payload['dedup_key']);
  expect(keys).toEqual(['one', 'two']);
});

test('a connection that was never made delivered nothing and is tried again', () => {
  // As fetch words it. Jest's realm hides the cause of a real one from the official client.
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const error = new WebAPIRequestError(new TypeError('fetch failed', { cause: refused }));
  expect(slackFailure(error)).toMatchObject({ kind: 'transient', code: 'econnrefused' });
  const timeout = new WebAPIRequestError(new DOMException('timed out', 'TimeoutError'));
  expect(slackFailure(timeout)).toMatchObject({ kind: 'ambiguous', code: 'no_answer' });
});

test('a page of some proxy in place of an answer is not repeated in the error', async () => {
  const proxy = createServer((_request, response) => {
    response.end('<html>secret login page</html>');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const client = new SlackChannel({ token, channel, apiUrl: `http://127.0.0.1:${port}/api/` });
  const error: unknown = await client.post(aMessage('one'), null).catch((e: unknown) => e);
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  expect(error).toMatchObject({ kind: 'ambiguous', code: 'unrecognised_answer' });
  expect(String((error as Error).cause)).not.toContain('secret');
});

test('without a token there is no channel', () => {
  expect(slackChannelOf(undefined)).toBeNull();
  expect(slackChannelOf({ channel })).toBeNull();
  expect(slackChannelOf({ channel, token })?.id).toBe(channel);
});
