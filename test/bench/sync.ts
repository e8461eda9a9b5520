import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Config } from '../../src/platform/config';
import { superuserClient } from '../../src/platform/database/embedded-postgres';
import { migrate } from '../../src/platform/database/migrate';
import { openDatabase, type Database } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import { WorldClock } from '../../src/sandbox/kit/world-clock';
import { northwindConfig } from '../../src/sandbox/northwind/northwind-config';
import { openNorthwindWarehouse } from '../../src/sandbox/northwind/open-northwind-warehouse';
import { readManifest } from '../../src/sandbox/world/read-manifest';
import { FolderSink } from '../../src/sandbox/world/folder-sink';
import { generateWorld } from '../../src/sandbox/world/generate-world';
import { worldOrders, type WorldWish } from '../../src/sandbox/world/world-request';
import { unreadOf, type SourceSync } from '../../src/sources/source-sync';
import { syncApis } from '../../src/sources/sync-apis';
import { benchArguments } from './bench-arguments';
import { makeBenchFolder } from './bench-folder';
import { closeUnread } from './close-unread';
import { postgresCpuMs, postmasterOf, processCpuMs } from './processor-time';
import { serveElsewhere } from './sync/served-elsewhere';

/**
 * Reads a company through the official SDKs and its warehouse, as `tieout sync` does, from
 * stand-ins in a process of their own. Prints objects a second of each source, processor time by
 * who spent it, and peak memory; with --work the books stay, for `tieout run --all` over them.
 */
const usage = `npm run bench:sync -- [options]
  --world FOLDER   a world that is there (tieout sandbox --out); else one is made by
  --seed 1 --scale 0.02 --now 2026-07-07T13:05:00Z
  --work FOLDER    where books are kept; what was read before is there still
  --reads 2        reads, a quarter of an hour apart by the clock of the company; with 1 the second
                   one is taken for given, and windows are closed without it
  --every 10       seconds between lines of progress`;

const apartMs = 15 * 60_000;
const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

interface SourceTime {
  name: string;
  objects: number;
  requests: number;
  ms: number;
  unread: number;
}

/** Rows that came of a source, and requests; parts and discounts inside of objects not counted. */
function sizeOf(sync: SourceSync): [number, number] {
  if ('failed' in sync) return [0, 0];
  const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  switch (sync.source) {
    case 'stripe':
      return [sum(sync.read.streams, ({ rows }) => rows), sync.read.requests];
    case 'salesforce':
      return [sum(sync.read.objects, ({ rows }) => rows), sync.read.requests];
    case 'warehouse':
      return [sum(sync.read.tables, (one) => ('rows' in one ? Number(one.rows) : 0)), 0];
  }
}

interface Reading {
  config: Config;
  database: Database;
  clock: WorldClock;
  everyMs: number;
}

async function readOnce({ config, database, clock, everyMs }: Reading): Promise<SourceTime[]> {
  const began = performance.now();
  /** When a source was first heard of: the one before it ended then, derived and all. */
  const begins = new Map<string, number>();
  let line = '';
  const told = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    say(`  ${String(seconds).padStart(5)} s  ${mib(process.memoryUsage.rss())}  ${line}`);
  }, everyMs);
  try {
    const came = await syncApis(config, database, {
      ...{ clock, logger: createLogger({ level: 'error' }) },
      progress: (name, doing, _share, rows) => {
        line = `${name}  ${doing}${rows === undefined ? '' : `  ${rows}`}`;
        if (!begins.has(name)) begins.set(name, performance.now());
      },
    });
    const ended = performance.now();
    return came.map((sync, at) => {
      const [objects, requests] = sizeOf(sync);
      const unread = unreadOf(sync);
      for (const { object, message } of unread) say(`  ${sync.name}: ${object}: ${message}`);
      const from = at === 0 ? began : (begins.get(sync.name) ?? ended);
      const ms = (begins.get(came[at + 1]?.name ?? '') ?? ended) - from;
      return { name: sync.name, objects, requests, ms, unread: unread.length };
    });
  } finally {
    clearInterval(told);
  }
}

