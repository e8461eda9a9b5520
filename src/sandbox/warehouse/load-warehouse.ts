import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { Client } from 'pg';
import { copyIn } from '../../platform/database/copy';
import { quoteName, quoteText } from '../../core/sql-text';

/** The role that Tieout logs in as: it can read the warehouse, and nothing else anywhere. */
export const warehouseReader = 'northwind_reader';

const headerBytes = 8192;
const schemaFile = path.join(__dirname, 'schema.sql');

/**
 * Fills the warehouse from the CSV files of a world, in one transaction: what was there is replaced
 * whole, as the data team's nightly load does. `client` may create schemas and roles; `now` is the
 * instant through which the world's data reaches.
 */
export async function loadWarehouse(client: Client, folder: string, now: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query('drop schema if exists warehouse cascade');
    await client.query(readFileSync(schemaFile, 'utf8'));
    const files = (await readdir(folder)).filter((name) => name.endsWith('.csv')).sort();
    for (const name of files) {
      // A table of no rows was never begun: it has no header.
      if (statSync(path.join(folder, name)).size === 0) continue;
      const table = `warehouse.${quoteName(path.basename(name, '.csv'))}`;
      const columns = headerOf(path.join(folder, name));
      const source = createReadStream(path.join(folder, name));
      const list = columns.map(quoteName).join(', ');
      await copyIn(client, `copy ${table} (${list}) from stdin (format csv, header)`, source);
    }
    await client.query('insert into warehouse.load values ($1, $1)', [now]);
    await grantReader(client);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw cause;
  }
}

/** The first line of a file that CsvTable wrote: plain names, no quotes. */
function headerOf(file: string): string[] {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(headerBytes);
    const read = readSync(handle, head, 0, headerBytes, 0);
    const [header = ''] = head.toString('utf8', 0, read).split('\n', 1);
    return header.split(',');
  } finally {
    closeSync(handle);
  }
}

async function grantReader(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_catalog.pg_roles where rolname = $1', [
    warehouseReader,
  ]);
  const role = quoteName(warehouseReader);
  if (rowCount === 0) await client.query(`create role ${role} login`);
  await client.query(`alter role ${role} set default_transaction_read_only = on`);
  await client.query(`alter role ${role} set statement_timeout = ${quoteText('10min')}`);
  await client.query(`grant usage on schema warehouse to ${role}`);
  await client.query(`grant select on all tables in schema warehouse to ${role}`);
}
