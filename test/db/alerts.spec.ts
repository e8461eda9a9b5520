import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  allClear,
  anAlert,
  channel,
  elsewhere,
  missing,
  openAlertBench,
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

describe('queueing', () => {
  test('what is rolled back with its run is never said', async () => {
    const failing = bench.app.transaction(async (trx) => {
      await bench.outbox.enqueue(trx, anAlert());
      throw new Error('the run could not be recorded');
    });
    await expect(failing).rejects.toThrow('the run could not be recorded');
    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 0, failed: 0, waiting: 0 });
    expect(bench.slack.requests()).toHaveLength(0);
  });

  test('a second run that shows the same state queues nothing', async () => {
    expect(await bench.enqueue(anAlert({ fresh: 1 }))).toBe('queued');
    expect(
      await bench.enqueue(anAlert({ seq: 2, asOf: '2026-11-03', link: 'https://x.example/' })),
    ).toBe('unchanged');
    expect(await bench.states()).toEqual(['pending']);
  });

  test('a change behind the same totals is told', async () => {
    await bench.enqueue(anAlert({ fresh: 1 }));
    expect(await bench.enqueue(anAlert({ fresh: 1, cleared: 1 }))).toBe('queued');
  });

  test('a run that passes says nothing unless something was said before', async () => {
    expect(await bench.enqueue(allClear())).toBe('nothing_to_say');
    await bench.enqueue(anAlert());
    expect(await bench.enqueue(allClear())).toBe('queued');
    expect(await bench.enqueue(allClear(0))).toBe('unchanged');
  });

  test.each(['not_evaluated', 'errored'] as const)('a first run that is %s speaks', async (end) => {
    const silent = { totals: [], open: 0, top: [], reason: 'The file is gone.' };
    expect(await bench.enqueue(anAlert({ outcome: end, ...silent }))).toBe('queued');
  });

  test('intents not yet sent give way to the newest, and the first post is not lost', async () => {
    await bench.enqueue(anAlert());
    await bench.enqueue(anAlert({ top: [missing('Beta')], fresh: 1 }));
    await bench.enqueue(allClear());
    expect(await bench.states()).toEqual(['superseded', 'superseded', 'pending']);
    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 1, failed: 0, waiting: 0 });
    expect(bench.causes()).toEqual(['All clear: Every won deal becomes an order.']);
  });

  test('two transactions that speak first about the same period leave one message', async () => {
    const both = [anAlert(), anAlert({ top: [missing('Beta')] })];
    expect(await Promise.all(both.map((alert) => bench.enqueue(alert)))).toEqual([
      'queued',
      'queued',
    ]);
    await bench.aDispatcher().dispatchDue();
    expect(bench.slack.messages(channel)).toHaveLength(1);
  });

  test('the app cannot delete what it queued', async () => {
    await bench.enqueue(anAlert());
    await expect(bench.app('tieout.alert_outbox').delete()).rejects.toThrow('permission denied');
  });
});

describe('one live message', () => {
  test('is posted, edited as things change, and told of the turn in its thread', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert({ fresh: 1 }));
    await dispatcher.dispatchDue();
    const two = [missing('Beta'), missing('Acme')];
    await bench.enqueue(anAlert({ seq: 2, top: two, fresh: 1 }));
    await dispatcher.dispatchDue();
    await bench.enqueue(anAlert({ seq: 3, cleared: 1 }));
    await dispatcher.dispatchDue();
    await bench.enqueue(allClear());
    expect(await dispatcher.dispatchDue()).toEqual({ sent: 2, failed: 0, waiting: 0 });

    const [message, ...replies] = bench.slack.messages(channel);
    expect(message?.edits).toBe(3);
    expect(message?.text).toContain('All clear: Every won deal becomes an order.\nBK-01');
    expect(replies.map(({ threadTs }) => threadTs)).toEqual([message?.ts, message?.ts]);
    expect(replies.map(({ text }) => text)).toEqual([
      ':red_circle: 1 new; 2 exceptions open now. Largest: Beta has no order.',
      ':white_check_mark: All clear: Every won deal becomes an order.',
    ]);
  });

  test('exists per control, entity and period', async () => {
    await bench.enqueue(anAlert());
    await bench.enqueue(anAlert({ period: '2026-11' }));
    await bench.enqueue(anAlert({ entity: { id: 'acme-us', name: 'Acme Inc' } }));
    expect(await bench.aDispatcher().dispatchDue()).toEqual({ sent: 3, failed: 0, waiting: 0 });
    expect(bench.slack.messages(channel)).toHaveLength(3);
  });

  test('is posted anew after somebody deleted it', async () => {
    const dispatcher = bench.aDispatcher();
    await bench.enqueue(anAlert());
    await dispatcher.dispatchDue();
    bench.slack.remove(channel, bench.slack.messages(channel)[0]?.ts ?? '');
    await bench.enqueue(anAlert({ top: [missing('Beta')] }));
    await dispatcher.dispatchDue();
    expect(bench.causes()).toEqual(['Beta has no order.']);
  });

  test('moves to the channel that is configured now', async () => {
    await bench.enqueue(anAlert());
    await bench.aDispatcher().dispatchDue();
    await bench.enqueue(anAlert({ top: [missing('Beta')] }));
    await bench.aDispatcher({ to: bench.aChannel({ channel: elsewhere }) }).dispatchDue();
    expect(bench.causes()).toEqual(['Acme has no order.']);
    expect(bench.causes(elsewhere)).toEqual(['Beta has no order.']);
  });

  test('never lets a name from the data call the channel together', async () => {
    await bench.enqueue(anAlert({ top: [missing('<!channel> & <https://evil.example|Acme>')] }));
    await bench.aDispatcher().dispatchDue();
    const sent = JSON.stringify(bench.slack.messages(channel));
    expect(sent).toContain(
      '&lt;!channel&gt; &amp; &lt;https://evil.example|Acme&gt; has no order.',
    );
    expect(sent).not.toContain('<');
  });
});
