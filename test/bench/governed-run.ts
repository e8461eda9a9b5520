import { loadCatalog } from '../../src/catalog/load-catalog';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import type { Config } from '../../src/platform/config';
import type { Database } from '../../src/platform/database/open-database';
import { openBenchWorkspace } from './bench-workspace';
import { postgresCpuMs, postmasterOf } from './processor-time';

export interface GovernedReport {
  ms: number;
  stepMs: Record<string, number>;
  outcome: string;
  reason: string | null;
  findings: number;
  peakRssMb: number;
  /** Of this process, its DuckDB included. */
  nodeCpuMs: number;
  postgresCpuMs: number | null;
}

/**
 * Governed runs in a process of their own, whose peak memory is that of the runs. The first is what
 * a command costs that is started for one run; those after it, what one costs in a server.
 */
async function main(dir: string, periods: readonly string[]): Promise<void> {
  const { config, database } = await openBenchWorkspace(dir);
  const owner = await database.owner();
  try {
    const postmaster = await postmasterOf(owner);
    const reports: GovernedReport[] = [];
    for (const period of periods)
      reports.push(await governedRun({ config, database, postmaster }, period));
    process.stdout.write(`${JSON.stringify(reports)}\n`);
  } finally {
    await owner.end();
    await database.stop();
  }
}

async function governedRun(
  {
    config,
    database,
    postmaster,
  }: { config: Config; database: Database; postmaster: string | null },
  period: string,
): Promise<GovernedReport> {
  const catalog = await loadCatalog(`${config.baseDir}/controls`);
  const logger = createLogger({ level: 'error' });
  const clock = new SystemClock();
  const postgresCpu = (): number | null => (postmaster === null ? null : postgresCpuMs(postmaster));
  const postgres = postgresCpu();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const run = await runControl(
    {
      control: 'BN-01',
      entity: 'bench',
      period,
      asOf: '2026-07-01',
      cause: 'requested',
      reason: null,
      requestedBy: 'bench',
    },
    runDependencies({ config, database, catalog, clock, logger }),
    { step: () => undefined, frozen: () => undefined },
  );
  const { user, system } = process.cpuUsage(cpu);
  return {
    ms: Math.round(performance.now() - started),
    stepMs: run.stepMs,
    outcome: run.outcome,
    reason: run.reason,
    findings: run.findings,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    nodeCpuMs: Math.round((user + system) / 1000),
    postgresCpuMs: postgres === null ? null : (postgresCpu() ?? 0) - postgres,
  };
}

void main(process.argv[2] ?? '', process.argv.slice(3));
