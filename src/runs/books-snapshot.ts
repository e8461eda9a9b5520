import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Client, QueryConfig } from 'pg';
import { quoteName, quoteText } from '../core/sql-text';
import type { ColumnType } from '../platform/config';
import { copyOut } from '../platform/database/copy';
import type { DuckDb } from '../platform/duckdb';

/** How a column leaves PostgreSQL as text and enters DuckDB as an exact value. */
interface BooksColumn {
  name: string;
  type: ColumnType;
  /** DuckDB SQL that reads the text `raw`; fails rather than lose a digit. */
  cast: (raw: string) => string;
}

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

  static async open(connect: () => Promise<Client>): Promise<BooksSnapshot> {
    const keeper = await connect();
    try {
      await keeper.query('begin isolation level repeatable read read only');
      const { rows } = await keeper.query<{ id: string }>('select pg_export_snapshot() as id');
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
   * Copies what a guarded, bound SELECT returns into a CSV file, on a connection of its own.
   * Returns its columns and the row count of the server's command tag.
   */
  async copyTo(
    csv: string,
    boundSql: string,
    onBytes: (bytes: number) => void,
  ): Promise<{ columns: BooksColumn[]; items: string }> {
    const client = await this.connect();
    try {
      await client.query('begin isolation level repeatable read read only');
      await client.query(`set transaction snapshot ${quoteText(this.id)}`);
      const columns = await describe(client, boundSql);
      const names = columns.map(({ name }) => `q.${quoteName(name)}`).join(', ');
      const copy = copyOut(
        client,
        `copy (select ${names} from (${boundSql}\n) q) to stdout (format csv, null '')`,
      );
      copy.on('data', (chunk: Buffer) => onBytes(chunk.length));
      await pipeline(copy, createWriteStream(csv, { highWaterMark: 1 << 20 }));
      return { columns, items: copy.rows() };
    } finally {
      await client.end();
    }
  }
}

/** Reads the CSV of a copy into Parquet, value by value exact, and removes the CSV. */
export async function writeParquet(
  duck: DuckDb,
  csv: string,
  columns: readonly BooksColumn[],
  parquet: string,
): Promise<void> {
  const names = columns.map(({ name }) => `${quoteText(name)}: 'VARCHAR'`).join(', ');
  const select = columns
    .map(({ name, cast }) => `${cast(quoteName(name))} as ${quoteName(name)}`)
    .join(', ');
  await duck.run(
    `copy (select ${select} from read_csv(${quoteText(csv)}, header = false, auto_detect = false,
       delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false,
       strict_mode = true, columns = {${names}}))
     to ${quoteText(parquet)} (format parquet, compression zstd, compression_level 1)`,
  );
  await rm(csv);
}

/** Asks for no rows, in the extended protocol: there the server refuses a second statement. */
async function describe(client: Client, boundSql: string): Promise<BooksColumn[]> {
  const query: QueryConfig & { queryMode: 'extended' } = {
    text: `select * from (${boundSql}\n) q limit 0`,
    queryMode: 'extended',
  };
  const { fields } = await client.query(query);
  return fields.map(({ name, dataTypeID, dataTypeModifier }) => {
    const column = columnOf(name, dataTypeID, dataTypeModifier);
    if (!column) throw new Error(`column ${name} has a type (${dataTypeID}) without an exact form`);
    return column;
  });
}

function columnOf(name: string, typeId: number, modifier: number): BooksColumn | null {
  const plain = (type: ColumnType, duckType: string): BooksColumn => ({
    name,
    type,
    cast: (raw) => `cast(${raw} as ${duckType})`,
  });
  // PostgreSQL's fixed object ids of its built-in types.
  switch (typeId) {
    case 16:
      return plain('boolean', 'boolean');
    case 20:
    case 21:
    case 23:
      return plain('integer', 'bigint');
    case 25:
    case 1043:
      return { name, type: 'text', cast: (raw) => raw };
    case 1082:
      return plain('date', 'date');
    case 1114:
      return plain('timestamp', 'timestamp');
    case 1184:
      return plain('instant', 'timestamptz');
    case 1700:
      return { name, type: 'decimal', cast: decimalCast(modifier) };
    default:
      return null;
  }
}

/** Digits after the point that a numeric without a declared scale may have. */
const FREE_SCALE = 12;

/**
 * DuckDB rounds what does not fit, so a numeric of free scale is first checked for more digits
 * than are kept. Text of at most 18 characters is read through 64 bits, ten times faster.
 */
function decimalCast(modifier: number): (raw: string) => string {
  // PostgreSQL packs numeric(p, s) as ((p << 16) | s) + 4, and writes exactly s decimals.
  const declared = modifier >= 4;
  const [precision, scale] = declared ? [(modifier - 4) >> 16, (modifier - 4) & 0x7ff] : [39, 0];
  if (precision <= 18) return (raw) => `cast(${raw} as decimal(${precision},${scale}))`;
  if (precision <= 38)
    return (raw) =>
      `case when length(${raw}) <= 18 then cast(${raw} as decimal(18,${scale}))` +
      `::decimal(${precision},${scale}) else cast(${raw} as decimal(${precision},${scale})) end`;
  const kept = `decimal(38,${FREE_SCALE})`;
  return (raw) =>
    `case when length(rtrim(split_part(${raw}, '.', 2), '0')) > ${FREE_SCALE} ` +
    `then error('a numeric has more than ${FREE_SCALE} digits after the point') ` +
    `else coalesce(try_cast(${raw} as decimal(18,${FREE_SCALE})), ` +
    `cast(${raw} as ${kept}))::${kept} end`;
}
