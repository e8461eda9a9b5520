import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { makeBenchFolder } from '../bench-folder';
import { canonicalJson, sha256Hex } from '../../../src/core/canonical-json';
import type { Clock } from '../../../src/platform/clock';
import type { Config } from '../../../src/platform/config';
import { migrate } from '../../../src/platform/database/migrate';
import { openDatabase, type Database } from '../../../src/platform/database/open-database';
import { createLogger } from '../../../src/platform/logger';
import { northwindConfig } from '../../../src/sandbox/northwind/northwind-config';
import { openNorthwindWarehouse } from '../../../src/sandbox/northwind/open-northwind-warehouse';
import { serveWorld, type ServedWorld } from '../../../src/sandbox/serve/serve-world';
import { FolderSink } from '../../../src/sandbox/world/folder-sink';
import { generateWorld } from '../../../src/sandbox/world/generate-world';
import { worldOrders, type WorldWish } from '../../../src/sandbox/world/world-request';
import { syncApis } from '../../../src/sources/sync-apis';
import { closeUnread } from '../close-unread';
import type { BenchOptions } from './bench-options';

/** Books that know a world whole: every window is closed. */
export interface BenchBooks {
  /** Folder of the world. */
  world: string;
  config: Config;
  database: Database;
  clock: Clock;
  /** Anomalies that found nobody to befall. */
  without: string[];
  /** Milliseconds by what was done; nothing where all was there. */
  took: Record<string, number>;
  close(): Promise<void>;
}

const logger = createLogger({ level: 'error' });
/** Between the two reads of a window: more than the ten minutes that close it. */
const apartMs = 15 * 60_000;

/** The same wish, the same folder; another version of the generator needs another --work. */
function folderOf(wish: WorldWish, reads: BenchOptions['reads']): string {
  const { seed, injections, magnitude, where } = wish;
  const planted = injections.length === 1 ? injections.join() : `${injections.length}-planted`;
  const all = canonicalJson({ ...wish, scale: String(wish.scale), injections: [...injections] });
  const rest = sha256Hex(`${all} ${reads}`).slice(0, 8);
  return `seed-${seed}-${planted}-${magnitude}-${where}-${rest}`;
}

interface Kept {
  without: string[];
  /** What was now, once everything was read. */
  now: string;
}

/** Opens the books of a wish: those of an earlier call with the same work folder, or new ones. */
export async function openBenchBooks(
  wish: WorldWish,
  { workDir, reads }: Pick<BenchOptions, 'workDir' | 'reads'>,
): Promise<BenchBooks> {
  const root = workDir ?? makeBenchFolder('detection');
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  const dir = path.join(root, folderOf(wish, reads));
  const marker = path.join(dir, 'books.json');
  const isKept = existsSync(marker);
  if (!isKept) rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const took: Record<string, number> = {};
  const world = path.join(dir, 'world');
  const made = isKept ? null : await timed(took, 'world', () => makeWorld(wish, world));
  const offline = configFor(dir, nowhere);
  const database = await openDatabase(offline, { logger });
  const close = async (): Promise<void> => {
    await database.stop();
    if (workDir === null) rmSync(root, { recursive: true, force: true });
  };
  try {
    await migrate(database);
    if (made) {
      const now = await readWorld({ dir, world, database, wish, reads, took });
      const kept: Kept = { without: made.without, now };
      writeFileSync(marker, JSON.stringify(kept));
    }
    const { without, now } = JSON.parse(readFileSync(marker, 'utf8')) as Kept;
    return {
      ...{ world, config: offline, database, without, took },
      clock: { now: () => now },
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

const nowhere = {
  stripe: { url: 'http://127.0.0.1:1', keys: { 'ni-us': 'rk_live_none', 'ni-ie': 'rk_live_none' } },
  salesforce: { url: 'http://127.0.0.1:1', clientId: 'none', username: 'none', privateKey: 'none' },
  warehouseUrl: 'none',
};

function configFor(dir: string, access: unknown): Config {
  const config = northwindConfig(access as Parameters<typeof northwindConfig>[0], 'error');
  return { ...config, data_dir: path.join(dir, 'data') };
}

async function timed<T>(
  took: Record<string, number>,
  name: string,
  work: () => T | Promise<T>,
): Promise<T> {
  const began = performance.now();
  const result = await work();
  took[name] = Math.round(performance.now() - began);
  return result;
}

function makeWorld(wish: WorldWish, folder: string): { without: string[] } {
  mkdirSync(folder);
  const sink = new FolderSink(folder, wish);
  const made = generateWorld(worldOrders(wish), sink);
  sink.close();
  return made;
}

interface Reading {
  dir: string;
  world: string;
  database: Database;
  wish: WorldWish;
  reads: BenchOptions['reads'];
  took: Record<string, number>;
}

/** Reads everything twice over HTTP, a quarter of an hour apart by the clock of the stand-ins. */
async function readWorld({ dir, world, database, wish, reads, took }: Reading): Promise<string> {
  const warehouse = await timed(took, 'warehouse', () =>
    openNorthwindWarehouse(path.join(dir, 'data'), { folder: world, now: wish.now }),
  );
  const served = await serveWorld(world);
  try {
    const config = configFor(dir, { ...served, warehouseUrl: warehouse.url });
    await timed(took, 'first read', () => syncOnce(config, database, served));
    served.clock.forward(apartMs);
    if (reads === 2) await timed(took, 'second read', () => syncOnce(config, database, served));
    else await closeUnread(database, served.clock.now());
    return served.clock.now();
  } finally {
    await served.stop();
    await warehouse.stop();
  }
}

async function syncOnce(config: Config, database: Database, { clock }: ServedWorld): Promise<void> {
  const came = await syncApis(config, database, { clock, logger, progress: () => undefined });
  const problems = came.flatMap((one): string[] => {
    if ('failed' in one) return [`${one.name}: ${one.failed.message}`];
    if (one.source === 'stripe') return one.read.problems.map(({ message }) => message);
    if (one.source !== 'warehouse') return [];
    return one.read.tables.flatMap((table) =>
      table.status === 'landed'
        ? []
        : table.problems.map(({ message }) => `${table.table} ${message}`),
    );
  });
  for (const problem of problems) process.stderr.write(`  sync: ${problem}\n`);
}
