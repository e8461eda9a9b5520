import { spawnSync } from 'node:child_process';
import { rmSync, createWriteStream } from 'node:fs';
import { cpus } from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { copyOut } from '../../src/platform/database/copy';
import { benchArguments } from './bench-arguments';
import { makeBenchFolder } from './bench-folder';
import {
  landingKinds,
  landingTables,
  makeSources,
  rawCopy,
  shapes,
  superuser,
  type LandingKind,
  type LandingTable,
} from './landing-data';
import type { LandingReport } from './landing-run';
import { openLandingWorkspace, type LandingWorkspace } from './landing-workspace';
import { postgresCpuMs, postmasterOf } from './processor-time';

/**
 * Lands the same rows by the sync's own path from a warehouse, a CSV and a Parquet file into empty
 * books, each in a process of its own, and again with nothing changed. In turn with each stands a
 * raw COPY of these rows into a plain table of the same Postgres, logged as the books are: once
 * with the columns the source has, once with all that the books keep of a row (its hash and where
 * it is from). Prints rows a second, ratios to both by the clock and by processor time, the share
 * of each step, and peak memory.
 */
const usage = `npm run bench:landing -- [options]
  --rows 1000000,5000000          of each table (1000000); a million take 2 GB of disk while it runs
  --rounds 1                      how often everything is measured (1)
  --kinds warehouse,csv,parquet   where from (all)
  --tables usage_hours,gl_lines   of which shape (both)
  --json`;

interface Measure {
  ms: number;
  cpuMs: number | null;
}

interface Result {
  rows: number;
  kind: LandingKind;
  table: LandingTable;
  own: Measure;
  full: Measure;
  fresh: LandingReport;
  again: LandingReport;
}

