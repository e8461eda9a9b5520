import { unmappedKinds } from '../../src/books/mapping-problems';
import { closedCoverage, recordWindow } from '../../src/books/source-windows';
import { plainPaint } from '../../src/cli/paint';
import { renderUnmapped } from '../../src/cli/sync.command';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seen, StripeBooks } from '../support/stripe-books';
import { invoice, invoiceLine, type StripeObject } from '../support/stripe-objects';

let database: TestDatabase;
let books: StripeBooks;
beforeEach(async () => {
  database = await createTestDatabase();
  books = new StripeBooks(database);
});
afterEach(() => database.drop());

const stream = { source: 'stripe', account: 'acct_1', object: 'invoice' };

async function landAndDerive(body: StripeObject, at: string): Promise<string> {
  const { extractId } = await books.land('invoice', [seen(body, at)]);
  await books.derive();
  return extractId;
}

/** Two reads that prove a day of July; each landed those extracts. */
async function close(day: number, ...extractIds: string[]): Promise<void> {
  for (const hour of ['08', '09'])
    await recordWindow(
      database,
      {
        ...stream,
        ...{ from: `2026-07-0${day}T00:00:00.000Z`, to: `2026-07-0${day + 1}T00:00:00.000Z` },
        ...{ apiVersion: null, queryText: null, pages: 1, requestRefs: [], rows: '1' },
        ...{ idSetSha256: 'a'.repeat(64), totals: [], extractIds },
        sourceTotal: { status: 'unavailable', reason: 'nobody counts' },
        ...{ startedAt: `2026-07-06T${hour}:00:00Z`, finishedAt: `2026-07-06T${hour}:01:00Z` },
      },
      '2026-07-06T00:00:00.000Z',
    );
}

const states = async (): Promise<unknown[]> => {
  const found = await database.app.raw<{ rows: { state: string; reason: string | null }[] }>(
    'select state, state_reason as reason from books.source_windows order by from_at',
  );
  return found.rows.map(({ state, reason }) => reason ?? state);
};
const why =
  '1 object of it could not be taken into the books: invoice in_2 (see books.mapping_problems)';

test('a window is open while the books cannot take an object of it', async () => {
  await close(
    1,
    await landAndDerive(invoice('in_1', [invoiceLine('il_1', 1)]), '2026-07-06T09:00:00Z'),
  );
  await close(
    2,
    await landAndDerive(invoice('in_2', [invoiceLine('il_1', 2)]), '2026-07-06T09:10:00Z'),
  );
  expect(await states()).toEqual(['closed', why]);
  expect(await closedCoverage(database.app, stream, '2026-07-01T00:00:00Z')).toMatchObject({
    closedThrough: '2026-07-02T00:00:00.000Z',
    stoppedBy: expect.stringContaining(`is open: ${why}`) as string,
  });
  const told = renderUnmapped(await unmappedKinds(database.app), {
    width: 1000,
    paint: plainPaint,
  });
  expect(told).toEqual([
    '',
    'stripe acct_1: 1 invoice not in the books, so what reads such rows gets no verdict (tieout ' +
      'sources). One is in_2: invoice_line_id names the row il_1 of books.invoice_lines, which ' +
      'invoice in_1 holds. Look both up at the source; once either is read without that row, the ' +
      'other has it.',
  ]);
  // The line is given up by the other invoice.
  await landAndDerive(invoice('in_1', [invoiceLine('il_3', 3)]), '2026-07-06T09:20:00Z');
  expect(await states()).toEqual(['closed', 'closed']);
  expect(await unmappedKinds(database.app)).toEqual([]);
});

test('an object that came by itself later holds up the window that it first came in', async () => {
  await landAndDerive(invoice('in_1', [invoiceLine('il_1', 1)]), '2026-07-06T09:00:00Z');
  await close(
    2,
    await landAndDerive(invoice('in_2', [invoiceLine('il_2', 2)]), '2026-07-06T09:10:00Z'),
  );
  expect(await states()).toEqual(['closed']);
  // Asked for by its id, because an event named it: no window was read.
  await landAndDerive(invoice('in_2', [invoiceLine('il_1', 2)]), '2026-07-06T09:20:00Z');
  expect(await states()).toEqual([why]);
});

test('a window drifts by its own reads, whatever the books made of it', async () => {
  await landAndDerive(invoice('in_1', [invoiceLine('il_1', 1)]), '2026-07-06T09:00:00Z');
  const extract = await landAndDerive(
    invoice('in_2', [invoiceLine('il_1', 2)]),
    '2026-07-06T09:10:00Z',
  );
  await close(2, extract);
  const read = await recordWindow(
    database,
    {
      ...stream,
      ...{ from: '2026-07-02T00:00:00.000Z', to: '2026-07-03T00:00:00.000Z', apiVersion: null },
      ...{ queryText: null, pages: 1, requestRefs: [], rows: '2', extractIds: [], totals: [] },
      idSetSha256: 'b'.repeat(64),
      sourceTotal: { status: 'unavailable', reason: 'nobody counts' },
      ...{ startedAt: '2026-07-06T10:00:00Z', finishedAt: '2026-07-06T10:01:00Z' },
    },
    '2026-07-06T00:00:00.000Z',
  );
  expect(read).toMatchObject({ reason: 'it was closed by read 2, and now has other ids' });
});
