import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Client } from 'pg';
import { startServer } from '../../src/main';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { benchArguments } from './bench-arguments';
import { makeBenchFolder } from './bench-folder';
import { openBenchWorkspace } from './bench-workspace';
import { postgresCpuMs, postmasterOf } from './processor-time';

/**
 * How fast the list of exceptions answers. One process, real HTTP, an embedded Postgres; by default
 * 100,000 exceptions seen 5 million times in all. The processor time per answer, of Node and of
 * Postgres, stands beside the clock, which says little on a machine that does other work.
 */
const usage = `npm run bench:api -- [exceptions] [events]
  100000 exceptions, seen 5000000 times in all, unless told otherwise`;
const given = benchArguments(usage, {}, { allowPositionals: true });
const [exceptions = 100_000, events = 5_000_000] = given?.positionals.map(Number) ?? [];
const rounds = 40;
const goalMs = 200;

/** As runsSql makes it. */
function runId(control: string, period: string, seq: number): string {
  const hash = createHash('md5').update(`${control}${period}${seq}`).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

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
  'what one run saw': `run=${runId('BN-01', '2026-01', 1)}`,
  'given to nobody, closed': 'assignee=nobody&state=closed',
};

/** A run of every control and period for each time an exception is seen. */
const runsSql = `
  insert into tieout.runs (run_id, control_id, control_title, control_version, entity_id,
    period_key, period_start, period_end, seq, cause, requested_by, as_of, outcome, attempts,
    started_at, recorded_at, step_ms, findings, findings_sha256, manifest_sha256,
    previous_manifest_sha256)
  select md5(control || period || n)::uuid, control, control, repeat('a', 64), 'bench', period,
    (period || '-01')::date, ((period || '-01')::date + interval '1 month')::date, n, 'scheduled',
    'bench', '2026-10-01', 'exceptions', 1, at, at, '{}', 1, repeat('b', 64),
    encode(sha256((control || period || n)::bytea), 'hex'),
    encode(sha256((control || period || n || 'before')::bytea), 'hex')
  from generate_series(1, $1::int) n, generate_series(1, 40) c, generate_series(1, 9) p,
    lateral (select 'BN-' || lpad(c::text, 2, '0') as control,
      '2026-' || lpad(p::text, 2, '0') as period, timestamptz '2026-08-01' + n * interval '1 day'
      as at) t`;
const exceptionsSql = `
  insert into tieout.exceptions (exception_id, fingerprint, control_id, entity_id, period_key,
    procedure, code, key, currency, severity, left_amount, difference, impact, explanation,
    facts_sha256, first_seen_run, first_seen_at, last_seen_run, last_seen_at, due_on, state,
    cleared_run, cleared_at)
  select gen_random_uuid(), encode(sha256(i::text::bytea), 'hex'),
    'BN-' || lpad((i % 40 + 1)::text, 2, '0'), 'bench',
    '2026-' || lpad((i % 9 + 1)::text, 2, '0'),
    'left-to-right', 'BN01-LEFT', jsonb_build_object('invoice_id', 'in_' || i), 'USD',
    (array['low', 'medium', 'high', 'critical'])[i % 4 + 1], i % 9973, i % 9973, i % 9973,
    'Invoice in_' || i || ' of customer ' || i % 1000 || ' is not in the ledger.', 'f',
    gen_random_uuid(), at, gen_random_uuid(), at, at::date + 5,
    case when i % 5 < 3 then 'open' else 'cleared' end,
    case when i % 5 < 3 then null else gen_random_uuid() end,
    case when i % 5 < 3 then null else at + interval '9 days' end
  from generate_series(1, $1::int) i,
    lateral (select timestamptz '2026-10-01' - i * interval '3 minutes' as at) t`;
const eventsSql = `
  insert into tieout.exception_events (exception_id, run_id, kind, at, from_state, to_state,
    severity, impact, explanation)
  select exception_id, md5(control_id || period_key || n)::uuid,
    case n when 1 then 'opened' else 'seen' end, first_seen_at + n * interval '1 day',
    case n when 1 then null else 'open' end, 'open', severity, impact,
    case n when 1 then explanation end
  from generate_series(1, $1::int) n, tieout.exceptions`;

