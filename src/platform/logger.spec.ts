import { statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { InvalidInput } from '../core/problem';
import { createLogger, type Logger } from './logger';

let written: string;
let logger: Logger;

beforeEach(() => {
  written = '';
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (written += chunk.toString('utf8')));
  logger = createLogger({ level: 'info', stream });
});

const lines = (): Record<string, unknown>[] =>
  written
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a line is one JSON object: time in UTC, level, message, then the fields', () => {
  logger.info('run recorded', { runId: 'r-1', items: 7 });
  const [line] = lines();
  expect(Object.keys(line ?? {})).toEqual(['time', 'level', 'message', 'runId', 'items']);
  expect(line).toMatchObject({ level: 'info', message: 'run recorded', runId: 'r-1', items: 7 });
  expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('fields cannot pose as the time, level or message of the line', () => {
  logger.warn('healed', { level: 'info', message: 'all is well', time: 'never' });
  expect(lines()).toMatchObject([
    { level: 'warn', message: 'healed', level_: 'info', message_: 'all is well', time_: 'never' },
  ]);
});

test('a line break in a message or field does not make a second line', () => {
  logger.error('one\n{"level":"info"}', { field: 'two\nthree' });
  expect(written.trimEnd().split('\n')).toHaveLength(1);
});

test('what is below the level is not written', () => {
  logger.debug('unseen');
  logger.info('seen');
  expect(lines().map((line) => line.message)).toEqual(['seen']);
});

const canary = 'cAnArY1234567890';

test.each([
  'token',
  'apiToken',
  'slack_token',
  'password',
  'PGPASSWORD',
  'client_secret',
  'Authorization',
  'set-cookie',
  'x-api-key',
  'apiKey',
  'privateKey',
  'credentials',
  'connectionString',
])('the value of a field named %s is never written', (name) => {
  logger.info('m', { [name]: canary, deep: [{ deeper: { [name]: { inside: canary } } }] });
  expect(written).not.toContain(canary);
  expect(written).toContain('[redacted]');
});

test.each([
  ['a Slack bot token', `xoxb-1234-${canary}`],
  ['a Slack app token', `xapp-1-${canary}`],
  ['a Slack webhook', `https://hooks.slack.com/services/T0/B0/${canary}`],
  ['a Stripe secret key', `sk_live_${canary}`],
  ['a Stripe restricted key', `rk_live_${canary}`],
  ['a Stripe test key', `sk_test_${canary}`],
  ['a Stripe webhook secret', `whsec_${canary}`],
  ['an API token of Tieout', `tieout_${canary.padEnd(43, '-')}`],
  ['a bearer header', `Authorization: Bearer ${canary}`],
  ['basic authentication', `Basic ${canary}==`],
  ['a JSON web token', `eyJhbGciOi.${canary}.sig-${canary}`],
  ['credentials in a URL', `postgres://tieout_app:${canary}@db.internal:5432/tieout`],
  ['a password with an @ in a URL', `postgres://tieout_app:p@ss${canary}@db.internal/tieout`],
  ['a password parameter', `postgres://db/tieout?user=x&password=${canary}&sslmode=require`],
  ['a private key', `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----`],
  ['an e-mail address', `${canary}.o'brien+x@mail.example.co.uk`],
])('%s is removed from every value and message', (_name, secret) => {
  logger.error(`failed with ${secret} here`, {
    text: `before ${secret} after`,
    list: [[secret]],
    map: new Map([['k', secret]]),
    set: new Set([secret]),
    url: secret.startsWith('http') ? new URL(secret) : secret,
    [secret]: 'as a key',
    failure: new Error(secret, { cause: new Error('x', { cause: secret }) }),
  });
  expect(written).not.toContain(canary);
  expect(written).toContain(' here');
});

test('where a URL leads stays readable without its credentials', () => {
  logger.info('m', { at: `postgres://tieout_app:${canary}@db.internal:5432/tieout` });
  expect(lines()[0]?.at).toBe('postgres://[redacted]@db.internal:5432/tieout');
});

test('an error is written with its chain of causes, each message once', () => {
  const root = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  const error = new Error('reading stripe', { cause: new TypeError('no answer', { cause: root }) });
  logger.error('run errored', { error });
  expect(lines()[0]?.error).toMatchObject({
    type: 'Error',
    message: 'reading stripe',
    cause: {
      type: 'TypeError',
      message: 'no answer',
      cause: { type: 'Error', message: 'connection refused', code: 'ECONNREFUSED' },
    },
  });
  for (const message of ['reading stripe', 'no answer', 'connection refused'])
    expect(written.split(message)).toHaveLength(2);
  expect(written).toContain('logger.spec.ts');
});

test('of a database error neither the row nor the statement is written', () => {
  const error = Object.assign(new Error('duplicate key value'), {
    code: '23505',
    detail: `Key (name)=(${canary}) already exists.`,
    query: `insert into t values ('${canary}')`,
  });
  logger.error('m', { error });
  expect(written).not.toContain(canary);
  expect(lines()[0]?.error).toMatchObject({ code: '23505', message: 'duplicate key value' });
});

test('errors that Node itself makes, and those of several attempts, are written as errors', () => {
  let cause: unknown;
  try {
    statSync('/absent/file');
  } catch (error) {
    cause = error;
  }
  logger.warn('m', { error: new AggregateError([cause], 'all failed') });
  expect(lines()[0]?.error).toMatchObject({ errors: [{ code: 'ENOENT' }] });
});

test('invalid input is written with every located problem', () => {
  const problems = [
    { file: 'tieout.yaml', line: 3, message: 'Is missing.', remedy: 'Add it.' },
    { file: 'tieout.yaml', line: 9, message: 'Is wrong.', remedy: 'Correct it.' },
  ];
  logger.error('not started', { error: new InvalidInput('configuration', problems) });
  expect(lines()[0]?.error).toMatchObject({
    problems: ['tieout.yaml:3: Is missing. Add it.', 'tieout.yaml:9: Is wrong. Correct it.'],
  });
});

test('no value can break or flood the log', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const deep = Array.from({ length: 50 }).reduce<object>((inner) => ({ inner }), {});
  const loop = new Error('a');
  loop.cause = loop;
  logger.info('m', {
    circular,
    deep,
    loop,
    big: 9007199254740993n,
    bytes: Buffer.alloc(10_000),
    many: Array.from({ length: 5_000 }, (_, index) => index),
    long: 'x'.repeat(1_000_000),
    nothing: undefined,
    work: () => canary,
    bad: new Date(Number.NaN),
  });
  const [line] = lines();
  expect(line).toMatchObject({ circular: { self: '[circular]' }, big: '9007199254740993' });
  expect(line).toMatchObject({ bytes: '[10000 bytes]', bad: null, loop: { cause: '[circular]' } });
  expect(written.length).toBeLessThan(12_000);
});

test('the same object twice side by side is no circle', () => {
  const period = { start: '2026-10-01' };
  logger.info('m', { left: period, right: period });
  expect(lines()[0]).toMatchObject({ left: period, right: period });
});
