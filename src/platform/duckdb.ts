import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { quoteText } from '../core/sql-text';

export interface DuckDbOptions {
  /** Cap on DuckDB's own memory; beyond it, it spills to tempDir. */
  memoryMb: number;
  threads: number;
  tempDir: string;
  /** The only folders whose files SQL may read or write. */
  readWriteDirs: readonly string[];
}

/** A row as exact text: numbers, decimals and dates are never turned into JavaScript numbers. */
export type TextRow = Record<string, string | null>;

/**
 * An in-memory DuckDB that can reach nothing but the named folders: no network, no extensions, no
 * further configuration. Verdicts are computed here, so what it may see is fixed before SQL runs.
 */
export class DuckDb {
  private isReading = false;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open(options: DuckDbOptions): Promise<DuckDb> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${options.memoryMb}MB`,
      threads: String(options.threads),
      temp_directory: options.tempDir,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const connection = await instance.connect();
    const dirs = [...options.readWriteDirs, options.tempDir].map(quoteText).join(', ');
    for (const sql of [
      `set allowed_directories = [${dirs}]`,
      `set TimeZone = 'UTC'`,
      `set preserve_insertion_order = false`,
      `set enable_external_access = false`,
      `set lock_configuration = true`,
    ]) {
      await connection.run(sql);
    }
    return new DuckDb(instance, connection);
  }

  async run(sql: string): Promise<void> {
    this.requireIdle();
    await this.connection.run(sql);
  }

  /** All rows at once; for results whose size is bounded by the question. */
  async rows(sql: string): Promise<TextRow[]> {
    this.requireIdle();
    const reader = await this.connection.runAndReadAll(sql);
    return textRows(reader.columnNames(), reader.getRows());
  }

  /**
   * Batches of rows as they are computed, so that a long result never sits in memory. A failure
   * midway may look like the end: whoever must have every row compares their count.
   */
  async *stream(sql: string): AsyncIterable<TextRow[]> {
    this.requireIdle();
    this.isReading = true;
    try {
      const result = await this.connection.stream(sql);
      const names = result.columnNames();
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        yield textRows(names, chunk.getRows());
      }
    } finally {
      this.isReading = false;
    }
  }

  /** A query begun while another is read ends that one early, without an error: never a part. */
  private requireIdle(): void {
    if (this.isReading) throw new Error('DuckDB was asked while the rows of a query were read');
  }

  /** Names and types of what a query returns, without running it. */
  async describe(sql: string): Promise<{ name: string; type: string }[]> {
    const rows = await this.rows(`describe ${sql}`);
    return rows.map((row) => ({ name: row.column_name ?? '', type: row.column_type ?? '' }));
  }

  /** Stops the query under way; it then rejects. */
  interrupt(): void {
    this.connection.interrupt();
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/** String() is exact on DuckDB's value classes; only bigint and text are primitives. */
function textRows(names: readonly string[], rows: readonly DuckDBValue[][]): TextRow[] {
  return rows.map((row) => {
    const texts: TextRow = {};
    names.forEach((name, i) => {
      const value = row[i] ?? null;
      texts[name] = value === null ? null : String(value);
    });
    return texts;
  });
}
