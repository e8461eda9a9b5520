import type { Knex } from 'knex';
import { AlertOutbox, type Enqueued } from '../../src/alerts/alert-outbox';
import { loadCatalog } from '../../src/catalog/load-catalog';
import type { RunAlert } from '../../src/core/run-alert';
import { SystemClock } from '../../src/platform/clock';
import { loadConfig } from '../../src/platform/config';
import { assembleDatabase, embeddedSettings } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import { RunsStore } from '../../src/runs/record/runs.store';
import type { RunProgress, RunRequest } from '../../src/runs/run-types';

/** Where the process ends itself: on entering a step, between two writes, or around the commit. */
export const killPoints = [
  'claim',
  'gate',
  'freeze',
  'frozen',
  'evaluate',
  'record',
  'before-commit',
  'after-commit',
] as const;
/** Besides, with findings in the database and the run that found them not. */
export type KillPoint = (typeof killPoints)[number] | 'findings-taken';

export interface CrashOrder {
  configFile: string;
  controls: string;
  /** Folder of the socket of the server, its port, and the database in it. */
  connection: { host: string; port: number };
  database: string;
  request: RunRequest;
  at: KillPoint;
}

/** No handler, no finally, no flush: as a power cut would. */
const die = (): void => void process.kill(process.pid, 'SIGKILL');

/** Says everything that the run says, and dies before the transaction of the record commits. */
class DyingOutbox extends AlertOutbox {
  override async enqueue(trx: Knex.Transaction, alert: RunAlert): Promise<Enqueued> {
    const enqueued = await super.enqueue(trx, alert);
    die();
    return enqueued;
  }
}

/** Dies before the first row of the run itself. */
class DyingRuns extends RunsStore {
  override async lockChain(): Promise<string | null> {
    die();
    return Promise.resolve(null);
  }
}

/** A process of its own that runs one control and kills itself on the way. Argument: the order. */
async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '{}') as CrashOrder;
  const logger = createLogger({ level: 'error' });
  const { connection } = order;
  const database = assembleDatabase({
    settings: embeddedSettings({ connection, location: '', stop: async () => {} }, order.database),
    statementMs: 60_000,
    location: '',
    logger,
  });
  const clock = new SystemClock();
  const dependencies = runDependencies({
    config: loadConfig({}, order.configFile),
    database,
    catalog: await loadCatalog(order.controls),
    clock,
    logger,
  });
  if (order.at === 'before-commit') dependencies.outbox = new DyingOutbox(clock);
  if (order.at === 'findings-taken') dependencies.runs = new DyingRuns();
  const progress: RunProgress = {
    step: (step) => step === order.at && die(),
    frozen: () => order.at === 'frozen' && die(),
  };
  await runControl(order.request, dependencies, progress);
  // Recorded and not yet answered for: whoever asked for the run will never hear of it.
  die();
}

if (require.main === module) void main();
