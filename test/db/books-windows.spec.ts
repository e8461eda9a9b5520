import { recordSourceAccount } from '../../src/books/source-accounts';
import { closedCoverage, recordWindow, type WindowRead } from '../../src/books/source-windows';
import { SourcesQueries } from '../../src/sources/sources.queries';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const stream = { source: 'stripe', account: 'acct_1', object: 'charge' };
const day = (n: number): string => `2026-06-0${n}T00:00:00.000Z`;
const safe = '2026-06-09T00:00:00.000Z';

/** The read of one day in June, at that hour of the 9th. */
const readOf = (n: number, hour: string, more: Partial<WindowRead> = {}): WindowRead => ({
  ...stream,
  from: day(n),
  to: day(n + 1),
  apiVersion: '2026-10-28.endive',
  queryText: 'GET /v1/charges?created[gte]=…',
  pages: 1,
  requestRefs: ['req_1'],
  rows: '2',
  idSetSha256: 'a'.repeat(64),
  totals: [{ currency: 'USD', rows: '2', amount: '10.00' }],
  sourceTotal: { status: 'unavailable', reason: 'Stripe lists have no count' },
  extractIds: ['00000000-0000-0000-0000-000000000001'],
  startedAt: `2026-06-09T${hour}:00:00.000Z`,
  finishedAt: `2026-06-09T${hour}:01:00.000Z`,
  ...more,
});
const record = (read: WindowRead) => recordWindow(database, read, safe);

async function close(...days: number[]): Promise<void> {
  for (const n of days) {
    await record(readOf(n, '01'));
    await record(readOf(n, '02'));
  }
}

test('reads are appended, and the view shows each window as its last read left it', async () => {
  expect(await record(readOf(1, '01'))).toMatchObject({ readNo: 1, state: 'open' });
  expect(await record(readOf(1, '02'))).toMatchObject({ readNo: 2, state: 'closed' });
  const rows = await database.app.raw<{ rows: unknown[] }>(
    `select read_no, state, state_reason, closed_at, source_total_reason, totals
     from books.source_windows`,
  );
  expect(rows.rows).toEqual([
    {
      read_no: '2',
      state: 'closed',
      state_reason: null,
      closed_at: '2026-06-09 02:01:00+00',
      source_total_reason: 'Stripe lists have no count',
      totals: [{ currency: 'USD', rows: '2', amount: '10.00' }],
    },
  ]);
  await expect(
    database.app.raw(`update books.source_window_reads set state = 'closed'`),
  ).rejects.toThrow(/permission denied/);
});

test('a closed window that has lost a row is open again', async () => {
  await close(1);
  const later = readOf(1, '03', { idSetSha256: 'b'.repeat(64), rows: '1' });
  expect(await record(later)).toEqual({
    readId: expect.any(String) as string,
    readNo: 3,
    state: 'open',
    reason: 'it was closed by read 2, and now has other ids',
  });
});

test('two reads recorded at once are two reads', async () => {
  const both = await Promise.all([record(readOf(1, '01')), record(readOf(1, '02'))]);
  expect(both.map(({ readNo }) => readNo).sort()).toEqual([1, 2]);
});

describe('closed windows reach', () => {
  test('to the end of the last one, when there is no gap', async () => {
    await close(1, 2);
    expect(await closedCoverage(database.app, stream, day(1))).toEqual({
      closedThrough: day(3),
      stoppedBy: 'nothing was read after it',
      withoutTotal: 2,
      windows: 2,
    });
  });

  test('to the first open window', async () => {
    await close(1, 3);
    await record(readOf(2, '01'));
    expect(await closedCoverage(database.app, stream, day(1))).toMatchObject({
      closedThrough: day(2),
      stoppedBy:
        `the window from ${day(2)} to ${day(3)} is open: ` +
        'it was read once; a second read must give the same ids',
    });
  });

  test('to the first gap, and nowhere when nothing was read from there', async () => {
    await close(2);
    expect(await closedCoverage(database.app, stream, day(1))).toMatchObject({
      closedThrough: day(1),
      stoppedBy: `nothing was read before the window from ${day(2)} to ${day(3)}`,
    });
    const other = { ...stream, account: 'acct_2' };
    expect(await closedCoverage(database.app, other, day(1))).toEqual({
      closedThrough: day(1),
      stoppedBy: 'nothing was read after it',
      withoutTotal: 0,
      windows: 0,
    });
  });

  test('as far as people are told, a gap included', async () => {
    await close(1, 3, 5);
    const { account } = stream;
    const found = {
      source: 'stripe' as const,
      name: 'us',
      account,
      entityIds: [],
      since: day(1).slice(0, 10),
    };
    await recordSourceAccount(database, found, { clock: { now: () => day(6) } });
    const { streams } = await new SourcesQueries(database.app).overview();
    expect(streams.find(({ object }) => object === stream.object)).toMatchObject({
      pages: '3',
      last_comparison: null,
      closed_through: day(2).replace('.000Z', '.000000Z'),
      open_because: `nothing was read from ${day(2)} to ${day(3)}`.replaceAll('000Z', '000000Z'),
    });
  });
});
