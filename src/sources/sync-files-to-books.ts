import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { landDataset, type Landing } from '../books/land-dataset';
import { InvalidInput, type Problem } from '../core/problem';
import type { Clock } from '../platform/clock';
import type { Config, DatasetConfig } from '../platform/config';
import type { Database } from '../platform/database/open-database';
import { DuckDb } from '../platform/duckdb';
import type { Logger } from '../platform/logger';
import { readDataset, type FrozenDataset } from './files/read-dataset';

/** Told as files are read and landed; a bar on a terminal. */
export interface SyncProgress {
  /** `done` of `total` steps, and what comes next. */
  advance(done: number, total: number, doing: string): void;
}

export interface SyncMeans {
  logger: Logger;
  clock: Clock;
  progress?: SyncProgress;
}

type SyncConfig = Pick<Config, 'sources' | 'entities' | 'limits' | 'baseDir' | 'data_dir'>;

/**
 * Lands every declared file that has `lands_in` in its table, each as its full content. All files
 * are read and checked before the first is landed: throws InvalidInput with the problems of all of
 * them, and then nothing has changed. A file that does not fit its table is found while landing,
 * when those before it have landed.
 */
export async function syncFiles(
  config: SyncConfig,
  database: Pick<Database, 'app'>,
  { logger, clock, progress }: SyncMeans,
): Promise<Landing[]> {
  const datasets = Object.entries(config.sources.files).flatMap(([name, dataset]) =>
    dataset.lands_in === undefined ? [] : [{ name, dataset, table: dataset.lands_in }],
  );
  if (datasets.length === 0) return [];
  const total = datasets.length * 2;
  const workDir = await openWorkDir(config);
  const duck = await openDuck(config, workDir);
  try {
    const frozen: { file: FrozenDataset; table: string; dataset: DatasetConfig }[] = [];
    const problems: Problem[] = [];
    for (const [i, { name, dataset, table }] of datasets.entries()) {
      progress?.advance(i, total, `reading ${dataset.path}`);
      const file = await readOne(duck, config, workDir, name, dataset, problems);
      if (file) frozen.push({ file, table, dataset });
    }
    if (problems.length > 0) throw new InvalidInput('files that land in the books', problems);
    const landings: Landing[] = [];
    const all = config.entities.map((entity) => entity.id);
    for (const [i, { file, table, dataset }] of frozen.entries()) {
      progress?.advance(datasets.length + i, total, `landing ${file.path} in books.${table}`);
      const { may_be_empty: mayBeEmpty = false, entities = all } = dataset;
      const means = { table, duck, clock, entities, mayBeEmpty };
      const landing = await landDataset(database, file, means);
      logger.info('dataset landed', { ...landing });
      landings.push(landing);
    }
    progress?.advance(total, total, 'landed');
    return landings;
  } finally {
    duck.close();
    await rm(workDir, { recursive: true, force: true });
  }
}

async function openWorkDir(config: SyncConfig): Promise<string> {
  const parent = path.resolve(config.baseDir, config.data_dir, 'work');
  await mkdir(parent, { recursive: true });
  return mkdtemp(path.join(parent, 'sync-'));
}

async function openDuck({ limits }: SyncConfig, workDir: string): Promise<DuckDb> {
  const tempDir = path.join(workDir, 'spill');
  await mkdir(tempDir);
  return DuckDb.open({
    memoryMb: limits.duckdb_memory_mb,
    threads: limits.duckdb_threads,
    tempDir,
    readWriteDirs: [workDir],
  });
}

/** Null when the file is wrong; then why is among the problems. */
async function readOne(
  duck: DuckDb,
  { baseDir }: SyncConfig,
  workDir: string,
  name: string,
  dataset: DatasetConfig,
  problems: Problem[],
): Promise<FrozenDataset | null> {
  const file = path.resolve(baseDir, dataset.path);
  try {
    return await readDataset(duck, { name, dataset, path: file, workDir });
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    problems.push(...cause.problems);
    return null;
  }
}
