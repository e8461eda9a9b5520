import { PassThrough } from 'node:stream';
import knex from 'knex';
import { AlertDispatcher } from '../../src/alerts/alert-dispatcher';
import { SlackChannel } from '../../src/alerts/slack-channel';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { startSlackStandIn } from '../../src/sandbox/slack/slack-stand-in';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  allClear,
  anAlert,
  channel,
  missing,
  openAlertBench,
  token,
  type AlertBench,
} from '../support/slack';

let database: TestDatabase;
let bench: AlertBench;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  bench = await openAlertBench(database);
});
afterEach(() => bench.slack.stop());

describe('when delivery is in doubt', () => {
  test('a lost answer is looked up before anything is sent again: one message', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert());
    bench.slack.dropNext(1);
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 0, failed: 0, waiting: 1 });
    expect(await bench.states()).toEqual(['uncertain']);
    bench.clock.advance(10);
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 1, failed: 0, waiting: 0 });
    expect(bench.causes()).toEqual(['Acme has no order.']);
    expect(bench.slack.messages(channel)[0]?.edits).toBe(0);
  });

  test('what was queued meanwhile ends up in the message that did arrive', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert());
    bench.slack.dropNext(1);
    await dispatcher.dispatchDue();
    await bench.enqueue(anAlert({ top: [missing('Beta')] }));
    bench.clock.advance(10);
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 2, failed: 0, waiting: 0 });
    expect(bench.causes()).toEqual(['Beta has no order.']);
  });

  test('a broken server that delivered nothing is asked again', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert());
    bench.slack.failHttpNext(1, 502);
    await dispatcher.dispatchDue();
    bench.clock.advance(10);
    await dispatcher.dispatchDue();
    expect(bench.causes()).toEqual(['Acme has no order.']);
  });

  test('a post given up in doubt is looked for when the next state is sent', async () => {
    await bench.enqueue(anAlert());
    bench.slack.dropNext(1);
    await bench.aDispatcher().dispatchDue();
    bench.clock.advance(10);
    const expired = bench.aChannel({ token: 'xoxb-expired' });
    await bench.aDispatcher({ to: expired }).dispatchDue();
    expect(await bench.states()).toEqual(['dead']);
    await bench.enqueue(anAlert({ top: [missing('Beta')] }));
    await bench.aDispatcher().dispatchDue();
    expect(await bench.states()).toEqual(['dead', 'sent']);
    expect(bench.causes()).toEqual(['Beta has no order.']);
  });

  test('a reply whose answer was lost is not said twice', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert());
    await dispatcher.dispatchDue();
    await bench.enqueue(allClear());
    bench.slack.slowNext(1, 0);
    bench.slack.dropNext(1);
    await dispatcher.dispatchDue();
    expect(await bench.states()).toEqual(['sent', 'sent', 'uncertain']);
    bench.clock.advance(10);
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 1, failed: 0, waiting: 0 });
    expect(bench.slack.messages(channel)).toHaveLength(2);
  });

  test('a process killed between the post and its record leaves one message', async () => {
    await bench.enqueue(anAlert());
    bench.slack.slowNext(1, 200);
    await dispatchAndDie();
    expect(await bench.states()).toEqual(['sending']);
    expect(bench.slack.messages(channel)).toHaveLength(1);

    expect((await bench.aDispatcher().dispatchDue()).waiting).toBe(1);
    bench.clock.advance(76);
    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 1, failed: 0, waiting: 0 });
    expect(bench.slack.messages(channel)).toHaveLength(1);
  });

  test('two dispatchers that race for a post and its edits make one message', async () => {
    const both = [bench.aDispatcher(), bench.aDispatcher()];
    for (const name of ['Acme', 'Beta', 'Gamma']) {
      await bench.enqueue(anAlert({ top: [missing(name)] }));
      const counts = await Promise.all(both.map((dispatcher) => dispatcher.dispatchDue()));
      expect(counts.reduce((sum, { sent }) => sum + sent, 0)).toBe(1);
    }
    expect(bench.causes()).toEqual(['Gamma has no order.']);
  });
});

/** Dispatches over connections of its own, which are gone by the time Slack answers. */
async function dispatchAndDie(): Promise<void> {
  const { host, port } = database.server.connection;
  const connection = { host, port, user: 'tieout_app', database: database.name };
  const own = knex({ client: 'pg', connection });
  const logger = createLogger({ level: 'error', stream: new PassThrough() });
  const dispatching = new AlertDispatcher(own, bench.aChannel(), bench.clock, logger).dispatchDue();
  const died = expect(dispatching).rejects.toThrow('Unable to acquire a connection');
  while (bench.slack.messages(channel).length === 0) await new Promise(setImmediate);
  await own.destroy();
  await died;
}

