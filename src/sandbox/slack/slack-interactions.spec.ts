import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LogLevel, WebClient, type Logger, type ModalView } from '@slack/web-api';
import { startSlackStandIn, type SlackStandIn } from './slack-stand-in';

const channel = 'C0CONTROLS1';
const token = 'xoxb-stand-in';
const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const people = [
  { id: 'U0PERSON001', name: 'robin', realName: 'Robin Reyes', email: 'robin@northwind.example' },
  { id: 'U0PERSON002', name: 'sam', realName: 'Sam Stone', email: 'Sam@northwind.example' },
  {
    id: 'U0PERSON003',
    name: 'kim',
    realName: 'Kim Kerr',
    email: 'kim@northwind.example',
    isDeactivated: true,
  },
];

interface Received {
  timestamp: string;
  signature: string | undefined;
  rawBody: string;
  payload: Readonly<Record<string, unknown>>;
}

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

let nowMs = Date.parse('2026-11-02T08:00:00.000Z');
let slack: SlackStandIn;
let client: WebClient;
let app: Server;
let received: Received[];
/** What the app answers: a status and a body. */
let answer: () => [number, string];

beforeEach(async () => {
  nowMs = Date.parse('2026-11-02T08:00:00.000Z');
  received = [];
  answer = () => [200, ''];
  app = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const rawBody = Buffer.concat(chunks).toString('utf8');
      const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } =
        request.headers as Record<string, string>;
      const json = new URLSearchParams(rawBody).get('payload') ?? '';
      const payload = JSON.parse(json) as Received['payload'];
      received.push({ timestamp: timestamp ?? '', signature, rawBody, payload });
      const [status, body] = answer();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo;
  slack = await startSlackStandIn({
    token,
    channels: [{ id: channel, name: 'controls' }],
    people,
    interactivity: { url: `http://127.0.0.1:${port}/slack/interactions`, signingSecret },
    clock: { now: () => new Date(nowMs).toISOString() },
  });
  client = new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, logger });
});
afterEach(async () => {
  await slack.stop();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

const button = { type: 'button', text: { type: 'plain_text', text: 'Acknowledge' } } as const;
const actions = {
  type: 'actions' as const,
  block_id: 'exception',
  elements: [
    { ...button, action_id: 'acknowledge', value: 'EXC-7', style: 'primary' as const },
    {
      type: 'static_select' as const,
      action_id: 'assign',
      options: [{ text: { type: 'plain_text' as const, text: 'Deal desk' }, value: 'deal-desk' }],
    },
  ],
};

const post = async (blocks: object[] = [actions]): Promise<string> =>
  (await client.chat.postMessage({ channel, text: 'BK-01', blocks: blocks as [] })).ts ?? '';

/** The check that an app makes, from Slack's page on verifying requests. */
const isGenuine = ({ timestamp, signature, rawBody }: Received): boolean => {
  const isFresh = Math.abs(nowMs / 1000 - Number(timestamp)) <= 300;
  const hmac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${rawBody}`);
  return isFresh && signature === `v0=${hmac.digest('hex')}`;
};

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: { data?: { error?: string } }) => error.data?.error ?? error,
  );

test('a button pressed reaches the app, signed, with all that it needs to act', async () => {
  const ts = await post();
  const delivery = await slack.press(channel, ts, 'acknowledge', { user: 'U0PERSON002' });
  expect(delivery.status).toBe(200);
  expect(received.map(isGenuine)).toEqual([true]);
  expect(received[0]?.payload).toMatchObject({
    type: 'block_actions',
    user: { id: 'U0PERSON002', username: 'sam', team_id: 'T0TIEOUT000' },
    team: { id: 'T0TIEOUT000', domain: 'stand-in' },
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    channel: { id: channel, name: 'controls' },
    message: { ts, text: 'BK-01', blocks: [{ block_id: 'exception' }] },
    actions: [
      {
        type: 'button',
        action_id: 'acknowledge',
        block_id: 'exception',
        value: 'EXC-7',
        action_ts: '1793606400.000000',
      },
    ],
  });
  await slack.press(channel, ts, 'assign', { option: 'deal-desk' });
  expect(received[1]?.payload.actions).toMatchObject([
    { type: 'static_select', selected_option: { value: 'deal-desk' } },
  ]);
  await expect(slack.press(channel, ts, 'nothing')).rejects.toThrow("has no element 'nothing'");
});

test('forged callbacks are told from genuine ones, a replay only by its age', async () => {
  const ts = await post();
  const genuine = await slack.press(channel, ts, 'acknowledge');
  await slack.press(channel, ts, 'acknowledge', { secret: 'guessed' });
  await slack.press(channel, ts, 'acknowledge', { timestampS: nowMs / 1000 - 301 });
  await slack.press(channel, ts, 'acknowledge', { isUnsigned: true });
  await slack.resend(genuine);
  expect(received.map(isGenuine)).toEqual([true, false, false, false, true]);
  expect(received[4]).toEqual(received[0]);
  nowMs += 301_000;
  expect(isGenuine(received[4] as Received)).toBe(false);
});

test('an app that does not answer, or is not there, is told by a status', async () => {
  const ts = await post();
  answer = () => [500, ''];
  expect((await slack.press(channel, ts, 'acknowledge')).status).toBe(500);
  slack.setInteractivity({ url: 'http://127.0.0.1:1/', signingSecret });
  expect((await slack.press(channel, ts, 'acknowledge')).status).toBeNull();
});

test('a response URL edits the message, five times, within half an hour', async () => {
  const ts = await post();
  await slack.press(channel, ts, 'acknowledge', { user: 'U0PERSON002' });
  const url = String(received[0]?.payload.response_url);
  const respond = async (body: object): Promise<string> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    return `${response.status} ${await response.text()}`;
  };
  expect(await respond({ replace_original: true, text: 'done', blocks: [] })).toBe('200 ok');
  expect(slack.messages(channel)).toMatchObject([{ ts, text: 'done', blocks: [], edits: 1 }]);
  expect(await respond({ text: 'only for you' })).toBe('200 ok');
  expect(slack.ephemerals()).toEqual([{ channel, user: 'U0PERSON002', text: 'only for you' }]);
  expect(await respond({ response_type: 'in_channel', text: 'for all', thread_ts: ts })).toBe(
    '200 ok',
  );
  expect(slack.messages(channel)).toMatchObject([{ ts }, { text: 'for all', threadTs: ts }]);
  expect(await respond({ replace_original: true, text: 'x'.repeat(4_001) })).toBe(
    '400 msg_too_long',
  );
  expect(await respond({ delete_original: true })).toBe('200 ok');
  expect(slack.messages(channel).map(({ text }) => text)).toEqual(['for all']);
  expect(await respond({ text: 'sixth' })).toBe('404 used_url');

  await slack.press(channel, await post(), 'acknowledge');
  nowMs += 30 * 60_000 + 1;
  const old = String(received[1]?.payload.response_url);
  const late = await fetch(old, { method: 'POST', body: '{}' });
  expect(await late.text()).toBe('expired_url');
});

const modal: ModalView = {
  type: 'modal',
  callback_id: 'explain',
  private_metadata: 'EXC-7',
  title: { type: 'plain_text', text: 'Explain' },
  submit: { type: 'plain_text', text: 'Send' },
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Why' },
      element: { type: 'plain_text_input', action_id: 'text', multiline: true },
    },
    {
      type: 'input',
      block_id: 'until',
      optional: true,
      label: { type: 'plain_text', text: 'Until' },
      element: { type: 'datepicker', action_id: 'day' },
    },
  ],
};

async function openModal(): Promise<string> {
  await slack.press(channel, await post(), 'acknowledge');
  const trigger = String(received.at(-1)?.payload.trigger_id);
  return (await client.views.open({ trigger_id: trigger, view: modal })).view?.id ?? '';
}

test('a modal opens by a trigger, and what is entered reaches the app', async () => {
  const id = await openModal();
  expect(slack.views()).toMatchObject([{ id, callbackId: 'explain', privateMetadata: 'EXC-7' }]);
  await expect(slack.submitView(id, {})).rejects.toThrow('why.text must be filled in');
  await slack.submitView(id, { why: { text: 'Paid twice' } }, { user: 'U0PERSON002' });
  expect(isGenuine(received[1] as Received)).toBe(true);
  expect(received[1]?.payload).toMatchObject({
    type: 'view_submission',
    user: { id: 'U0PERSON002' },
    view: {
      id,
      callback_id: 'explain',
      private_metadata: 'EXC-7',
      state: {
        values: {
          why: { text: { type: 'plain_text_input', value: 'Paid twice' } },
          until: { day: { type: 'datepicker', selected_date: null } },
        },
      },
    },
  });
  expect(slack.views()).toEqual([]);
});

test('an app may answer with errors or another view; a failure leaves the modal open', async () => {
  const id = await openModal();
  const input = { why: { text: 'x' } };
  answer = () => [500, ''];
  await slack.submitView(id, input);
  expect(slack.views()).toHaveLength(1);
  answer = () => [200, '{"response_action":"errors","errors":{"why":"Say more"}}'];
  await slack.submitView(id, input);
  expect(slack.views()).toMatchObject([{ id, errors: { why: 'Say more' } }]);
  const { view } = await client.views.update({
    view_id: id,
    hash: slack.views()[0]?.hash,
    view: { ...modal, callback_id: 'explain-again' },
  });
  expect(view?.callback_id).toBe('explain-again');
  expect(await errorOf(client.views.update({ view_id: id, hash: 'old', view: modal }))).toBe(
    'hash_conflict',
  );
  answer = () => [200, '{"response_action":"clear"}'];
  await slack.submitView(id, input);
  expect(slack.views()).toEqual([]);
});

test('a trigger is good once, for three seconds', async () => {
  await slack.press(channel, await post(), 'acknowledge');
  await slack.press(channel, await post(), 'acknowledge');
  const [first, second] = received.map(({ payload }) => String(payload.trigger_id));
  const open = (trigger: string | undefined, view = modal): Promise<unknown> =>
    errorOf(client.views.open({ trigger_id: trigger ?? '', view }));
  expect(await open(first, { ...modal, submit: undefined })).toBe('invalid_arguments');
  expect(await open(first)).toBe('no error');
  expect(await open(first)).toBe('exchanged_trigger_id');
  expect(await open('1.2.3')).toBe('invalid_trigger_id');
  nowMs += 3_001;
  expect(await open(second)).toBe('expired_trigger_id');
});

test('people are found by id and by e-mail, the deactivated only by id', async () => {
  const found = await client.users.lookupByEmail({ email: 'SAM@northwind.example' });
  expect(found.user).toMatchObject({ id: 'U0PERSON002', profile: { real_name: 'Sam Stone' } });
  const gone = await client.users.info({ user: 'U0PERSON003' });
  expect(gone.user).toMatchObject({ deleted: true, profile: { email: 'kim@northwind.example' } });
  expect(await errorOf(client.users.lookupByEmail({ email: 'kim@northwind.example' }))).toBe(
    'users_not_found',
  );
  expect(await errorOf(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
});

test('elements that Slack would refuse are refused', async () => {
  const refused = (element: object): Promise<unknown> =>
    errorOf(post([{ type: 'actions', elements: [element] }]));
  const long = { type: 'plain_text', text: 'x'.repeat(76) };
  expect(await refused({ ...button, text: long })).toBe('invalid_blocks');
  expect(await refused({ ...button, style: 'loud' })).toBe('invalid_blocks');
  expect(await refused({ ...button, value: 'x'.repeat(2_001) })).toBe('invalid_blocks');
  expect(await refused({ type: 'static_select', options: [] })).toBe('invalid_blocks');
  expect(await errorOf(post([modal.blocks[0] as object]))).toBe('invalid_blocks');
  await post([{ type: 'section', text: { type: 'mrkdwn', text: 'x' }, accessory: button }]);
  await post();
  expect(await (await fetch(slack.url)).text()).toContain('[ Acknowledge ]');
});