interface Bench {
  dir: string;
  rows: number;
  admin: Client;
  postmaster: string | null;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function timed({ postmaster }: Bench, work: () => Promise<unknown>): Promise<Measure> {
  const cpu = (): number | null => {
    const { user, system } = process.cpuUsage();
    return postmaster === null ? null : (user + system) / 1000 + postgresCpuMs(postmaster);
  };
  const before = cpu();
  const started = performance.now();
  await work();
  const ms = Math.round(performance.now() - started);
  const after = cpu();
  return { ms, cpuMs: before === null || after === null ? null : Math.round(after - before) };
}

/** In a child process, so that its peak memory is the landing's own. */
function land({ dir }: Bench, kind: LandingKind, table: LandingTable): LandingReport {
  const script = path.join(__dirname, 'landing-run.ts');
  const runner = path.join(__dirname, '..', '..', 'scripts', 'run-ts.cjs');
  const child = spawnSync(process.execPath, [runner, script, dir, kind, table], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`landing ${table} from ${kind} failed`);
  return JSON.parse(child.stdout) as LandingReport;
}

/** As an installation begins; the books themselves never forget, so this takes a superuser. */
async function emptyBooks(admin: Client): Promise<void> {
  await admin.query(`set session_replication_role = replica;
    truncate books.extracts, tieout.last_landings,
      ${landingTables.map((table) => `books.${shapes[table].versions}`).join(', ')};
    set session_replication_role = origin; checkpoint`);
}

async function raw(bench: Bench, table: LandingTable, what: 'own' | 'full'): Promise<Measure> {
  const { admin, dir } = bench;
  const target = `bench.${table}_${what}`;
  await admin.query(`truncate ${target}`);
  await admin.query('checkpoint');
  const file = path.join(dir, `${table}.${what}.copy`);
  const measure = await timed(bench, () => rawCopy(admin, target, file));
  await admin.query(`truncate ${target}`);
  return measure;
}

/** The plain tables, and the rows as the books keep them, written out of a first landing. */
async function prepare(bench: Bench, table: LandingTable): Promise<void> {
  const { admin, dir } = bench;
  const { versions, columns } = shapes[table];
  await admin.query(`create schema if not exists bench`);
  await admin.query(`create table bench.${table}_full (like books.${versions})`);
  const own = Object.keys(columns).join(', ');
  await admin.query(`create table bench.${table}_own as
    select ${own} from books.${versions} with no data`);
  await emptyBooks(admin);
  land(bench, 'warehouse', table);
  const out = copyOut(admin, `copy books.${versions} to stdout`);
  await pipeline(out, createWriteStream(path.join(dir, `${table}.full.copy`)));
}

async function measureOne(bench: Bench, kind: LandingKind, table: LandingTable): Promise<Result> {
  await emptyBooks(bench.admin);
  const own = await raw(bench, table, 'own');
  const full = await raw(bench, table, 'full');
  const fresh = land(bench, kind, table);
  const again = land(bench, kind, table);
  for (const [report, inserted] of [
    [fresh, String(bench.rows)],
    [again, '0'],
  ] as const)
    if (report.inserted !== inserted || report.rows !== String(bench.rows))
      throw new Error(`${kind} ${table}: ${JSON.stringify(report)}`);
  return { rows: bench.rows, kind, table, own, full, fresh, again };
}

const cpuOf = ({ nodeCpuMs, postgresCpuMs: own }: LandingReport): number | null =>
  own === null ? null : nodeCpuMs + own;
const ratio = (a: number | null, b: number | null): string =>
  a === null || b === null ? '-' : (a / b).toFixed(2);
const rate = (rows: number, ms: number): string => Math.round((rows / ms) * 1000).toLocaleString();

function lines({ rows, kind, table, own, full, fresh, again }: Result): string[] {
  const steps = (report: LandingReport): string =>
    Object.entries(report.stepMs)
      .map(([step, ms]) => `${step} ${ms} ms (${Math.round((ms / report.ms) * 100)} %)`)
      .join(' · ');
  const measured = ({ ms, cpuMs }: Measure): string => `${ms} ms, processor ${cpuMs ?? '-'} ms`;
  const landed = (report: LandingReport): string =>
    `${rate(rows, report.ms)} rows/s, ${measured({ ms: report.ms, cpuMs: cpuOf(report) })} ` +
    `(Node ${report.nodeCpuMs}), peak RSS ${report.peakRssMb} MB`;
  const ratios = (to: Measure): string =>
    `${ratio(to.ms, fresh.ms)} by the clock, ${ratio(to.cpuMs, cpuOf(fresh))} by processor time`;
  return [
    `${rows.toLocaleString('en')} rows of ${table} from ${kind}`,
    `  raw COPY, the source's columns   ${measured(own)}`,
    `  raw COPY, the books' columns     ${measured(full)}`,
    `  landed in empty books            ${landed(fresh)}`,
    `    rate to raw COPY of the source's columns: ${ratios(own)}`,
    `    rate to raw COPY of the books' columns:   ${ratios(full)}`,
    `    ${steps(fresh)}`,
    `  landed again, nothing changed    ${landed(again)}`,
    `    ${steps(again)}`,
  ];
}

async function measureSize(
  rows: number,
  kinds: readonly LandingKind[],
  tables: readonly LandingTable[],
  rounds: number,
): Promise<Result[]> {
  const dir = makeBenchFolder('landing');
  let workspace: LandingWorkspace | undefined;
  let admin: Client | undefined;
  try {
    workspace = await openLandingWorkspace(dir, 'csv', 'gl_lines');
    say(`making ${rows.toLocaleString('en')} rows each of ${tables.join(' and ')}`);
    await makeSources(workspace.server, dir, rows, tables);
    admin = await superuser(workspace.server, 'tieout');
    const bench: Bench = { dir, rows, admin, postmaster: await postmasterOf(admin) };
    for (const table of tables) await prepare(bench, table);
    const results: Result[] = [];
    for (let round = 1; round <= rounds; round += 1)
      for (const table of tables)
        for (const kind of kinds) {
          say(`round ${round}: ${table} from ${kind}`);
          const result = await measureOne(bench, kind, table);
          say(lines(result).join('\n'));
          results.push(result);
        }
    return results;
  } finally {
    await admin?.end();
    await workspace?.database.stop();
    await workspace?.server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const given = benchArguments(usage, {
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '1' },
    kinds: { type: 'string', default: landingKinds.join(',') },
    tables: { type: 'string', default: landingTables.join(',') },
    json: { type: 'boolean', default: false },
  });
  if (given === null) return;
  const { values } = given;
  const kinds = landingKinds.filter((kind) => values.kinds.split(',').includes(kind));
  const tables = landingTables.filter((table) => values.tables.split(',').includes(table));
  const results: Result[] = [];
  for (const rows of values.rows.split(',').map(Number))
    results.push(...(await measureSize(rows, kinds, tables, Number(values.rounds))));
  const head = `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify(results)}\n`
      : `${[head, ...results.flatMap(lines)].join('\n')}\n`,
  );
}

void main();
