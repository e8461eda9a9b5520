import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { InvalidInput, type Problem } from '../../src/core/problem';
import { quoteText } from '../../src/core/sql-text';
import type { DatasetConfig } from '../../src/platform/config';
import { DuckDb, type TextRow } from '../../src/platform/duckdb';
import { readDataset, type FrozenDataset } from '../../src/sources/files/read-dataset';

/** A folder of source files, and a DuckDB that may reach only a work folder beside it. */
export class FilesWorkspace {
  private reads = 0;

  private constructor(
    readonly dir: string,
    readonly duck: DuckDb,
  ) {}

  static async open(memoryMb = 256): Promise<FilesWorkspace> {
    const dir = mkdtempSync(path.join(tmpdir(), 'tieout-files-'));
    for (const folder of ['in', 'work', 'spill']) mkdirSync(path.join(dir, folder));
    const duck = await DuckDb.open({
      memoryMb,
      threads: 2,
      tempDir: path.join(dir, 'spill'),
      readWriteDirs: [path.join(dir, 'work')],
    });
    return new FilesWorkspace(dir, duck);
  }

  close(): void {
    this.duck.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  path(name: string): string {
    return path.join(this.dir, 'in', name);
  }

  /** Writes a source file; text is UTF-8. */
  write(name: string, content: string | Buffer): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** Writes a source file as Parquet from a SELECT. */
  async writeParquet(name: string, select: string): Promise<void> {
    const duck = await DuckDb.open({
      memoryMb: 256,
      threads: 1,
      tempDir: path.join(this.dir, 'spill'),
      readWriteDirs: [path.join(this.dir, 'in')],
    });
    await duck.run(`copy (${select}) to ${quoteText(this.path(name))} (format parquet)`);
    duck.close();
  }

  /** Reads a source file into a work folder of its own. */
  async read(file: string, dataset: Partial<DatasetConfig> = {}): Promise<FrozenDataset> {
    this.reads += 1;
    const workDir = path.join(this.dir, 'work', String(this.reads));
    mkdirSync(workDir);
    const declared = {
      path: file,
      format: file.endsWith('.parquet') ? ('parquet' as const) : ('csv' as const),
      columns: { id: 'text' as const, amount: 'decimal' as const },
      control_total: 'optional' as const,
      ...dataset,
    };
    const name = `t${this.reads}`;
    return readDataset(this.duck, { name, dataset: declared, path: this.path(file), workDir });
  }

  async rows(frozen: FrozenDataset, order = '1'): Promise<TextRow[]> {
    return this.duck.rows(`select * from files.${frozen.name} order by ${order}`);
  }

  /** The problems a read must end with. */
  async problems(file: string, dataset: Partial<DatasetConfig> = {}): Promise<Problem[]> {
    try {
      await this.read(file, dataset);
    } catch (cause) {
      if (cause instanceof InvalidInput) return [...cause.problems];
      throw cause;
    }
    throw new Error(`${file} was read without a problem`);
  }
}
