import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Client } from 'pg';
import { startServer } from '../../src/main';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { openBenchWorkspace } from './bench-workspace';
import { postgresCpuMs, postmasterOf } from './processor-time';

/**
 * How fast the list of exceptions answers: npm run bench:api [exceptions] [events]. One process,
 * real HTTP, an embedded Postgres; by default 100,000 exceptions seen 5 million times in all. The
 * processor time per answer, of Node and of Postgres, stands beside the clock, which says little on
 * a machine that does other work.
 */
const [exceptions = 100_000, events = 5_000_000] = process.argv.slice(2).map(Number);
const rounds = 40;
const goalMs = 200;

const filters: Record<string, string> = {
  'newest first': '',
  'largest impact': 'sort=impact',
  'gravest first': 'sort=severity',
  'due first': 'sort=due&state=open,acknowledged,proposed',
  'one control': 'control=BN-07&period=2026-03&sort=impact',
  'state and severity': 'state=proposed&severity=high,critical',
  'overdue, and old': 'overdue=true&min_age=20&sort=oldest',
  'text that is there': 'text=in_4711',
  'text that is not': 'text=nowhere-to-be-found',
  'given to nobody, closed': 'assignee=nobody&state=closed',
};

async function load(owner: Client): Promise<void> {
  const tables = ['exceptions', 'exception_events'];
  for (const table of tables) await owner.query(`alter table tieout.${table} disable trigger user`);
  await owner.query(
    `insert into tieout.exceptions (exception_id, fingerprint, control_id, entity_id, period_key,
       procedure, code, key, currency, severity, left_amount, difference, impact, explanation,
       facts_sha256, first_seen_run, first_seen_at, last_seen_run, last_seen_at, due_on, state,
       disposition, accepted_until, closed_at, cleared_run, cleared_at)
     select gen_random_uuid(), encode(sha256(i::text::bytea), 'hex'),
       'BN-' || lpad((i % 40 + 1)::text, 2, '0'), 'bench',
       '2026-' || lpad((i % 9 + 1)::text, 2, '0'),
       'left-to-right', 'BN01-LEFT', jsonb_build_object('invoice_id', 'in_' || i), 'USD',
       (array['low', 'medium', 'high', 'critical'])[i % 4 + 1], i % 9973, i % 9973, i % 9973,
       'Invoice in_' || i || ' of customer ' || i % 1000 || ' is not in the ledger.', 'f',
       gen_random_uuid(), at, gen_random_uuid(), at, at::date + 5,
       case when i % 5 < 3 then 'open' else 'cleared' end, null, null, null,
       case when i % 5 < 3 then null else gen_random_uuid() end,
       case when i % 5 < 3 then null else at + interval '9 days' end
     from generate_series(1, $1::int) i,
       lateral (select timestamptz '2026-10-01' - i * interval '3 minutes' as at) t`,
    [exceptions],
  );
  await owner.query(
    `insert into tieout.exception_events (exception_id, run_id, kind, at, from_state, to_state,
       severity, impact)
     select exception_id, gen_random_uuid(), 'seen', first_seen_at + n * interval '1 day', 'open',
       'open', severity, impact
     from tieout.exceptions, generate_series(1, $1::int) n`,
    [Math.round(events / exceptions)],
  );
  await owner
    .query('vacuum (analyze) tieout.exceptions, tieout.exception_events')
    .catch(() => null);
  for (const table of tables) await owner.query(`alter table tieout.${table} enable trigger user`);
}

/** Milliseconds of each round of one address, shortest first. */
async function measure(
  url: string,
  postmaster: string | null,
): Promise<{ ms: number[]; rows: number; nodeMs: number; postgresMs: number }> {
  const ms: number[] = [];
  let rows = 0;
  const postgres = (): number => (postmaster === null ? Number.NaN : postgresCpuMs(postmaster));
  const began = { node: process.cpuUsage(), postgres: postgres() };
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const answer = await fetch(url);
    const body = (await answer.json()) as { items: unknown[] };
    ms.push(performance.now() - start);
    if (answer.status !== 200) throw new Error(`${url} was answered with ${answer.status}`);
    rows = body.items.length;
  }
  const { user, system } = process.cpuUsage(began.node);
  return {
    ms: ms.sort((a, b) => a - b),
    rows,
    nodeMs: (user + system) / 1000 / rounds,
    postgresMs: (postgres() - began.postgres) / rounds,
  };
}

async function main(): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tieout-api-bench-'));
  const { config, database } = await openBenchWorkspace(dir);
  try {
    const owner = await database.owner();
    await owner.query('set statement_timeout = 0');
    await load(owner);
    const postmaster = await postmasterOf(owner);
    await owner.end();
    const server = await startServer({
      config: { ...config, server: { host: '127.0.0.1', port: 0 } },
      database,
      catalog: { dir, controls: [], problems: [] },
      clock: new SystemClock(),
      logger: createLogger({ level: 'error' }),
    });
    process.stdout.write(`${exceptions} exceptions, ${events} events; ${rounds} rounds each\n`);
    let worst = 0;
    for (const [name, query] of Object.entries(filters)) {
      const address = `${server.url}/api/v1/exceptions?limit=50&${query}`;
      const { ms, rows, nodeMs, postgresMs } = await measure(address, postmaster);
      const p95 = ms[Math.ceil(rounds * 0.95) - 1] ?? 0;
      worst = Math.max(worst, p95);
      const median = ms[rounds / 2] ?? 0;
      process.stdout.write(
        `${name.padEnd(26)} ${rows} rows  p50 ${median.toFixed(0)} ms  p95 ${p95.toFixed(0)} ms` +
          `  processor: Node ${nodeMs.toFixed(1)} ms, Postgres ${postgresMs.toFixed(1)} ms\n`,
      );
    }
    process.stdout.write(`worst p95 ${worst.toFixed(0)} ms; goal ${goalMs} ms\n`);
    await server.close();
    process.exitCode = worst < goalMs ? 0 : 1;
  } finally {
    await database.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

void main();
