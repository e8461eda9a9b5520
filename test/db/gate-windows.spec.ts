import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { booksTable } from '../../src/books/books-tables';
import { landRows } from '../../src/books/land-rows';
import { recordExtract } from '../../src/books/record-extract';
import { recordSourceAccount, sourceAccounts } from '../../src/books/source-accounts';
import { recordSourceSync, type Unread } from '../../src/books/source-syncs';
import { recordWindow, type WindowRead } from '../../src/books/source-windows';
import { sourcesSchema } from '../../src/platform/source-config';
import { gateSources } from '../../src/runs/gate/gate-sources';
import { gateWindows } from '../../src/runs/gate/gate-windows';
import type { PreparedRun } from '../../src/runs/prepare-run';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const declared = sourcesSchema.parse({
  stripe: { stripe_us: { entity: 'ni-us', key: 'rk_live_x', since: '2026-06-01' } },
});
const entity = {
  ...{ id: 'ni-us', name: 'Northwind', currency: 'USD', time_zone: 'America/Los_Angeles' },
  ...{ calendar: 'us', materiality: {}, parameters: {} },
};
const clock = { now: () => '2026-07-02T12:00:00.000Z' };

const seen = (): Promise<void> =>
  recordSourceAccount(
    database,
    {
      ...{ source: 'stripe', name: 'stripe_us', account: 'acct_1' },
      ...{ entityIds: ['ni-us'], since: '2026-06-01' },
    },
    { clock },
  );

/** Reads what is from June on until `to` twice, so that it is closed. */
async function close(
  object: string,
  to: string,
  { reads = 2, from = '2026-06-01T00:00:00.000Z' } = {},
): Promise<void> {
  const read: WindowRead = {
    ...{ source: 'stripe', account: 'acct_1', object, apiVersion: '2026-10-28.endive' },
    ...{ from, to, queryText: null, pages: 1, requestRefs: [] },
    ...{ rows: '0', idSetSha256: 'a'.repeat(64), totals: [], extractIds: [] },
    sourceTotal: { status: 'unavailable', reason: 'Stripe lists have no count' },
    ...{ startedAt: '2026-07-02T10:00:00.000Z', finishedAt: '2026-07-02T10:01:00.000Z' },
  };
  const later = { startedAt: '2026-07-02T11:00:00.000Z', finishedAt: '2026-07-02T11:01:00.000Z' };
  for (let n = 1; n <= reads; n += 1)
    await recordWindow(database, n === 1 ? read : { ...read, ...later }, clock.now());
}

const ask = (relation: string, asOf: string, periodStart = '2026-06-01') =>
  gateWindows({ relation, entity, asOf, periodStart }, declared, database.app);

test('a declared source that was never read is a reason, whatever else is known', async () => {
  expect(await ask('books.disputes', '2026-06-30')).toMatchObject({
    isFilled: true,
    reasons: ['books.disputes: source stripe_us was never read; run tieout sync.'],
  });
});

test('windows closed through the as-of day of the books are enough, no less', async () => {
  await seen();
  // Midnight in Los Angeles is 07:00 in UTC.
  await close('dispute', '2026-07-01T06:59:59.000Z');
  expect((await ask('books.disputes', '2026-06-30')).reasons).toEqual([
    'books.disputes: dispute of stripe_us is proven only before 2026-07-01T06:59:59.000Z, and ' +
      'the as-of day is 2026-06-30: nothing was read after it.',
  ]);
  expect(await ask('books.disputes', '2026-06-29')).toMatchObject({ reasons: [], withoutTotal: 1 });
  await close('dispute', '2026-07-01T07:00:00.000Z');
  expect(await ask('books.disputes', '2026-06-30')).toMatchObject({
    reasons: [],
    facts: { 'stripe_us dispute': 'closed through 2026-07-01T07:00:00.000Z' },
  });
});

test('a window that was read once is open, and the reason says so', async () => {
  await seen();
  await close('dispute', '2026-07-01T07:00:00.000Z', { reads: 1 });
  const { reasons } = await ask('books.disputes', '2026-06-30');
  expect(reasons.join()).toContain('it was read once; a second read must give the same ids');
});

test('a period that began before its source is read from is not known', async () => {
  await seen();
  await close('dispute', '2026-07-01T07:00:00.000Z');
  const said =
    'books.disputes: dispute of stripe_us is read since 2026-06-01 (UTC), and the period began';
  expect((await ask('books.disputes', '2026-05-31', '2026-05-01')).reasons).toEqual([
    `${said} 2026-05-01 in America/Los_Angeles.`,
  ]);
  expect((await ask('books.disputes', '2026-06-30', '2026-04-01')).reasons).toEqual([
    `${said} 2026-04-01 in America/Los_Angeles.`,
  ]);
  await close('product', '2026-07-01T07:00:00.000Z', { from: '2011-01-01T00:00:00.000Z' });
  expect((await ask('books.products', '2026-05-31', '2026-05-01')).reasons).toEqual([]);
});

