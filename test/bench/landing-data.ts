import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres';
import { copyIn, copyOut } from '../../src/platform/database/copy';

export type LandingTable = 'usage_hours' | 'gl_lines';
export type LandingKind = 'warehouse' | 'csv' | 'parquet';
export const landingTables: readonly LandingTable[] = ['usage_hours', 'gl_lines'];
export const landingKinds: readonly LandingKind[] = ['warehouse', 'csv', 'parquet'];

export const warehouseName = 'bench_dwh';
export const warehouseReader = 'bench_dwh_reader';

/** Versions of each table, and its columns by the types in which files declare them. */
export const shapes: Record<LandingTable, { versions: string; columns: Record<string, string> }> = {
  usage_hours: {
    versions: 'usage_hour_versions',
    columns: {
      customer_id: 'text',
      meter_key: 'text',
      hour_at: 'instant',
      store_version: 'integer',
      entity_id: 'text',
      quantity: 'decimal',
      event_count: 'integer',
      first_event_at: 'instant',
      last_event_at: 'instant',
      ingested_at_max: 'instant',
    },
  },
  gl_lines: {
    versions: 'gl_line_versions',
    columns: {
      journal_id: 'text',
      line_no: 'integer',
      entity_id: 'text',
      account: 'text',
      cost_center: 'text',
      currency: 'text',
      debit: 'decimal',
      credit: 'decimal',
      functional_debit: 'decimal',
      functional_credit: 'decimal',
      customer_ref: 'text',
      document_ref: 'text',
    },
  },
};

const money = '((i / 4 * 7919 % 1000000)::numeric / 100)::numeric(18, 2)';
const instant = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;

/** Rows as a product's own store and a ledger have them, the same on every machine. */
const generators: Record<LandingTable, (rows: number) => string> = {
  usage_hours: (rows) => `
    select 'cus_' || substr(md5((i / 720)::text), 1, 14) as customer_id,
      (array['api_calls', 'tokens', 'storage'])[1 + i / 720 % 3] as meter_key,
      timestamptz '2026-06-01 00:00:00Z' + i % 720 * interval '1 hour' as hour_at,
      1::bigint as store_version, 'bench' as entity_id,
      ((i * 7919 % 100000)::numeric / 100)::numeric(18, 2) as quantity, i % 500 as event_count,
      timestamptz '2026-06-01 00:00:03Z' + i % 720 * interval '1 hour' as first_event_at,
      timestamptz '2026-06-01 00:59:41Z' + i % 720 * interval '1 hour' as last_event_at,
      timestamptz '2026-06-01 01:02:10Z' + i % 720 * interval '1 hour' as ingested_at_max
    from generate_series(0::bigint, ${rows - 1}) i`,
  gl_lines: (rows) => `
    select 'je_' || substr(md5((i / 4)::text), 1, 16) as journal_id, i % 4 + 1 as line_no,
      'bench' as entity_id, (array['1200', '4000', '2400', '2150'])[1 + i % 4] as account,
      case when i % 4 = 1 then 'cc-' || i % 17 end as cost_center, 'USD' as currency,
      case when i % 4 = 0 then ${money} else 0 end as debit,
      case when i % 4 = 1 then ${money} else 0 end as credit,
      case when i % 4 = 0 then ${money} end as functional_debit,
      case when i % 4 = 1 then ${money} end as functional_credit,
      'cus_' || substr(md5((i / 97)::text), 1, 14) as customer_ref,
      'in_' || substr(md5((i / 8)::text), 1, 24) as document_ref
    from generate_series(0::bigint, ${rows - 1}) i`,
};

/** As superuser, in a database of the embedded server. The caller ends it. */
export async function superuser(server: EmbeddedPostgres, database: string): Promise<Client> {
  const client = new Client({ ...server.connection, user: 'postgres', database });
  await client.connect();
  await client.query(`set timezone = 'UTC'`);
  return client;
}