/** What a table keeps beside its rows: dearer to keep row by row than to make again at the end. */
async function besideRows(owner: Client, table: string): Promise<{ drop: string; make: string }[]> {
  const { rows } = await owner.query<{ drop: string; make: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
       format('alter table %s add constraint %I %s', conrelid::regclass, conname,
         pg_get_constraintdef(oid)) as make
     from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u', 'f')
     union all
     select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
     from pg_index i where i.indrelid = $1::regclass
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
    [table],
  );
  return rows;
}

async function load(owner: Client): Promise<void> {
  const tables = ['tieout.runs', 'tieout.exceptions', 'tieout.exception_events'];
  await owner.query(`set maintenance_work_mem = '512MB'`);
  const kept = await besideRows(owner, 'tieout.exception_events');
  for (const { drop } of kept) await owner.query(drop);
  for (const table of tables) await owner.query(`alter table ${table} disable trigger user`);
  const sightings = Math.round(events / exceptions);
  await owner.query(runsSql, [sightings]);
  await owner.query(exceptionsSql, [exceptions]);
  await owner.query(eventsSql, [sightings]);
  for (const { make } of kept) await owner.query(make);
  for (const table of tables) await owner.query(`alter table ${table} enable trigger user`);
  await owner.query(`vacuum (analyze) ${tables.join(', ')}`);
  await owner.query('checkpoint').catch(() => undefined); // the owner may not on every server
}

/** Milliseconds of each round of one address, shortest first. */
async function measure(
  url: string,
  postmaster: string | null,
): Promise<{ ms: number[]; rows: number; nodeMs: number; postgresMs: number }> {
  const ms: number[] = [];
  let rows = 0;
  await (await fetch(url)).text(); // connections, compiled code and statistics are there afterwards
  const postgres = (): number => (postmaster === null ? Number.NaN : postgresCpuMs(postmaster));
  const began = { node: process.cpuUsage(), postgres: postgres() };
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const answer = await fetch(url);
    const body = (await answer.json()) as { items?: unknown[] };
    ms.push(performance.now() - start);
    if (answer.status !== 200) throw new Error(`${url} was answered with ${answer.status}`);
    rows = body.items?.length ?? 0;
  }
  const { user, system } = process.cpuUsage(began.node);
  return {
    ms: ms.sort((a, b) => a - b),
    rows,
    nodeMs: (user + system) / 1000 / rounds,
    postgresMs: (postgres() - began.postgres) / rounds,
  };
}

/** Prints what one address took; its p95 in milliseconds. */
async function report(name: string, url: string, postmaster: string | null): Promise<number> {
  const { ms, rows, nodeMs, postgresMs } = await measure(url, postmaster);
  const p95 = ms[Math.ceil(rounds * 0.95) - 1] ?? 0;
  process.stdout.write(
    `${name.padEnd(26)} ${rows} rows  p50 ${(ms[rounds / 2] ?? 0).toFixed(0)} ms  ` +
      `p95 ${p95.toFixed(0)} ms  processor: Node ${nodeMs.toFixed(1)} ms, ` +
      `Postgres ${postgresMs.toFixed(1)} ms\n`,
  );
  return p95;
}

async function main(): Promise<void> {
  if (given === null) return;
  const dir = makeBenchFolder('api-bench');
  const { config, database } = await openBenchWorkspace(dir);
  try {
    const owner = await database.owner();
    await owner.query('set statement_timeout = 0');
    const began = performance.now();
    await load(owner);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const postmaster = await postmasterOf(owner);
    await owner.end();
    const server = await startServer({
      config: { ...config, server: { host: '127.0.0.1', port: 0 } },
      database,
      catalog: { dir, controls: [], problems: [] },
      clock: new SystemClock(),
      logger: createLogger({ level: 'error' }),
    });
    process.stdout.write(
      `${exceptions} exceptions, ${events} events, loaded in ${seconds} s; ${rounds} rounds each\n`,
    );
    let worst = 0;
    for (const [name, query] of Object.entries(filters)) {
      const address = `${server.url}/api/v1/exceptions?limit=50&${query}`;
      worst = Math.max(worst, await report(name, address, postmaster));
    }
    process.stdout.write(`worst p95 ${worst.toFixed(0)} ms; goal ${goalMs} ms\n`);
    await report('(the overview)', `${server.url}/api/v1/overview`, postmaster);
    await server.close();
    process.exitCode = worst < goalMs ? 0 : 1;
  } finally {
    await database.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

void main();