test('a source is read from midnight in UTC on; in the east the day began before', async () => {
  await seen();
  await close('dispute', '2026-07-01T07:00:00.000Z');
  const inZone = (zone: string) => ({
    ...{ relation: 'books.disputes', entity: { ...entity, time_zone: zone } },
    ...{ asOf: '2026-06-29', periodStart: '2026-06-01' },
  });
  const reasonsIn = async (zone: string): Promise<string[]> =>
    (await gateWindows(inZone(zone), declared, database.app)).reasons;
  expect(await reasonsIn('Asia/Tokyo')).toEqual([
    'books.disputes: dispute of stripe_us is read since 2026-06-01 (UTC), and the period began ' +
      '2026-06-01 in Asia/Tokyo.',
  ]);
  expect(await reasonsIn('UTC')).toEqual([]);
});

test('masters must be known however old they are: documents of today name them', async () => {
  await seen();
  await close('product', '2026-07-01T07:00:00.000Z');
  const { reasons } = await ask('books.products', '2026-06-30');
  expect(reasons).toEqual([
    expect.stringContaining('nothing was read before the window from 2026-06-01T00:00:00.000Z'),
  ]);
  await close('product', '2026-06-01T00:00:00.000Z', { from: '2011-01-01T00:00:00.000Z' });
  expect((await ask('books.products', '2026-06-30')).reasons).toEqual([]);
});

test('every kind of object that fills a table must be closed', async () => {
  await seen();
  await close('invoice', '2026-07-02T00:00:00.000Z');
  const { reasons } = await ask('books.invoice_payments', '2026-06-30');
  expect(reasons.join()).toContain('invoice_payment of stripe_us is proven only before');
});

test('an entity without such a source is not held up by it', async () => {
  const other = { ...entity, id: 'ni-ie' };
  const question = {
    ...{ relation: 'books.disputes', entity: other },
    ...{ asOf: '2026-06-30', periodStart: '2026-06-01' },
  };
  expect(await gateWindows(question, declared, database.app)).toEqual({
    ...{ reasons: [], facts: {}, withoutTotal: 0, isFilled: false, isRead: false },
  });
});

test('a source keeps the accounts it was, and the last one counts', async () => {
  await seen();
  await seen();
  const moved = { source: 'stripe', name: 'stripe_us', account: 'acct_2' } as const;
  const later = { now: () => '2026-07-03T12:00:00.000Z' };
  await recordSourceAccount(
    database,
    { ...moved, entityIds: ['ni-us'], since: '2026-06-01' },
    { clock: later },
  );
  expect(await sourceAccounts(database.app)).toEqual([
    { ...moved, entityIds: ['ni-us'], since: '2026-06-01' },
  ]);
  const kept = await database.app.raw<{ rows: { account: string }[] }>(
    'select account from books.source_accounts order by recorded_at',
  );
  expect(kept.rows.map(({ account }) => account)).toEqual(['acct_1', 'acct_2']);
});

// Movements of balances are asked for customer by customer: without any, no window is left.
const movements = 'books.customer_credit_transactions';
const ofStripe = `${movements}: customer_balance_transaction of stripe_us`;

const synced = (startedAt: string, unread: Unread[] = []): Promise<void> =>
  recordSourceSync(database, {
    ...{ source: 'stripe', name: 'stripe_us', startedAt, finishedAt: startedAt },
    ...{ outcome: 'read', unread },
  });

test('objects that a source may do without are absent once a later sync has looked', async () => {
  await seen();
  expect((await ask(movements, '2026-06-30')).reasons).toEqual([
    `${ofStripe} was looked for by no sync that came to its end; run tieout sync.`,
  ]);
  await synced('2026-07-01T06:59:59.000Z');
  expect((await ask(movements, '2026-06-30')).reasons).toEqual([
    `${ofStripe} was last looked for on 2026-06-30, which is not after the as-of day 2026-06-30.`,
  ]);
  await synced('2026-07-01T07:00:00.000Z');
  expect(await ask(movements, '2026-06-30')).toMatchObject({
    ...{ reasons: [], isFilled: true, isRead: false },
    facts: { 'stripe_us customer_balance_transaction': 'none was there to be read' },
  });
});

