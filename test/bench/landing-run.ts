import { syncFiles } from '../../src/sources/sync-files-to-books';
import { syncWarehouse } from '../../src/sources/warehouse/sync-warehouse';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import type { LandingKind, LandingTable } from './landing-data';
import { openLandingWorkspace, type LandingWorkspace } from './landing-workspace';
import { postgresCpuMs, postmasterOf } from './processor-time';

export interface LandingReport {
  ms: number;
  rows: string;
  inserted: string;
  changed: string;
  stepMs: Record<string, number>;
  peakRssMb: number;
  nodeCpuMs: number;
  postgresCpuMs: number | null;
}

/** One sync in a process of its own, whose peak memory is that of the landing. */
async function main(dir: string, kind: LandingKind, table: LandingTable): Promise<void> {
  const workspace = await openLandingWorkspace(dir, kind, table);
  const owner = await workspace.database.owner();
  try {
    const postmaster = await postmasterOf(owner);
    const postgres = postmaster === null ? null : postgresCpuMs(postmaster);
    const cpu = process.cpuUsage();
    const started = performance.now();
    const landed = await landOne(workspace, kind);
    const { user, system } = process.cpuUsage(cpu);
    const report: LandingReport = {
      ms: Math.round(performance.now() - started),
      ...landed,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      nodeCpuMs: Math.round((user + system) / 1000),
      postgresCpuMs:
        postmaster === null || postgres === null ? null : postgresCpuMs(postmaster) - postgres,
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } finally {
    await owner.end();
    await workspace.database.stop();
    await workspace.server.stop();
  }
}

async function landOne(
  { config, database }: LandingWorkspace,
  kind: LandingKind,
): Promise<Pick<LandingReport, 'rows' | 'inserted' | 'changed' | 'stepMs'>> {
  const clock = new SystemClock();
  if (kind !== 'warehouse') {
    const logger = createLogger({ level: 'error' });
    const [landing] = await syncFiles(config, database, { logger, clock });
    if (!landing) throw new Error('no file was landed');
    const { rows, inserted, changed, stepMs } = landing;
    return { rows, inserted, changed, stepMs };
  }
  const warehouse = config.sources.warehouse.dwh;
  if (!warehouse) throw new Error('no warehouse is declared');
  const { tables } = await syncWarehouse(database, 'dwh', warehouse, {
    clock,
    entities: ['bench'],
  });
  const [table] = tables;
  if (table?.status !== 'landed') throw new Error(JSON.stringify(table));
  const { rows, inserted, changed, stepMs } = table;
  return { rows, inserted, changed, stepMs };
}

const [dir = '', kind, table] = process.argv.slice(2);
void main(dir, kind as LandingKind, table as LandingTable);