describe('limits and faults', () => {
  test('a rate limit holds everything for that channel until it is over', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert());
    await bench.enqueue(anAlert({ period: '2026-11' }));
    bench.slack.rateLimitNext(1, 30);
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 0, failed: 0, waiting: 2 });
    bench.clock.advance(29);
    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 0, failed: 0, waiting: 2 });
    expect(bench.slack.requests()).toHaveLength(1);
    bench.clock.advance(2);
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 2, failed: 0, waiting: 0 });
  });

  test('messages to one channel keep their distance', async () => {
    const timed = await startSlackStandIn({ token, channels: [{ id: channel, name: 'x' }] });
    for (const period of ['2026-08', '2026-09', '2026-10'])
      await bench.enqueue(anAlert({ period }));
    const to = new SlackChannel({ token, channel, apiUrl: timed.apiUrl });
    const result = await bench
      .aDispatcher({ to, clock: new SystemClock(), paceMs: 120 })
      .dispatchDue();
    const at = timed.requests().map(({ atMs }) => atMs);
    await timed.stop();
    expect(result).toEqual({ sent: 3, failed: 0, waiting: 0 });
    expect(Math.min((at[1] ?? 0) - (at[0] ?? 0), (at[2] ?? 0) - (at[1] ?? 0))).toBeGreaterThan(119);
  });

  test('a raised signal ends a call after the message under way', async () => {
    await bench.enqueue(anAlert());
    await bench.enqueue(anAlert({ period: '2026-11' }));
    const stop = AbortSignal.abort();
    expect(await bench.aDispatcher().dispatchDue(stop)).toEqual({ sent: 0, failed: 0, waiting: 2 });
  });

  test('without a channel alerts stay queued, and the log says so once', async () => {
    await bench.enqueue(anAlert());
    const dispatcher = bench.aDispatcher({ to: null });
    await dispatcher.dispatchDue();
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 0, failed: 0, waiting: 1 });
    expect(bench.log).toHaveLength(1);
    expect(bench.log[0]).toMatchObject({
      level: 'warn',
      message: 'alerts stay queued: slack is not configured',
    });
    expect((await bench.aDispatcher().dispatchDue()).sent).toBe(1);
  });

  test('a wrong token is one error with its remedy, and made good once it is right', async () => {
    await bench.enqueue(anAlert());
    await bench.enqueue(anAlert({ period: '2026-11' }));
    const wrong = bench.aDispatcher({ to: bench.aChannel({ token: 'xoxb-wrong' }) });
    expect(await wrong.dispatchDue()).toEqual({ sent: 0, failed: 2, waiting: 0 });
    await bench.enqueue(anAlert({ top: [missing('Beta')] }));
    expect(await wrong.dispatchDue()).toEqual({ sent: 0, failed: 1, waiting: 0 });
    expect(bench.errors()).toHaveLength(1);
    expect(bench.errors()[0]).toMatchObject({
      message: 'alerts cannot be delivered',
      code: 'invalid_auth',
      remedy: expect.stringContaining('slack.token') as string,
    });
    expect(JSON.stringify(bench.log)).not.toContain('xoxb-wrong');

    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 2, failed: 0, waiting: 0 });
    expect(bench.causes().sort()).toEqual(['Acme has no order.', 'Beta has no order.']);
    expect(await bench.states()).toEqual(['dead', 'sent', 'sent']);
  });

  test('a fault is tried again later and later, and given up after a day', async () => {
    await bench.enqueue(anAlert());
    const dispatcher = bench.aDispatcher();
    bench.slack.failNext(100, 'service_unavailable');
    let attempts = 0;
    for (let minutes = 0; minutes <= 25 * 60; minutes += 15) {
      const { failed } = await dispatcher.dispatchDue();
      attempts = bench.slack.requests().length;
      if (failed === 1) break;
      bench.clock.advance(15 * 60);
    }
    expect(await bench.states()).toEqual(['dead']);
    expect(attempts).toBe(97);
    expect(bench.errors()).toHaveLength(1);
  });

  test('a message that Slack has once refused does not hold up the others', async () => {
    await bench.enqueue(anAlert());
    await bench.enqueue(anAlert({ period: '2026-11', top: [missing('Beta')] }));
    bench.slack.failNext(1, 'service_unavailable');
    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 1, failed: 0, waiting: 1 });
    expect(bench.causes()).toEqual(['Beta has no order.']);
  });
});
