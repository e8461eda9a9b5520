import { loadCatalog } from '../../src/catalog/load-catalog';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import { openBenchWorkspace } from './bench-workspace';

/** One governed run in a process of its own, whose peak memory is that of the run. */
async function main(dir: string, period: string): Promise<void> {
  const { config, database } = await openBenchWorkspace(dir);
  try {
    const catalog = await loadCatalog(`${dir}/controls`);
    const logger = createLogger({ level: 'error' });
    const clock = new SystemClock();
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
    const report = {
      ms: Math.round(performance.now() - started),
      stepMs: run.stepMs,
      outcome: run.outcome,
      reason: run.reason,
      findings: run.findings,
      statement: run.statements[0]?.currencies[0],
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } finally {
    await database.stop();
  }
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
