import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { booksTables, provenanceColumns } from '../../src/books/books-tables';
import { closedThrough } from '../../src/books/closed-through';
import { landDataset, type Landing } from '../../src/books/land-dataset';
import { InvalidInput, type Problem } from '../../src/core/problem';
import type { DatasetConfig } from '../../src/platform/config';
import { booksColumns } from '../support/books-columns';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { FilesWorkspace } from '../support/files-workspace';

const columns: DatasetConfig['columns'] = {
  payout_id: 'text',
  entity_id: 'text',
  amount: 'decimal',
  currency: 'text',
  status: 'text',
  automatic: 'boolean',
  created_at: 'instant',
  created_on: 'date',
  arrival_date: 'date',
  trace_id: 'text',
};
const header = Object.keys(columns).join(',');
const payout = (id: string, amount: string, trace = `"T-${id}"`): string =>
  `${id},ni-us,${amount},USD,paid,true,2026-06-03T08:00:00+02:00,2026-06-03,2026-06-05,${trace}`;
const declared = { columns, amount: 'amount', currency: { column: 'currency' } };

let database: TestDatabase;
let files: FilesWorkspace;
let seconds = 0;
const clock = { now: () => `2026-07-06T10:00:${String((seconds += 1)).padStart(2, '0')}.000Z` };

beforeEach(async () => {
  database = await createTestDatabase();
  files = await FilesWorkspace.open();
  seconds = 0;
});
afterEach(async () => {
  files.close();
  await database.drop();
});

/** Lands rows as the whole content of a file `payouts.csv`. */
async function land(rows: string[], options: Partial<DatasetConfig> = {}): Promise<Landing> {
  files.write('payouts.csv', [header, ...rows, ''].join('\n'));
  const frozen = { ...(await files.read('payouts.csv', { ...declared, ...options })) };
  await files.duck.run(
    `create or replace view files.payouts as select * from files.${frozen.name}`,
  );
  const { duck } = files;
  const dataset = { ...frozen, name: 'payouts' };
  const mayBeEmpty = options.may_be_empty === true;
  const means = { table: 'payouts', duck, clock, entities: ['ni-us'], mayBeEmpty };
  return landDataset(database, dataset, means);
}

async function problemsOf(landing: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await landing.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof InvalidInput) return error.problems;
  throw new Error('expected InvalidInput', { cause: error });
}

async function asReader<T>(work: (reader: Client) => Promise<T>): Promise<T> {
  const reader = await database.reader();
  try {
    return await work(reader);
  } finally {
    await reader.end();
  }
}

const read = (sql: string): Promise<Record<string, unknown>[]> =>
  asReader(async (reader) => (await reader.query<Record<string, unknown>>(sql)).rows);

const current = (): Promise<Record<string, unknown>[]> =>
  read('select payout_id, amount, trace_id from books.payouts order by payout_id');

