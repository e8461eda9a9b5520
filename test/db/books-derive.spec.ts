import { booksTable } from '../../src/books/books-tables';
import { deriveBatch } from '../../src/books/derive-batch';
import { DerivingBeside } from '../../src/books/derive-beside';
import { landRaw } from '../../src/books/land-raw';
import { openMappingProblems } from '../../src/books/mapping-problems';
import { claimLanding } from '../../src/books/merge-staged';
import { rebuildBooks } from '../../src/books/rebuild-books';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seen, StripeBooks, stripeJob } from '../support/stripe-books';
import { invoice, invoiceLine } from '../support/stripe-objects';

let database: TestDatabase;
let books: StripeBooks;
beforeEach(async () => {
  database = await createTestDatabase();
  books = new StripeBooks(database);
});
afterEach(() => database.drop());

const land: StripeBooks['land'] = (object, observations) => books.land(object, observations);
const derive: StripeBooks['derive'] = (job) => books.derive(job);
const rebuild = (check: boolean) =>
  rebuildBooks(database, stripeJob, { clock: books.clock, check });
const check = () => rebuild(true);

async function read(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.app.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
}
const currentLines = () =>
  read('select invoice_line_id as id, amount from books.invoice_lines order by 1');

const twoLines = () => invoice('in_1', [invoiceLine('il_1', 3000), invoiceLine('il_2', 2000)]);

test('a table filled by many small extracts is planned by how many rows it has', async () => {
  for (const lot of [1, 2, 3])
    await land(
      'invoice',
      Array.from({ length: 250 }, (_, i) => seen(invoice(`in_${lot}_${i}`, []))),
    );
  await derive();
  const planned = "select reltuples as rows from pg_class where relname = 'invoice_versions'";
  expect(Number((await read(planned))[0]?.['rows'])).toBeGreaterThanOrEqual(500);
});

test('of two that derive an object at once, the one that waits brings nothing back', async () => {
  await land('invoice', [seen(twoLines())]);
  const [mapping] = stripeJob.mappings.filter(({ object }) => object === 'invoice');
  if (!mapping) throw new RangeError('invoices are mapped');
  const waiting = async (): Promise<void> => {
    const asked = 'select count(*)::int as n from pg_locks where not granted';
    for (let n: unknown = 0; n === 0;) n = (await read(asked))[0]?.['n'];
  };
  const slower = await database.app.transaction(async (trx) => {
    await claimLanding(trx, mapping.tables.map(booksTable), books.clock.now());
    const other = derive();
    await waiting();
    const voided = invoice('in_1', [invoiceLine('il_1', 5000)], { status: 'void' });
    await land('invoice', [seen(voided, '2026-07-06T09:30:00Z')]);
    await deriveBatch(trx, stripeJob, mapping, ['in_1'], books.clock);
    return { other };
  });
  await slower.other;
  expect(await read('select status from books.invoices')).toEqual([{ status: 'void' }]);
});

test('a lot without anything in it keeps none after it from being derived beside', async () => {
  const deriving = new DerivingBeside(database, stripeJob, { clock: books.clock });
  deriving.add([]);
  const { extractId } = await land('invoice', [seen(twoLines())]);
  deriving.add([extractId]);
  await deriving.settle();
  expect(await currentLines()).toHaveLength(2);
});

