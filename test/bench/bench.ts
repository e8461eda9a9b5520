import { spawnSync } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Client } from 'pg';
import { copyOut } from '../../src/platform/database/copy';
import { benchArguments } from './bench-arguments';
import { makeBenchFolder } from './bench-folder';
import { loadPopulations, openBenchWorkspace, rawJoinSql, sameAnswerSql } from './bench-workspace';
import type { GovernedReport } from './governed-run';
import { postgresCpuMs, postmasterOf } from './processor-time';

/**
 * Times, in one run and in turn, the same comparison four ways: a full outer join in the embedded
 * Postgres, SQL there that gives the run's answer, DuckDB alone on the same rows as CSV, and the
 * whole governed run (freeze with hashing, evaluate, record), first in a process of its own, then
 * once more in it, as in a server. Prints medians, and the ratio to the join within a round, which
 * other work on the machine disturbs less; the run's share per step; processor time, which waits
 * for nobody; and its peak memory.
 */
const usage = `npm run bench -- [options]
  --rows 1000000,10000000   on each side (both)
  --rounds 3                how often everything is measured (3)
  --json`;

interface Bench {
  dir: string;
  owner: Client;
  postmaster: string | null;
}

interface Measure {
  ms: number;
  /** Of everything that worked on it; null where it cannot be told. */
  cpuMs: number | null;
}

interface Round {
  rawJoin: Measure;
  sameAnswer: Measure;
  duckdbCsv: Measure;
  fresh: GovernedReport;
  warm: GovernedReport;
}

interface Line extends Measure {
  /** To the raw join of the same round: its time, and its processor time. */
  ratio: number;
  cpuRatio: number | null;
}