describe('landing a file', () => {
  test('keeps every value exactly, with where it came from', async () => {
    const landing = await land([
      payout('po_1', '123456789012345678.123456', '""'),
      payout('po_2', '-0.01', ''),
      payout('po_3', '0', '"a, ""b""\n\\.\n"'),
    ]);
    expect(await read('select * from books.payouts order by payout_id')).toEqual([
      {
        payout_id: 'po_1',
        entity_id: 'ni-us',
        amount: '123456789012345678.123456',
        currency: 'USD',
        status: 'paid',
        automatic: true,
        created_at: '2026-06-03 06:00:00+00',
        created_on: '2026-06-03',
        arrival_date: '2026-06-05',
        trace_id: '',
        recon_status: null,
        method: null,
        destination_id: null,
        statement_descriptor: null,
        balance_transaction_id: null,
        failure_balance_transaction_id: null,
        original_payout_id: null,
        reversed_by_id: null,
        failure_code: null,
        source: 'files',
        source_account: '',
        source_object: 'payouts',
        source_id: 'po_1',
        extract_id: landing.extractId,
        payload_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        raw_sha256: null,
        sys_from: '2026-07-06 10:00:01+00',
      },
      expect.objectContaining({ payout_id: 'po_2', amount: '-0.010000', trace_id: null }),
      expect.objectContaining({ amount: '0.000000', trace_id: 'a, "b"\n\\.\n' }),
    ]);
  });

  test('the same file again changes nothing and leaves another extract', async () => {
    const rows = [payout('po_1', '10.00'), payout('po_2', '20.00')];
    const first = await land(rows);
    const before = await read('select * from books.payout_versions order by 1, sys_from');
    const second = await land(rows);
    expect(first).toMatchObject({ rows: '2', inserted: '2', changed: '0', unchanged: '0' });
    expect(second).toMatchObject({ rows: '2', inserted: '0', changed: '0', unchanged: '2' });
    expect(await read('select * from books.payout_versions order by 1, sys_from')).toEqual(before);
    expect(await read('select extract_id from books.extracts order by landed_at')).toEqual([
      { extract_id: first.extractId },
      { extract_id: second.extractId },
    ]);
  });

  test('ends what changed or left, begins what is new, and keeps every version', async () => {
    await land([payout('po_1', '10.00'), payout('po_2', '20.00'), payout('po_3', '30.00')]);
    const landing = await land([
      payout('po_1', '10.00'),
      payout('po_2', '20.01'),
      payout('po_4', '4'),
    ]);
    expect(landing).toMatchObject({ inserted: '1', changed: '1', unchanged: '1', closed: '1' });
    expect(await current()).toEqual([
      { payout_id: 'po_1', amount: '10.000000', trace_id: 'T-po_1' },
      { payout_id: 'po_2', amount: '20.010000', trace_id: 'T-po_2' },
      { payout_id: 'po_4', amount: '4.000000', trace_id: 'T-po_4' },
    ]);
    const history = `select payout_id as id, amount, sys_from, sys_to from books.payout_versions
      where payout_id in ('po_2', 'po_3') order by 1, 3`;
    const [then, later] = ['2026-07-06 10:00:01+00', '2026-07-06 10:00:02+00'];
    expect(await read(history)).toEqual([
      { id: 'po_2', amount: '20.000000', sys_from: then, sys_to: later },
      { id: 'po_2', amount: '20.010000', sys_from: later, sys_to: 'infinity' },
      { id: 'po_3', amount: '30.000000', sys_from: then, sys_to: later },
    ]);
  });

  test('a key that comes back is inserted again, beside the version that ended', async () => {
    await land([payout('po_1', '10.00')]);
    await land([], { may_be_empty: true });
    expect(await current()).toEqual([]);
    expect(await land([payout('po_1', '10.00')])).toMatchObject({ inserted: '1', changed: '0' });
    expect(await read('select from books.payout_versions')).toHaveLength(2);
  });

  test('a clock that goes back still gives versions that follow one another', async () => {
    await land([payout('po_1', '10.00')]);
    seconds = 0;
    await land([payout('po_1', '11.00')]);
    expect(await read('select sys_from from books.payouts')).toEqual([
      { sys_from: '2026-07-06 10:00:01.000001+00' },
    ]);
  });

  test('two landings of one table take turns', async () => {
    files.write('a.csv', [header, payout('po_1', '1.00'), ''].join('\n'));
    const frozen = await files.read('a.csv', declared);
    const { duck } = files;
    const landings = await Promise.all(
      [1, 2, 3].map(() => landDataset(database, frozen, { table: 'payouts', duck, clock })),
    );
    expect(landings.map(({ inserted }) => inserted).sort()).toEqual(['0', '0', '1']);
    expect(await current()).toHaveLength(1);
  });
});

describe('what does not fit is refused, and nothing changes', () => {
  test('missing, unknown and wrongly typed columns are all named', async () => {
    files.write('a.csv', 'payout_id,amount,arrival_date,colour\npo_1,1.00,2026-06-05,red\n');
    const frozen = await files.read('a.csv', {
      columns: { payout_id: 'text', amount: 'decimal', arrival_date: 'text', colour: 'text' },
    });
    const { duck } = files;
    const problems = await problemsOf(
      landDataset(database, frozen, { table: 'payouts', duck, clock }),
    );
    const said = problems.map(({ field, message }) => `${field?.split('.').at(-1)} ${message}`);
    expect(said).toEqual([
      'entity_id is missing; every row of books.payouts has one (text).',
      'currency is missing; every row of books.payouts has one (text).',
      'status is missing; every row of books.payouts has one (text).',
      'automatic is missing; every row of books.payouts has one (boolean).',
      'created_at is missing; every row of books.payouts has one (timestamp with time zone).',
      'created_on is missing; every row of books.payouts has one (date).',
      'arrival_date is text, and books.payouts keeps date.',
      'colour is not a column of books.payouts.',
    ]);
  });

  test('a table that does not exist is named with those that do', async () => {
    files.write('a.csv', 'id,amount\n1,1.00\n');
    const frozen = await files.read('a.csv');
    const { duck } = files;
    const [problem] = await problemsOf(
      landDataset(database, frozen, { table: 'payout', duck, clock }),
    );
    expect(problem?.message).toBe('names books.payout, which does not exist.');
    expect(problem?.remedy).toContain('payouts');
  });

  test('rows that are empty, repeated, or of nobody are counted, and never shown', async () => {
    const problems = await problemsOf(
      land([
        payout('po_1', '10.00'),
        payout('po_1', '10.00'),
        payout('po_2', '').replace('ni-us', 'ni-uk'),
      ]),
    );
    expect(problems.map(({ field, message }) => `${field} ${message}`)).toEqual([
      'amount is empty in 1 rows; books.payouts needs it in each.',
      'entity_id names no declared entity in 1 rows, so no control would cover them.',
      'payout_id has 1 values that occur in more than one row.',
    ]);
    expect(await read('select from books.payout_versions')).toEqual([]);
    expect(await read('select from books.extracts')).toEqual([]);
  });

  test('a key that another source brought is not taken over', async () => {
    await land([payout('po_1', '10.00')]);
    files.write('b.csv', [header, payout('po_1', '10.00'), ''].join('\n'));
    const other = await files.read('b.csv', declared);
    const { duck } = files;
    const [problem] = await problemsOf(
      landDataset(database, other, { table: 'payouts', duck, clock }),
    );
    expect(problem?.message).toBe('has 1 values that books.payouts holds from another source.');
  });
});