function print(title: string, times: readonly SourceTime[], cpu: Record<string, number>): void {
  const rate = (n: number, ms: number): string =>
    ms === 0 ? '·' : String(Math.round((n * 1000) / ms));
  const row = (...cells: (string | number)[]): string =>
    cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](14)).join('');
  const lines = times.map(({ name, objects, requests, ms, unread }) =>
    row(
      name,
      objects,
      (ms / 1000).toFixed(1),
      rate(objects, ms),
      requests,
      rate(requests, ms),
      unread,
    ),
  );
  const seconds = Object.entries(cpu).map(([who, ms]) => `${who} ${(ms / 1000).toFixed(1)} s`);
  const peak = mib(process.resourceUsage().maxRSS * 1024);
  process.stdout.write(
    `\n${[
      row(title, 'objects', 'seconds', 'objects/s', 'requests', 'requests/s', 'unread'),
      ...lines,
      `processor time: ${seconds.join(', ')}; peak memory ${peak}`,
    ].join('\n')}\n`,
  );
}

function makeWorld(folder: string, wish: Pick<WorldWish, 'seed' | 'now' | 'scale'>): void {
  const plain = { injections: [], magnitude: 'high', where: 'anywhere', lookAlikes: true } as const;
  mkdirSync(folder);
  const sink = new FolderSink(folder, { ...wish, ...plain });
  generateWorld(worldOrders({ ...wish, ...plain }), sink);
  sink.close();
}

async function main(): Promise<void> {
  const given = benchArguments(usage, {
    world: { type: 'string' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '0.02' },
    now: { type: 'string', default: '2026-07-07T13:05:00Z' },
    work: { type: 'string' },
    reads: { type: 'string', default: '2' },
    every: { type: 'string', default: '10' },
  });
  if (given === null) return;
  const { work, seed, now, scale, reads, every, world } = given.values;
  const root = path.resolve(work ?? makeBenchFolder('sync'));
  mkdirSync(root, { recursive: true });
  const folder = world ?? path.join(root, 'world');
  if (!existsSync(folder)) makeWorld(folder, { seed, now, scale: Number(scale) });
  try {
    await bench(root, folder, { reads: Number(reads), everyMs: Number(every) * 1000 });
  } finally {
    if (work === undefined) rmSync(root, { recursive: true, force: true });
  }
}

async function bench(
  root: string,
  folder: string,
  { reads, everyMs }: { reads: number; everyMs: number },
): Promise<void> {
  const { wish } = readManifest(folder);
  const dataDir = path.join(root, 'data');
  const served = await serveElsewhere(folder);
  const warehouse = await openNorthwindWarehouse(dataDir, { folder, now: wish.now });
  const config = {
    ...northwindConfig({ ...served.access, warehouseUrl: warehouse.url }, 'error'),
    data_dir: dataDir,
  };
  const database = await openDatabase(config, { logger: createLogger({ level: 'error' }) });
  const clock = new WorldClock(Date.parse(wish.now));
  try {
    await migrate(database);
    const cpuOf = await processors(served.pid, new URLSearchParams(warehouse.url.split('?')[1]));
    for (let read = 1; read <= reads; read += 1) {
      const before = cpuOf();
      const times = await readOnce({ config, database, clock, everyMs });
      const after = cpuOf();
      const cpu = Object.entries(after).map(([who, ms]) => [who, ms - (before[who] ?? 0)]);
      print(`read ${read}`, times, Object.fromEntries(cpu) as Record<string, number>);
      clock.forward(apartMs);
      served.forward(apartMs);
    }
    if (reads === 1) await closeUnread(database, clock.now());
    writeFileSync(path.join(root, 'now'), clock.now());
  } finally {
    await database.stop();
    await warehouse.stop();
    served.stop();
  }
}

/** Processor milliseconds so far, by who spent them. */
async function processors(
  standIns: number,
  place: URLSearchParams,
): Promise<() => Record<string, number>> {
  const client = superuserClient(
    { host: place.get('host') ?? '', port: Number(place.get('port')) },
    'postgres',
  );
  await client.connect();
  const postmaster = await postmasterOf(client);
  await client.end();
  return () => {
    const { user, system } = process.cpuUsage();
    const own = { Tieout: (user + system) / 1000 };
    if (postmaster === null) return own;
    return { ...own, Postgres: postgresCpuMs(postmaster), 'stand-ins': processCpuMs(standIns) };
  };
}

main().catch((cause: unknown) => {
  say(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  process.exitCode = 1;
});
