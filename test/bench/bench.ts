import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Client } from 'pg';
import { copyOut } from '../../src/platform/database/copy';
import { loadPopulations, openBenchWorkspace, rawJoinSql } from './bench-workspace';

/**
 * Times, in one run and in turn, the same comparison three ways: a full outer join in the embedded
 * Postgres, DuckDB alone on the same rows as CSV, and the whole governed run (freeze with hashing,
 * evaluate, record). Prints medians, ratios to the join, the run's share per step and its peak
 * memory.
 *
 *   npm run bench -- [--rows 1000000,10000000] [--rounds 3] [--json]
 */
interface GovernedReport {
  ms: number;
  stepMs: Record<string, number>;
  outcome: string;
  findings: number;
  peakRssMb: number;
}

interface SizeReport {
  rows: number;
  differing: number;
  rawJoinMs: number;
  duckdbCsvMs: number;
  governedMs: number;
  governedToRaw: number;
  duckdbToRaw: number;
  stepMs: Record<string, number>;
  peakRssMb: number;
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round(performance.now() - started);
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

/** In a child process, so that its peak memory is the run's own. */
function governedRun(dir: string, period: string): GovernedReport {
  const script = path.join(__dirname, 'governed-run.ts');
  const runner = path.join(__dirname, '..', '..', 'scripts', 'run-ts.cjs');
  const child = spawnSync(process.execPath, [runner, script, dir, period], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error('the governed run failed');
  const report = JSON.parse(child.stdout) as GovernedReport;
  if (report.outcome !== 'exceptions') throw new Error(`the governed run ${report.outcome}`);
  return report;
}

async function measure(dir: string, rows: number, rounds: number): Promise<SizeReport> {
  const { database } = await openBenchWorkspace(dir);
  const owner = await database.owner();
  try {
    say(`loading 2 × ${rows.toLocaleString('en')} rows`);
    await loadPopulations(owner, rows);
    await writeCsv(owner, dir);
    const raw: number[] = [];
    const duckdb: number[] = [];
    const governed: GovernedReport[] = [];
    await owner.query(rawJoinSql);
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}: join in Postgres, DuckDB on CSV, governed run`);
      raw.push(await timed(() => owner.query(rawJoinSql)));
      duckdb.push(await timed(() => duckdbOnCsv(dir)));
      // Each run is the first of its period, so each records all of its exceptions as new.
      governed.push(governedRun(dir, `${2000 + round}-01`));
    }
    const middle = governed.toSorted((a, b) => a.ms - b.ms)[Math.floor(rounds / 2)];
    if (!middle) throw new Error('--rounds must be at least 1');
    return {
      rows,
      differing: middle.findings,
      rawJoinMs: median(raw),
      duckdbCsvMs: median(duckdb),
      governedMs: middle.ms,
      governedToRaw: ratio(middle.ms, median(raw)),
      duckdbToRaw: ratio(median(duckdb), median(raw)),
      stepMs: middle.stepMs,
      peakRssMb: Math.max(...governed.map((report) => report.peakRssMb)),
    };
  } finally {
    await owner.end();
    await database.stop();
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const count = (n: number): string => n.toLocaleString('en');

function table(reports: SizeReport[]): string {
  const lines = reports.flatMap((report) => {
    const share = Object.entries(report.stepMs).map(
      ([step, ms]) => `${step} ${ms} ms (${Math.round((ms / report.governedMs) * 100)} %)`,
    );
    return [
      `${count(report.rows)} × ${count(report.rows)} rows, ` +
        `${count(report.differing)} differing keys`,
      `  full outer join in Postgres   ${report.rawJoinMs} ms   1.00`,
      `  DuckDB alone, from CSV        ${report.duckdbCsvMs} ms   ${report.duckdbToRaw}`,
      `  governed run                  ${report.governedMs} ms   ${report.governedToRaw}` +
        `   peak RSS ${report.peakRssMb} MB`,
      `    ${share.join(' · ')}`,
    ];
  });
  const [first, last] = [reports[0], reports.at(-1)];
  if (first && last && first !== last)
    lines.push(
      `growth of the governed run from ${count(first.rows)} to ${count(last.rows)} rows: ` +
        `${ratio(last.governedMs, first.governedMs)} ×`,
    );
  return lines.join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000,10000000' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const reports: SizeReport[] = [];
  for (const rows of values.rows.split(',').map(Number)) {
    const dir = mkdtempSync(path.join(tmpdir(), 'tieout-bench-'));
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