describe('the gate asks how current the books are', () => {
  test('of each object in a table, the last landing and what proved it', async () => {
    expect(await closedThrough(database.app, ['books.payouts'])).toEqual([]);
    await land([payout('po_1', '10.00')]);
    const sums = { rows: 1, sums: { USD: '12.00' } };
    const control = { ...sums, source_system: 'stripe', extracted_at: '2026-07-06T09:30:00Z' };
    files.write('payouts.csv.ctl.json', JSON.stringify(control));
    const last = await land([payout('po_1', '12.00')]);
    const [answer, ...others] = await closedThrough(database.app, ['books.payout_versions']);
    expect(others).toEqual([]);
    expect(answer).toMatchObject({
      table: 'payouts',
      source: 'files',
      object: 'payouts',
      extractId: last.extractId,
      rows: '1',
      totals: [{ currency: 'USD', rows: '1', amount: '12' }],
      extractedAt: '2026-07-06T09:30:00.000000Z',
      controlTotal: 'agrees',
      landedAt: '2026-07-06T10:00:02.000000Z',
    });
  });
});

describe('history is append-only', () => {
  const attempts: [string, string, RegExp][] = [
    ['an amount', 'update books.payout_versions set amount = 1', /permission denied/],
    ['a version', 'delete from books.payout_versions', /permission denied/],
    ['all versions', 'truncate books.payout_versions', /permission denied/],
    ['an extract', 'update books.extracts set rows = 0', /permission denied/],
    [
      'an end into the past',
      `update books.payout_versions set sys_to = '2020-01-01'`,
      /violates check constraint/,
    ],
  ];
  test.each(attempts)('the app cannot change or remove %s', async (_what, sql, refusal) => {
    await land([payout('po_1', '10.00')]);
    await expect(database.app.raw(sql)).rejects.toThrow(refusal);
  });

  test('a closed version stays closed, and not even the owner removes one', async () => {
    await land([payout('po_1', '10.00')]);
    await land([], { may_be_empty: true });
    const reopen = `update books.payout_versions set sys_to = 'infinity'`;
    await expect(database.app.raw(reopen)).rejects.toThrow(/versions are kept/);
    const owner = await database.owner();
    for (const sql of [
      'delete from books.payout_versions',
      'truncate books.payout_versions',
      'delete from books.extracts',
    ])
      await expect(owner.query(sql)).rejects.toThrow(/versions are kept/);
    await owner.end();
  });

  test('a key has one current row, whatever the application believes', async () => {
    await land([payout('po_1', '10.00')]);
    const twice = `insert into books.payout_versions
      select payout_id, entity_id, amount, currency, status, automatic, created_at, created_on,
        arrival_date, trace_id, recon_status, source, source_object, source_id, extract_id,
        payload_sha256, now() from books.payouts`;
    await expect(database.app.raw(twice)).rejects.toThrow(/payouts_current/);
  });
});

test('the tables the code knows are those of the database, with their keys', async () => {
  const rows = await read(
    `select c.relname as versions, string_agg(a.attname, ',' order by k.n) as key
     from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid
     cross join lateral unnest(i.indkey) with ordinality as k (attnum, n)
     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
     where c.relnamespace = 'books'::regnamespace and i.indpred is not null and i.indisunique
     group by 1 order by 1`,
  );
  const known = booksTables.map(({ versions, key }) => ({ versions, key: key.join(',') }));
  expect(rows).toEqual(known.sort((a, b) => (a.versions < b.versions ? -1 : 1)));
  for (const { name, versions } of booksTables) {
    const [view, table] = await Promise.all(
      [name, versions].map((relation) =>
        asReader(async (reader) => {
          const { fields } = await reader.query(`select * from books.${relation} limit 0`);
          return fields.map((field) => field.name);
        }),
      ),
    );
    expect(table?.toSorted()).toEqual([...(view ?? []), 'sys_to'].sort());
    expect(table).toEqual(expect.arrayContaining([...provenanceColumns]));
  }
});

test('docs/books-columns.md is what migrations say; `npm run docs:books` writes it', async () => {
  const reader = await database.reader();
  const text = await booksColumns(reader).finally(() => reader.end());
  expect(readFileSync('docs/books-columns.md', 'utf8')).toBe(text);
  // A table says what it holds before it says its columns.
  expect(text.match(/^## .+\n\n(?=\*\*|[a-z_]+ `| )/gm)).toBeNull();
});