describe('raw objects become rows', () => {
  test('an invoice with its lines, dated in the book time zone, in major units', async () => {
    const landing = await land('invoice', [seen(twoLines())]);
    const [done] = await derive();
    expect(done).toMatchObject({ objects: '1', rows: '3', inserted: '3', problems: '0' });
    const [row] = await read(
      `select invoice_id, entity_id, document_date, total, status, subscription_id, order_id,
         line_count, source, source_account, source_object, source_id, extract_id, raw_sha256
       from books.invoices`,
    );
    expect(row).toEqual({
      invoice_id: 'in_1',
      entity_id: 'ni-us',
      document_date: '2026-06-30',
      total: '50.000000',
      status: 'open',
      subscription_id: 'sub_1',
      order_id: '801000000000001AAA',
      line_count: '2',
      source: 'stripe',
      source_account: 'acct_1',
      source_object: 'invoice',
      source_id: 'in_1',
      extract_id: landing.extractId,
      raw_sha256: (await read('select payload_sha256 as h from books.raw_objects'))[0]?.['h'],
    });
    expect(
      await read(
        `select invoice_line_id as id, amount, quantity, unit_amount, service_start as start,
           service_end_excl as end from books.invoice_lines where invoice_line_id = 'il_1'`,
      ),
    ).toEqual([
      {
        id: 'il_1',
        amount: '30.000000',
        quantity: '2.125000000000',
        unit_amount: '10.005000000000',
        start: '2026-06-30',
        end: '2026-07-31',
      },
    ]);
  });

  test('a line that left its invoice ends, a new one begins, the rest stays', async () => {
    await land('invoice', [seen(twoLines()), seen(invoice('in_2', [invoiceLine('il_9', 1)]))]);
    await derive();
    const later = invoice('in_1', [invoiceLine('il_1', 3000), invoiceLine('il_3', 2000)]);
    await land('invoice', [seen(later, '2026-07-06T09:30:00Z')]);
    const [done] = await derive();
    expect(done).toMatchObject({ rows: '3', inserted: '1', changed: '0', closed: '1' });
    expect(await currentLines()).toEqual([
      { id: 'il_1', amount: '30.000000' },
      { id: 'il_3', amount: '20.000000' },
      { id: 'il_9', amount: '0.010000' },
    ]);
  });

  test('the latest observation counts, in whatever order they were landed', async () => {
    const paid = invoice('in_1', [invoiceLine('il_1', 5000)], { status: 'void' });
    await land('invoice', [seen(paid, '2026-07-06T09:30:00Z')]);
    await land('invoice', [seen(twoLines(), '2026-07-06T09:00:00Z')]);
    await derive();
    expect(await read('select status from books.invoices')).toEqual([{ status: 'void' }]);
  });

  test('lines beyond the first page come from pages of their own, or it waits', async () => {
    const lines = { object: 'list', data: [invoiceLine('il_1', 1)], has_more: true };
    await land('invoice', [seen(invoice('in_1', [], { lines }))]);
    await derive();
    expect(await openMappingProblems(database.app, ['invoice_lines'])).toEqual([
      {
        source: 'stripe',
        account: 'acct_1',
        object: 'invoice',
        objectId: 'in_1',
        field: 'lines',
        code: 'incomplete_list',
        message: 'lines goes on, and its pages were not landed.',
      },
    ]);
    const pages = [
      { object: 'list', data: [invoiceLine('il_1', 1), invoiceLine('il_2', 2)], has_more: true },
      { object: 'list', data: [invoiceLine('il_3', 3)], has_more: false },
    ];
    const observedAt = '2026-07-06T09:00:05Z';
    await land('invoice.lines', [{ objectId: 'in_1', observedAt, payload: JSON.stringify(pages) }]);
    const [done] = await derive();
    expect(done).toMatchObject({ object: 'invoice.lines', inserted: '4', problems: '0' });
    expect((await currentLines()).map(({ id }) => id)).toEqual(['il_1', 'il_2', 'il_3']);
    expect(await openMappingProblems(database.app, ['invoice_lines'])).toEqual([]);
  });

  test('what is not understood is told by object and field, and the rows it had stay', async () => {
    await land('invoice', [seen(twoLines())]);
    await derive();
    const strange = invoice('in_1', [], { status: 'half_paid' });
    await land('invoice', [seen(strange, '2026-07-06T09:30:00Z')]);
    const [done] = await derive();
    expect(done).toMatchObject({ objects: '1', problems: '1', closed: '0' });
    const [problem] = await openMappingProblems(database.app, ['invoices']);
    expect(problem).toMatchObject({
      objectId: 'in_1',
      field: 'status',
      code: 'unknown_value',
      message: "status has the unknown value 'half_paid'.",
    });
    expect(await openMappingProblems(database.app, ['payouts'])).toEqual([]);
    expect(await currentLines()).toHaveLength(2);
    await land('invoice', [seen(twoLines(), '2026-07-06T09:40:00Z')]);
    await derive();
    expect(await openMappingProblems(database.app, ['invoices'])).toEqual([]);
  });

  test('a deleted object has no rows left, and its history stays', async () => {
    await land('invoice', [seen(twoLines())]);
    await derive();
    const observedAt = '2026-07-06T09:30:00Z';
    await land('invoice', [{ objectId: 'in_1', observedAt, payload: '', isDeleted: true }]);
    expect(await derive()).toMatchObject([{ rows: '0', closed: '3' }]);
    expect(await currentLines()).toEqual([]);
    expect(await read('select count(*) as n from books.invoice_line_versions')).toEqual([
      { n: '2' },
    ]);
  });

  test('nothing is derived twice, unless the mappings are other ones', async () => {
    await land('invoice', [seen(twoLines())]);
    await derive();
    expect(await derive()).toEqual([]);
    const again = await derive({ ...stripeJob, mappingVersion: 'next' });
    expect(again).toMatchObject([{ rows: '3', unchanged: '3', inserted: '0', changed: '0' }]);
    // Going back to mappings of before is a change as well: the rows are those of the others.
    expect(await derive()).toMatchObject([{ rows: '3' }]);
    expect(await derive()).toEqual([]);
  });

  test('two accounts may use one price id, and neither ends the rows of the other', async () => {
    const price = {
      id: 'gold',
      object: 'price',
      active: true,
      billing_scheme: 'per_unit',
      created: 1782882000,
      currency: 'jpy',
      livemode: true,
      metadata: {},
      product: 'prod_1',
      recurring: null,
      type: 'one_time',
      unit_amount_decimal: '500',
    };
    const other = { ...stripeJob, account: 'acct_2' };
    await land('price', [seen(price)]);
    const read2 = { ...other, object: 'price', apiVersion: '2024-06-20' };
    await landRaw(database, { ...read2, observations: [seen(price)] }, books);
    await derive();
    await derive(other);
    const prices = `select source_account as account, unit_amount, currency from books.prices
      order by 1`;
    expect(await read(prices)).toEqual([
      { account: 'acct_1', unit_amount: '500.000000000000', currency: 'JPY' },
      { account: 'acct_2', unit_amount: '500.000000000000', currency: 'JPY' },
    ]);
  });

  test('a row that two objects of a batch give is a problem of the second', async () => {
    await land('invoice', [seen(twoLines()), seen(invoice('in_2', [invoiceLine('il_1', 1)]))]);
    await derive();
    expect(await read('select invoice_id from books.invoices')).toEqual([{ invoice_id: 'in_1' }]);
    expect(await currentLines()).toEqual([
      { id: 'il_1', amount: '30.000000' },
      { id: 'il_2', amount: '20.000000' },
    ]);
    expect(await openMappingProblems(database.app, ['invoice_lines'])).toMatchObject([
      { objectId: 'in_2', field: 'invoice_line_id', code: 'inconsistent' },
    ]);
  });

  test('a row that an object holds from before is a problem that names both', async () => {
    await land('invoice', [seen(twoLines())]);
    await derive();
    const [other, third] = [invoiceLine('il_1', 1), invoiceLine('il_7', 7)];
    await land('invoice', [seen(invoice('in_2', [other])), seen(invoice('in_3', [third]))]);
    expect(await derive()).toMatchObject([{ objects: '2', problems: '1', inserted: '2' }]);
    expect((await currentLines()).map(({ id }) => id)).toEqual(['il_1', 'il_2', 'il_7']);
    expect(await openMappingProblems(database.app, ['invoice_lines'])).toEqual([
      {
        ...{ source: 'stripe', account: 'acct_1', object: 'invoice', objectId: 'in_2' },
        ...{ field: 'invoice_line_id', code: 'held_elsewhere' },
        message:
          'invoice_line_id names the row il_1 of books.invoice_lines, which invoice in_1 holds. ' +
          'Look both up at the source; once either is read without that row, the other has it.',
      },
    ]);
    expect(await check()).toMatchObject({ problems: '1', differences: '0' });
  });

  test('once the row is given up, who waited for it has it, without being read again', async () => {
    await land('invoice', [seen(twoLines())]);
    await derive();
    await land('invoice', [seen(invoice('in_2', [invoiceLine('il_1', 100)]))]);
    await derive();
    const without = invoice('in_1', [invoiceLine('il_2', 2000)]);
    await land('invoice', [seen(without, '2026-07-06T09:30:00Z')]);
    await derive();
    expect(await currentLines()).toEqual([
      { id: 'il_1', amount: '1.000000' },
      { id: 'il_2', amount: '20.000000' },
    ]);
    expect(await openMappingProblems(database.app, ['invoice_lines'])).toEqual([]);
  });

  test('rows move between objects of a batch; one that cannot move holds up the next', async () => {
    const line = (n: number) => invoiceLine(`il_${String(n)}`, n);
    await land('invoice', [
      ...[seen(invoice('in_1', [line(1)])), seen(invoice('in_2', [line(2)]))],
      ...[seen(invoice('in_3', [line(3)])), seen(invoice('in_4', [line(4)]))],
    ]);
    await derive();
    // 1 and 2 change rows; 3 wants one that 9 holds in another batch, and 4 the row of 3.
    await land('invoice', [seen(invoice('in_9', [line(9)]))]);
    await derive();
    const at = '2026-07-06T09:30:00Z';
    await land('invoice', [
      ...[seen(invoice('in_1', [line(2)]), at), seen(invoice('in_2', [line(1)]), at)],
      ...[seen(invoice('in_3', [line(9)]), at), seen(invoice('in_4', [line(3)]), at)],
    ]);
    await derive();
    const problems = await openMappingProblems(database.app, ['invoice_lines']);
    expect(problems.map(({ objectId, code }) => `${objectId} ${code}`)).toEqual([
      ...['in_3 held_elsewhere', 'in_4 held_elsewhere'],
    ]);
    const lines = await read(
      'select invoice_line_id as l, invoice_id as i from books.invoice_lines',
    );
    expect(lines.map(({ l, i }) => `${String(l)} ${String(i)}`).sort()).toEqual([
      ...['il_1 in_2', 'il_2 in_1', 'il_3 in_3', 'il_4 in_4', 'il_9 in_9'],
    ]);
  });
});

