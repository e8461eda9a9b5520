import type { Client } from 'pg';
import { booksTable } from '../../books/books-tables';
import { columnsOf } from '../../books/check-columns';
import { contentOrder, landRows, type RowsLanding } from '../../books/land-rows';
import { InvalidInput, type Problem } from '../../core/problem';
import type { Clock } from '../../platform/clock';
import { connectClient } from '../../platform/database/connect';
import { errorCode } from '../../platform/database/error-code';
import type { Database } from '../../platform/database/open-database';
import type { WarehouseConfig } from '../../platform/source-config';
import { queryColumns, queryLines, queryTotals, type WarehouseQuery } from './read-table';
import { inspectRole, type WarehouseProblem, type WarehouseRole } from './warehouse-role';

/** Told as tables are read; a bar on a terminal. */
export interface WarehouseProgress {
  /** `done` of `total` tables, and what is happening: `gl_lines: 1,200,000 of 3,000,000 rows`. */
  advance(done: number, total: number, doing: string): void;
}

export interface WarehouseMeans {
  clock: Clock;
  /** Ids of all configured entities: rows of others are refused. */
  entities: readonly string[];
  progress?: WarehouseProgress;
}

/** How one declared query was landed. */
export type TableSync =
  | ({ table: string; status: 'landed'; totalsQuery: string } & RowsLanding)
  | { table: string; status: 'not_landed'; problems: readonly Problem[] };

export interface WarehouseSync {
  /** As configured; what the books call the account. */
  account: string;
  role: WarehouseRole;
  /** Of the one snapshot that everything was read in: the warehouse's clock at its begin. */
  snapshotAt: string;
  /** Through when the warehouse says it was loaded; the snapshot's where it is not asked. */
  loadedThrough: string;
  tables: TableSync[];
}

const source = 'warehouse';
const progressEvery = 50_000;

/** Connects and says what the role may do beyond reading. */
export async function checkWarehouse(
  config: Pick<WarehouseConfig, 'url' | 'statement_timeout_s'>,
): Promise<WarehouseRole | { refused: WarehouseProblem }> {
  let client: Client;
  try {
    client = await openWarehouse(config);
  } catch (cause) {
    return { refused: noConnection(cause) };
  }
  try {
    return await inspectRole(client);
  } finally {
    await client.end();
  }
}

/**
 * Lands every declared query as the full content of its table, all of them from one snapshot. The
 * count and the sums by currency are asked of the same snapshot by aggregates, and must be those of
 * the rows that came and were staged; a table that differs, or does not fit, is not landed and says
 * why, and the others go on. Throws InvalidInput when the warehouse cannot be reached, its
 * watermark cannot be read, or the role can write.
 */
