import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Column {
  table: string;
  columns: string;
}

/** Columns, their types and rights of every table and view of a name. */
async function shapeOf(pattern: string): Promise<Column[]> {
  const owner = await database.owner();
  try {
    const { rows } = await owner.query<Column>(
      `select concat(c.relname, ' ', c.relkind, c.relpersistence) as "table",
         string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' ||
           a.attnotnull || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), ''), ', '
           order by a.attnum) || coalesce(c.relacl::text, '') as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid
         left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where c.relname like $1 and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped
       group by c.oid order by 1`,
      [pattern],
    );
    return rows;
  } finally {
    await owner.end();
  }
}

async function asOwner(...statements: string[]): Promise<void> {
  const owner = await database.owner();
  try {
    for (const statement of statements) await owner.query(statement);
  } finally {
    await owner.end();
  }
}

test('a table made by it is as those of the first migrations, also once it grows', async () => {
  const before = await shapeOf('%interface_batch%');
  expect(before).toHaveLength(3);
  const again = `select tieout.keep_books_table('interface_batches', 'interface_batch_versions',
    'interface, batch_id')`;
  await asOwner(again);
  expect(await shapeOf('%interface_batch%')).toEqual(before);
  await asOwner(
    `create table books.parcel_versions (parcel_id text not null, weight numeric(38, 12))`,
    `select tieout.keep_books_table('parcels', 'parcel_versions', 'parcel_id')`,
    'alter table books.parcel_versions add column label text',
    `select tieout.keep_books_table('parcels', 'parcel_versions', 'parcel_id')`,
  );
  const made = await shapeOf('%parcel%');
  expect(made.map(({ table }) => table)).toEqual([
    'parcel_versions rp',
    'parcels vp',
    'staged_parcels ru',
  ]);
  for (const { columns } of made) expect(columns).toContain('label text');
});

test('its rows end once, and only the owner makes one', async () => {
  await asOwner(
    `insert into books.interface_batch_versions (interface, batch_id, entity_id, sent_on,
       sent_count, accepted_count, duplicate_count, rejected_count, replayed_count, source,
       source_object, source_id, extract_id, payload_sha256, sys_from)
     values ('a', 'b', 'acme', '2026-06-01', 1, 1, 0, 0, 0, 's', 'o', 'i', gen_random_uuid(),
       repeat('0', 64), '2026-06-01')`,
  );
  const change = (set: string) => database.app.raw(`update books.interface_batch_versions ${set}`);
  await expect(change(`set sent_count = 2`)).rejects.toThrow();
  await change(`set sys_to = '2026-07-01'`);
  await expect(change(`set sys_to = '2026-08-01'`)).rejects.toThrow();
  await expect(
    database.app.raw(`select tieout.keep_books_table('x', 'x_versions', 'x')`),
  ).rejects.toThrow(/permission denied/);
});