describe('rebuilding', () => {
  test('finds nothing where the books are as they must be, and changes nothing', async () => {
    await land('invoice', [seen(twoLines()), seen(invoice('in_2', [invoiceLine('il_9', 1)]))]);
    await derive();
    const before = await read('select * from books.invoice_line_versions order by 1');
    expect(await check()).toEqual({
      objects: '2',
      rows: '5',
      problems: '0',
      differences: '0',
      listed: [],
    });
    expect(await read('select * from books.invoice_line_versions order by 1')).toEqual(before);
  });

  test('names each row that differs, is missing or is there without an object', async () => {
    await land('invoice', [seen(twoLines())]);
    await derive();
    const owner = await database.owner();
    await owner.query(
      `alter table books.invoice_line_versions disable trigger all;
       update books.invoice_line_versions set amount = 31 where invoice_line_id = 'il_1';
       delete from books.invoice_line_versions where invoice_line_id = 'il_2';
       insert into books.invoice_versions select (jsonb_populate_record(v,
         '{"invoice_id": "in_7", "source_id": "in_7"}')).* from books.invoice_versions v`,
    );
    await owner.end();
    const { differences, listed } = await check();
    expect(differences).toBe('3');
    const told = listed.map(({ table, key, kind }) => `${table} ${key} ${kind}`);
    expect(told.sort()).toEqual([
      'invoice_lines il_1 differs',
      'invoice_lines il_2 missing',
      'invoices in_7 extra',
    ]);
  });

  test('without check, makes the books as the raw objects say', async () => {
    await land('invoice', [seen(twoLines())]);
    const rebuilt = await rebuild(false);
    expect(rebuilt).toMatchObject({ objects: '1', rows: '3', differences: '3' });
    expect((await check()).differences).toBe('0');
  });
});
