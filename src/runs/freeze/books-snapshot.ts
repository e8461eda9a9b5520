import type { Knex } from 'knex';
import type { Client, QueryConfig } from 'pg';
import { quoteName, quoteText } from '../../core/sql-text';
import { copyRows, type TakeRow } from '../../platform/database/copy-rows';
import { ParquetWriter, type WrittenParquet } from '../../platform/parquet/parquet-writer';
import { booksColumn, type BooksColumn } from './books-columns';

const exportSnapshot = 'select pg_export_snapshot() as id';

/**
 * Populations of schema books, all read in one REPEATABLE READ snapshot as the role that may only
 * read, so that two populations of a run can never describe two moments.
 */
export class BooksSnapshot {
  private constructor(
    private readonly connect: () => Promise<Client>,
    private readonly keeper: Client,
    private readonly id: string,
  ) {}

  /** Of now, or of the moment that a REPEATABLE READ transaction of another role sees. */
  static async open(
    connect: () => Promise<Client>,
    moment?: Knex.Transaction,
  ): Promise<BooksSnapshot> {
    const shared = await moment?.raw<{ rows: { id: string }[] }>(exportSnapshot);
    const keeper = await connect();
    try {
      await keeper.query('begin isolation level repeatable read read only');
      const id = shared?.rows[0]?.id;
      if (id !== undefined) await keeper.query(`set transaction snapshot ${quoteText(id)}`);
      const { rows } = await keeper.query<{ id: string }>(exportSnapshot);
      return new BooksSnapshot(connect, keeper, rows[0]?.id ?? '');
    } catch (cause) {
      await keeper.end();
      throw cause;
    }
  }

  /** Imported snapshots live only as long as the transaction that exported them. */
  async close(): Promise<void> {
    await this.keeper.end();
  }

  /**
   * Copies what a guarded, bound SELECT returns into a Parquet file, on a connection of its own.
   * Returns its columns, the row count of the server's command tag, and the file as written. Of
   * more rows than `mostRows`, one more is written, so that whoever counts them sees it.
   */
  async copyTo(parquet: string, boundSql: string, mostRows?: number): Promise<BooksCopy> {
    const client = await this.connect();
    try {
      await client.query('begin isolation level repeatable read read only');
      await client.query(`set transaction snapshot ${quoteText(this.id)}`);
      // The planner must know what it costs to hand every row of a population from worker to
      // leader, whatever the server was told for queries that return a few.
      await client.query(
        'set local parallel_tuple_cost = 0.1; set local parallel_setup_cost = 1000',
      );
      const columns = await describe(client, boundSql);
      const names = columns.map(({ name }) => `q.${quoteName(name)}`).join(', ');
      const writer = await ParquetWriter.create(
        parquet,
        columns.map(({ name, parquet: type }) => ({ name, type })),
      );
      const limit = mostRows === undefined ? '' : ` limit ${mostRows + 1}`;
      const rowsSql = `select ${names} from (${boundSql}\n) q${limit}`;
      const sql = `copy (${rowsSql}) to stdout (format binary)`;
      try {
        const { rows } = await copyRows(client, sql, columns.length, rowTaker(columns, writer));
        return { columns, items: rows, written: await writer.finish() };
      } catch (cause) {
        await writer.close();
        throw cause;
      }
    } finally {
      await client.end();
    }
  }
}

/** What a copy sent by the server's own count, and what was written of it. */
export interface BooksCopy {
  columns: BooksColumn[];
  items: string;
  written: WrittenParquet;
}

/** Reads a row's fields, each a length and a value, into the columns of the file. */
function rowTaker(columns: readonly BooksColumn[], writer: ParquetWriter): TakeRow {
  const pairs = columns.flatMap((column, i) => {
    const target = writer.columns[i];
    return target ? [{ column, target }] : [];
  });
  return (source, start) => {
    let at = start;
    for (const { column, target } of pairs) {
      const length = source.getInt32(at);
      at += 4;
      if (length < 0) target.addNull();
      else {
        column.add(target, source, at, length);
        at += length;
      }
    }
    writer.endRow();
    return writer.isGroupFull ? writer.endGroup() : undefined;
  };
}

/** Asks for no rows, in the extended protocol: there the server refuses a second statement. */
async function describe(client: Client, boundSql: string): Promise<BooksColumn[]> {
  const query: QueryConfig & { queryMode: 'extended' } = {
    text: `select * from (${boundSql}\n) q limit 0`,
    queryMode: 'extended',
  };
  const { fields } = await client.query(query);
  return fields.map(({ name, dataTypeID, dataTypeModifier }) => {
    const column = booksColumn(name, dataTypeID, dataTypeModifier);
    if (!column) throw new Error(`column ${name} has a type (${dataTypeID}) without an exact form`);
    return column;
  });
}
