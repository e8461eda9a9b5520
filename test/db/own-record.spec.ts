import { sourcesSchema } from '../../src/platform/source-config';
import { gateSources } from '../../src/runs/gate/gate-sources';
import type { PreparedRun } from '../../src/runs/prepare-run';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const owner = await database.owner();
  const raw = (id: string, at: string, payload: string, deleted: boolean): string =>
    `('salesforce', 'org', 'Opportunity', '${id}', '${at}', gen_random_uuid(), ${deleted},
      '${payload}', repeat('0', 64))`;
  const invoice = (id: string, total: number, finalized: string, from: string, to: string) =>
    `('${id}', 'us', 'cus', 'Acme', 'open', 'USD', '2026-05-01', ${finalized}, '2026-05-01',
      0, 0, 0, 0, 0, ${total}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      'stripe', 'invoice', '${id}', gen_random_uuid(), repeat('0', 64), '${from}', '${to}')`;
  await owner.query(`
    insert into books.source_accounts values
      ('stripe', 'main', 'acct_old', '{us}', '2026-01-01', '2026-01-01'),
      ('stripe', 'main', 'acct_new', '{us,ie}', '2026-01-01', '2026-02-01');
    insert into books.raw_objects (source, account, object, object_id, observed_at, extract_id,
      is_deleted, payload, payload_sha256) values
      ${raw('seen-deleted', '2026-06-01', '{"IsDeleted":true}', true)},
      ${raw('vanished', '2026-05-01', '{"secret":"x"}', false)},
      ${raw('vanished', '2026-06-02', '', true)};
    insert into books.invoice_versions (invoice_id, entity_id, customer_id, customer_name, status,
      currency, created_at, finalized_at, document_date, subtotal, discount_total,
      credit_grant_total, tax_total, tax_inclusive_total, total, total_ex_tax, starting_credit,
      ending_credit, cn_pre, cn_post, amount_due, amount_paid, amount_paid_oob, amount_remaining,
      amount_overpaid, line_count, source, source_object, source_id, extract_id, payload_sha256,
      sys_from, sys_to) values
      ${invoice('draft', 1, 'null', '2026-05-01', '2026-05-02')},
      ${invoice('draft', 2, "'2026-05-02'", '2026-05-02', 'infinity')},
      ${invoice('paid', 5, "'2026-05-02'", '2026-05-02', '2026-05-09')},
      ${invoice('paid', 5, "'2026-05-02'", '2026-05-09', 'infinity')},
      ${invoice('edited', 7, "'2026-05-02'", '2026-05-02', '2026-06-09')},
      ${invoice('edited', 6, "'2026-05-02'", '2026-06-09', 'infinity')};`);
  await owner.end();
});
afterAll(() => database.drop());

async function asReader<Row extends object>(sql: string): Promise<Row[]> {
  const reader = await database.reader();
  try {
    return (await reader.query<Row>(sql)).rows;
  } finally {
    await reader.end();
  }
}

test('a source is the account it was last, once for each of its entities', async () => {
  expect(
    await asReader('select name, account, entity_id from books.source_scopes order by entity_id'),
  ).toEqual([
    { name: 'main', account: 'acct_new', entity_id: 'ie' },
    { name: 'main', account: 'acct_new', entity_id: 'us' },
  ]);
});

test('what vanished is told by its id; no payload can be read on the way', async () => {
  expect(await asReader('select object_id from books.hard_deletions')).toEqual([
    { object_id: 'vanished' },
  ]);
  await expect(asReader('select payload from books.raw_objects')).rejects.toThrow(/denied/);
});

test('a document changed when its amount did after it was final', async () => {
  expect(
    await asReader(
      'select document_id, earlier_total::text, total::text from books.changed_documents',
    ),
  ).toEqual([{ document_id: 'edited', earlier_total: '7.000000', total: '6.000000' }]);
});

test('a control over the product’s own record waits for no extraction', async () => {
  const gate = (relations: string[]) =>
    gateSources(
      {
        loaded: { populations: { one: { relations } } },
        entity: { id: 'us', time_zone: 'UTC' },
        request: { asOf: '2026-06-30' },
        period: { key: '2026-06', start: '2026-06-01', end: '2026-07-01' },
      } as unknown as PreparedRun,
      sourcesSchema.parse({}),
      database.app,
    );
  expect(await gate(['books.source_windows', 'books.mapping_problems'])).toMatchObject({
    reasons: [],
  });
  expect((await gate(['books.source_windows', 'books.invoices'])).reasons).toEqual([
    'books.invoices was never landed; run tieout sync.',
  ]);
});