interface SizeReport {
  rows: number;
  differing: number;
  rawJoin: Line;
  sameAnswer: Line;
  duckdbCsv: Line;
  fresh: Line;
  warm: Line;
  freshToSameAnswer: number;
  stepMs: Record<string, number>;
  peakRssMb: number;
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;

async function timed(bench: Bench, work: () => Promise<unknown>): Promise<Measure> {
  const before = cpuMs(bench);
  const started = performance.now();
  await work();
  const ms = Math.round(performance.now() - started);
  const after = cpuMs(bench);
  return { ms, cpuMs: before === null || after === null ? null : Math.round(after - before) };
}

/** Of this process and of Postgres. */
function cpuMs({ postmaster }: Bench): number | null {
  if (postmaster === null) return null;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + postgresCpuMs(postmaster);
}

/** What DuckDB alone needs for the comparison that the raw join makes, from files. */
async function duckdbOnCsv(dir: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const side = (name: string): string =>
    `read_csv('${path.join(dir, `${name}.csv`)}', header = false, auto_detect = false,
      delim = ',', quote = '"', escape = '"',
      columns = {invoice_id: 'VARCHAR', amount: 'DECIMAL(18,6)', currency: 'VARCHAR'})`;
  await connection.runAndReadAll(
    `select count(*), sum(l.amount), sum(r.amount),
       count(*) filter (where l.amount is distinct from r.amount)
     from ${side('bench_left')} l full join ${side('bench_right')} r using (invoice_id, currency)`,
  );
  connection.closeSync();
  instance.closeSync();
}

async function writeCsv(owner: Client, dir: string): Promise<void> {
  for (const table of ['bench_left', 'bench_right']) {
    const copy = copyOut(owner, `copy books.${table} to stdout (format csv)`);
    await pipeline(copy, createWriteStream(path.join(dir, `${table}.csv`)));
  }
}

/** In a child process, so that its peak memory is the runs' own. */
function governedRuns(dir: string, periods: readonly string[]): GovernedReport[] {
  const script = path.join(__dirname, 'governed-run.ts');
  const runner = path.join(__dirname, '..', '..', 'scripts', 'run-ts.cjs');
  const child = spawnSync(process.execPath, [runner, script, dir, ...periods], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error('the governed run failed');
  const reports = JSON.parse(child.stdout) as GovernedReport[];
  const other = reports.find(({ outcome }) => outcome !== 'exceptions');
  if (other) throw new Error(`the governed run ${other.outcome}: ${other.reason}`);
  return reports;
}

async function measure(dir: string, rows: number, rounds: number): Promise<SizeReport> {
  const { database } = await openBenchWorkspace(dir);
  const owner = await database.owner();
  try {
    say(`loading 2 × ${rows.toLocaleString('en')} rows`);
    await loadPopulations(owner, rows);
    await writeCsv(owner, dir);
    await owner.query(rawJoinSql);
    const bench = { dir, owner, postmaster: await postmasterOf(owner) };
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      measured.push(await measureRound(bench, 2000 + round));
    }
    return sizeReport(rows, measured);
  } finally {
    await owner.end();
    await database.stop();
  }
}

/** Each run is the first of its period, so each records all of its exceptions as new. */
async function measureRound(bench: Bench, year: number): Promise<Round> {
  const { dir, owner } = bench;
  const rawJoin = await timed(bench, () => owner.query(rawJoinSql));
  const sameAnswer = await timed(bench, async () => {
    for (const sql of sameAnswerSql) await owner.query(sql);
  });
  const duckdbCsv = await timed(bench, () => duckdbOnCsv(dir));
  const [fresh, warm] = governedRuns(dir, [`${year}-01`, `${year}-02`]);
  if (!fresh || !warm) throw new Error('the governed runs gave no report');
  return { rawJoin, sameAnswer, duckdbCsv, fresh, warm };
}

const governed = (report: GovernedReport): Measure => ({
  ms: report.ms,
  cpuMs: report.postgresCpuMs === null ? null : report.nodeCpuMs + report.postgresCpuMs,
});

function sizeReport(rows: number, rounds: Round[]): SizeReport {
  const line = (of: (round: Round) => Measure, to = (r: Round): Measure => r.rawJoin): Line => {
    const cpu = rounds.flatMap((round) => of(round).cpuMs ?? []);
    const cpuRatios = rounds.flatMap((round) => {
      const [a, b] = [of(round).cpuMs, to(round).cpuMs];
      return a === null || b === null ? [] : ratio(a, b);
    });
    return {
      ms: median(rounds.map((round) => of(round).ms)),
      cpuMs: cpu.length === 0 ? null : median(cpu),
      ratio: median(rounds.map((round) => ratio(of(round).ms, to(round).ms))),
      cpuRatio: cpuRatios.length === 0 ? null : median(cpuRatios),
    };
  };
  const middle = rounds.toSorted((a, b) => a.fresh.ms - b.fresh.ms)[Math.floor(rounds.length / 2)];
  if (!middle) throw new Error('--rounds must be at least 1');
  const fresh = (round: Round): Measure => governed(round.fresh);
  return {
    rows,
    differing: middle.fresh.findings,
    rawJoin: line((round) => round.rawJoin),
    sameAnswer: line((round) => round.sameAnswer),
    duckdbCsv: line((round) => round.duckdbCsv),
    fresh: line(fresh),
    warm: line((round) => governed(round.warm)),
    freshToSameAnswer: line(fresh, (round) => round.sameAnswer).ratio,
    stepMs: middle.fresh.stepMs,
    peakRssMb: Math.max(...rounds.flatMap(({ fresh: f, warm: w }) => [f.peakRssMb, w.peakRssMb])),
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const count = (n: number): string => n.toLocaleString('en');

function row(label: string, { ms, cpuMs: cpu, ratio: toJoin, cpuRatio }: Line): string {
  const processor = cpu === null ? '' : `   processor ${cpu} ms  ${cpuRatio}`;
  return `  ${label.padEnd(44)} ${String(ms).padStart(7)} ms  ${toJoin.toFixed(2)}${processor}`;
}

function table(reports: SizeReport[]): string {
  const lines = reports.flatMap((report) => {
    const share = Object.entries(report.stepMs).map(
      ([step, ms]) => `${step} ${ms} ms (${Math.round((ms / report.fresh.ms) * 100)} %)`,
    );
    return [
      `${count(report.rows)} × ${count(report.rows)} rows, ` +
        `${count(report.differing)} differing keys`,
      row('full outer join in Postgres', report.rawJoin),
      row('SQL in Postgres with the same answer', report.sameAnswer),
      row('DuckDB alone, from CSV', report.duckdbCsv),
      row('governed run, the first of a process', report.fresh),
      row('governed run, the next in the same process', report.warm),
      `    ${share.join(' · ')}`,
      `    to SQL with the same answer ${report.freshToSameAnswer}; ` +
        `peak RSS ${report.peakRssMb} MB`,
    ];
  });
  const [first, last] = [reports[0], reports.at(-1)];
  if (first && last && first !== last)
    lines.push(
      `growth of the governed run from ${count(first.rows)} to ${count(last.rows)} rows: ` +
        `${ratio(last.fresh.ms, first.fresh.ms)} ×`,
    );
  return lines.join('\n');
}

async function main(): Promise<void> {
  const given = benchArguments(usage, {
    rows: { type: 'string', default: '1000000,10000000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  });
  if (given === null) return;
  const { values } = given;
  const reports: SizeReport[] = [];
  for (const rows of values.rows.split(',').map(Number)) {
    const dir = makeBenchFolder('bench');
    try {
      reports.push(await measure(dir, rows, Number(values.rounds)));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const report = values.json
    ? JSON.stringify({ machine, sizes: reports })
    : `${machine.cores} cores, ${machine.model}, Node ${machine.node}\n${table(reports)}`;
  process.stdout.write(`${report}\n`);
}

void main();