test('objects that the last sync could not read are not taken for absent', async () => {
  await seen();
  const refused = { message: 'the key may not read them.', windows: null, from: null, to: null };
  await synced('2026-07-01T08:00:00.000Z');
  await synced('2026-07-02T08:00:00.000Z', [
    { object: 'customer_balance_transaction', ...refused },
  ]);
  expect((await ask(movements, '2026-06-30')).reasons).toEqual([
    `${ofStripe} could not be read: the key may not read them.`,
  ]);
  await synced('2026-07-03T08:00:00.000Z', [{ object: 'dispute', ...refused }]);
  expect((await ask(movements, '2026-06-30')).reasons).toEqual([]);
});

describe('what is landed as a whole', () => {
  const query = { query: 'select 1' };
  const whole = sourcesSchema.parse({
    files: {
      ledger: {
        ...{ path: 'ledger.csv', format: 'csv', columns: { gl_line_id: 'text' } },
        lands_in: 'gl_lines',
      },
    },
    warehouse: {
      west: { url: 'postgres://west', tables: { gl_lines: query } },
      east: { url: 'postgres://east', tables: { gl_lines: query } },
    },
  });

  let landings = 0;
  const landed = (source: string, account: string, object: string, extractedAt: string) =>
    recordExtract(database.app, {
      ...{ extractId: randomUUID(), table: booksTable('gl_lines') },
      landedAt: new Date(Date.parse(clock.now()) + (landings += 1)).toISOString(),
      origin: { source, account, object },
      counts: { rows: '0', inserted: '0', changed: '0', unchanged: '0', closed: '0' },
      ...{ sourceSystem: null, sha256: 'a'.repeat(64), totals: [], extractedAt },
      controlTotal: 'agrees',
    });

  const reasons = async (sources = whole): Promise<string[]> => {
    const run = {
      loaded: { populations: { one: { relations: ['books.gl_lines'] } } },
      entity: { id: 'us', time_zone: 'UTC' },
      request: { asOf: '2026-06-30' },
      period: { key: '2026-06', start: '2026-06-01', end: '2026-07-01' },
    };
    return (await gateSources(run as unknown as PreparedRun, sources, database.app)).reasons;
  };

  test('every file and query that is declared to fill a table must have', async () => {
    expect(await reasons()).toEqual(['books.gl_lines was never landed; run tieout sync.']);
    await landed('warehouse', 'west', 'gl_lines', '2026-07-02T00:00:00Z');
    expect(await reasons()).toEqual([
      'books.gl_lines: dataset ledger was never landed; run tieout sync.',
      'books.gl_lines: its query of warehouse east was never landed; run tieout sync.',
    ]);
    await landed('files', '', 'ledger', '2026-07-02T00:00:00Z');
    await landed('warehouse', 'east', 'gl_lines', '2026-07-02T00:00:00Z');
    expect(await reasons()).toEqual([]);
  });

  test('one warehouse that is current does not hide another that is not', async () => {
    await landed('files', '', 'ledger', '2026-07-02T00:00:00Z');
    await landed('warehouse', 'east', 'gl_lines', '2026-06-29T00:00:00Z');
    await landed('warehouse', 'west', 'gl_lines', '2026-07-02T00:00:00Z');
    expect(await reasons()).toEqual([
      'books.gl_lines was extracted on 2026-06-29, which is not after the as-of day 2026-06-30.',
    ]);
  });

  describe('and holds rows of one entity', () => {
    const only = (entities?: string[]) =>
      sourcesSchema.parse({
        warehouse: { west: { url: 'postgres://west', tables: { gl_lines: query }, entities } },
      });
    const land = (lines: string[]) =>
      landRows(
        database,
        {
          ...{ table: 'gl_lines', source: 'warehouse', account: 'west', object: 'gl_lines' },
          columns: ['account', 'credit', 'currency', 'debit', 'entity_id', 'journal_id', 'line_no'],
          lines: () => Readable.from(lines.map((line) => Buffer.from(line))),
          ...{ amount: null, expected: null, sourceSystem: null },
          extractedAt: '2026-07-02T00:00:00Z',
        },
        { clock },
      );

    test('it says nothing of another, unless it is declared to', async () => {
      await land(['4000\t0\tEUR\t1\tie\tje_1\t1\n']);
      expect(await reasons(only())).toEqual([
        'books.gl_lines has rows of other entities and never had one of us; declare for which ' +
          'entities its sources hold all (entities: [us, …]).',
      ]);
      expect(await reasons(only(['ie', 'us']))).toEqual([]);
      expect(await reasons(only(['ie']))).toEqual([
        'books.gl_lines: its sources are declared for other entities.',
      ]);
      await land(['4000\t0\tUSD\t1\tus\tje_1\t1\n', '4000\t0\tEUR\t1\tie\tje_2\t1\n']);
      expect(await reasons(only())).toEqual([]);
    });

    test('it says of everybody that there is nothing when it never had a row', async () => {
      await land([]);
      expect(await reasons(only())).toEqual([]);
    });
  });
});