export async function syncWarehouse(
  database: Pick<Database, 'app'>,
  name: string,
  config: WarehouseConfig,
  means: WarehouseMeans,
): Promise<WarehouseSync> {
  const client = await openWarehouse(config).catch((cause: unknown) => {
    throw new InvalidInput(`warehouse ${name}`, [noConnection(cause)]);
  });
  try {
    const role = await inspectRole(client);
    const inTheWay = role.problems.filter(({ severity }) => severity === 'error');
    if (inTheWay.length > 0) throw new InvalidInput(`warehouse ${name}`, inTheWay);
    await client.query('begin isolation level repeatable read read only');
    const snapshotAt = await askInstant(client, 'select now()');
    const loadedThrough = await watermarkOf(client, name, config, snapshotAt);
    const reading = { database, client, name, loadedThrough, means, config };
    const tables = await landTables(reading);
    return { account: name, role, snapshotAt, loadedThrough, tables };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function openWarehouse({
  url,
  statement_timeout_s: seconds,
}: Pick<WarehouseConfig, 'url' | 'statement_timeout_s'>): Promise<Client> {
  const statementMs = seconds * 1000;
  const limits = { statementMs, lockMs: 10_000, idleInTransactionMs: 0, readOnly: true };
  return connectClient({ connectionString: url }, limits);
}

function noConnection(cause: unknown): WarehouseProblem {
  const code = errorCode(cause) ?? 'no answer';
  return {
    ...{ severity: 'error', code: 'no_connection', field: 'url' },
    message: `does not lead to a warehouse that lets us in (${code}).`,
    remedy: 'Check host, database, role and password of the connection string.',
  };
}

/** An instant as ISO 8601 in UTC; '' where the query gives none. */
async function askInstant(client: Client, query: string): Promise<string> {
  const iso = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
  const text = `select to_char(declared.at at time zone 'UTC', '${iso}') as at
    from (\n${query.trim().replace(/;$/, '')}\n) as declared (at)`;
  const result = await client.query<{ at: string | null }>(text);
  return result.rows.length === 1 ? (result.rows[0]?.at ?? '') : '';
}

async function watermarkOf(
  client: Client,
  name: string,
  { watermark }: WarehouseConfig,
  snapshotAt: string,
): Promise<string> {
  if (watermark === undefined) return snapshotAt;
  const wrong = (message: string): InvalidInput =>
    new InvalidInput(`warehouse ${name}`, [
      {
        field: `sources.warehouse.${name}.watermark`,
        message,
        remedy: 'Have it give one row with one timestamptz: through when everything is loaded.',
      },
    ]);
  const instant = await askInstant(client, watermark).catch((cause: unknown) => {
    throw wrong(`cannot be run: ${messageOf(cause)}.`);
  });
  if (instant === '') throw wrong('gives no instant.');
  return instant;
}

interface Reading {
  database: Pick<Database, 'app'>;
  client: Client;
  name: string;
  loadedThrough: string;
  means: WarehouseMeans;
  config: WarehouseConfig;
}

async function landTables(reading: Reading): Promise<TableSync[]> {
  const { client, config, means } = reading;
  const entries = Object.entries(config.tables);
  const tables: TableSync[] = [];
  for (const [index, [table, query]] of entries.entries()) {
    const advance = (doing: string): void => means.progress?.advance(index, entries.length, doing);
    advance(table);
    await client.query('savepoint one_table');
    try {
      tables.push(await landTable(reading, table, query, advance));
    } catch (cause) {
      const problems = problemsOf(cause, reading, table);
      if (problems === null) throw cause;
      tables.push({ table, status: 'not_landed', problems });
      if (await goesOn(client)) continue;
      tables.push(...entries.slice(index + 1).map(([other]) => lostWith(table, other)));
      return tables;
    }
  }
  means.progress?.advance(entries.length, entries.length, 'landed');
  return tables;
}

/** A stream that was left before its end took the connection with it, and the snapshot. */
const goesOn = (client: Client): Promise<boolean> =>
  client.query('rollback to savepoint one_table').then(
    () => true,
    () => false,
  );

const lostWith = (broken: string, table: string): TableSync => ({
  ...{ table, status: 'not_landed' },
  problems: [
    {
      field: table,
      message: `was not read: rows of ${broken} did not fit, and the snapshot ended with them.`,
      remedy: `Correct ${broken} first.`,
    },
  ],
});

async function landTable(
  { database, client, name, loadedThrough, means }: Reading,
  table: string,
  query: WarehouseQuery,
  advance: (doing: string) => void,
): Promise<TableSync> {
  const columns = await queryColumns(client, query);
  await refuseColumns(database, name, table, query, columns);
  const expected = await queryTotals(client, query);
  const ordered = contentOrder(columns);
  let told = 0;
  const landing = await landRows(
    database,
    {
      ...{ table, source, account: name, object: table, columns: ordered },
      lines: () => queryLines(client, query, ordered),
      amount: query.amount ?? null,
      mayBeEmpty: query.may_be_empty === true,
      expected: { rows: expected.rows, totals: expected.totals },
      sourceSystem: name,
      extractedAt: loadedThrough,
      progress: (rows) => {
        if (rows - told < progressEvery) return;
        told = rows;
        advance(`${table}: ${shown(rows)} of ${shown(expected.rows)} rows`);
      },
    },
    { clock: means.clock, entities: means.entities },
  );
  return { table, status: 'landed', totalsQuery: expected.query, ...landing };
}

const shown = (count: string | number): string => Number(count).toLocaleString('en');

/** Columns that the table has not, and those that it must have: known before a row is read. */
async function refuseColumns(
  { app }: Pick<Database, 'app'>,
  name: string,
  table: string,
  { amount, currency }: WarehouseQuery,
  columns: readonly string[],
): Promise<void> {
  const field = `sources.warehouse.${name}.tables.${table}`;
  const own = await columnsOf(app, booksTable(table));
  const names = own.map((column) => column.name);
  const problems: Problem[] = [];
  const add = (message: string, remedy: string): void => {
    problems.push({ field, message, remedy });
  };
  for (const column of columns)
    if (!names.includes(column))
      add(`gives ${column}, which books.${table} has not.`, `Use ${names.join(', ')}.`);
  for (const column of own)
    if (column.required && !columns.includes(column.name))
      add(`gives no ${column.name}.`, `Every row of books.${table} has one (${column.type}).`);
  const code = typeof currency === 'object' ? currency.column : 'currency';
  for (const column of amount === undefined ? [] : [amount, code])
    if (!columns.includes(column))
      add(`adds up by ${column}, which it does not give.`, 'Select it, or correct its name.');
  if (problems.length > 0) throw new InvalidInput(field, problems);
}

/** What concerns one query alone; null for everything else. */
function problemsOf(
  cause: unknown,
  { name, config }: Reading,
  table: string,
): readonly Problem[] | null {
  if (cause instanceof InvalidInput) return cause.problems;
  const field = `sources.warehouse.${name}.tables.${table}`;
  if (cause instanceof RangeError)
    return [{ field, message: `${cause.message}.`, remedy: 'Use the name of a table of books.' }];
  const code = errorCode(cause) ?? '';
  if (code === '57014') {
    const message = `took longer than ${config.statement_timeout_s} s.`;
    return [{ field, message, remedy: 'Make it faster, or raise statement_timeout_s.' }];
  }
  // Syntax and names, missing rights, values that are no number: the declared query is wrong.
  if (!/^(42|22)/.test(code)) return null;
  const remedy = 'Correct the query, or grant SELECT on what it reads.';
  // What Postgres says of a value that does not fit quotes the value.
  if (code.startsWith('22'))
    return [{ field, message: `gives a value that does not fit its type (${code}).`, remedy }];
  return [{ field, message: `cannot be run: ${messageOf(cause)} (${code}).`, remedy }];
}

const messageOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : '';