/** A database as a company's warehouse, and the same rows beside it as CSV and Parquet. */
export async function makeSources(
  server: EmbeddedPostgres,
  dir: string,
  rows: number,
  tables: readonly LandingTable[],
): Promise<void> {
  const admin = await superuser(server, 'postgres');
  await admin.query(`drop database if exists ${warehouseName} with (force)`);
  await admin.query(`create database ${warehouseName} template template0`);
  await admin.query(`do $$ begin create role ${warehouseReader} login;
    exception when duplicate_object then null; end $$`);
  await admin.query(`alter role ${warehouseReader} set default_transaction_read_only = on`);
  await admin.end();
  const warehouse = await superuser(server, warehouseName);
  try {
    await warehouse.query(`create schema dwh; grant usage on schema dwh to ${warehouseReader}`);
    for (const table of tables) {
      await warehouse.query(`create table dwh.${table} as ${generators[table](rows)}`);
      await warehouse.query(`vacuum (freeze, analyze) dwh.${table}`);
      await writeFiles(warehouse, dir, table);
    }
    await warehouse.query(`grant select on all tables in schema dwh to ${warehouseReader}`);
    await warehouse.query('checkpoint');
  } finally {
    await warehouse.end();
  }
}

async function writeFiles(warehouse: Client, dir: string, table: LandingTable): Promise<void> {
  const { columns } = shapes[table];
  const cells = Object.entries(columns).map(([name, type]) =>
    type === 'instant' ? `to_char(${name}, ${instant}) as ${name}` : name,
  );
  const csv = path.join(dir, `${table}.csv`);
  const out = copyOut(
    warehouse,
    `copy (select ${cells.join(', ')} from dwh.${table}) to stdout (format csv, header)`,
  );
  await pipeline(out, createWriteStream(csv));
  const plain = copyOut(warehouse, `copy dwh.${table} to stdout`);
  await pipeline(plain, createWriteStream(path.join(dir, `${table}.own.copy`)));
  await writeControlTotal(warehouse, dir, table);
  const duck = await DuckDBInstance.create(':memory:', { memory_limit: '1GB', threads: '2' });
  const connection = await duck.connect();
  await connection.run(`set TimeZone = 'UTC'`);
  await connection.run(
    `copy (select * from read_csv('${csv}', header = true, auto_detect = false,
       columns = {${duckTypes(columns)}})) to '${path.join(dir, `${table}.parquet`)}'`,
  );
  connection.closeSync();
  duck.closeSync();
}

function duckTypes(columns: Record<string, string>): string {
  const types: Record<string, string> = {
    ...{ text: 'VARCHAR', integer: 'BIGINT', decimal: 'DECIMAL(18,6)' },
    instant: 'TIMESTAMP WITH TIME ZONE',
  };
  return Object.entries(columns)
    .map(([name, type]) => `${name}: '${types[type]}'`)
    .join(', ');
}

async function writeControlTotal(
  warehouse: Client,
  dir: string,
  table: LandingTable,
): Promise<void> {
  const { rows } = await warehouse.query<{ rows: string; sums: Record<string, string> }>(
    table === 'gl_lines'
      ? `select count(*)::text as rows, json_build_object('USD', sum(debit)::text) as sums
         from dwh.gl_lines`
      : `select count(*)::text as rows, '{}'::json as sums from dwh.${table}`,
  );
  const total = { rows: Number(rows[0]?.rows), sums: rows[0]?.sums ?? {} };
  for (const kind of ['csv', 'parquet'])
    writeFileSync(path.join(dir, `${table}.${kind}.ctl.json`), JSON.stringify(total));
}

/** Streams a file into a table, as a client does that has nothing to add or to check. */
export async function rawCopy(client: Client, target: string, file: string): Promise<void> {
  await copyIn(client, `copy ${target} from stdin`, createReadStream(file));
}
