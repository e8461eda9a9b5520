import type { Clock } from '../../src/platform/clock';
import { assembleDatabase, embeddedSettings } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import { syncStripe, type StripeAccount } from '../../src/sources/stripe/sync-stripe';

export interface SyncOrder {
  account: StripeAccount;
  /** Folder of the socket of the server, its port, and the database in it. */
  connection: { host: string; port: number };
  database: string;
  /** What time it is, throughout. */
  now: string;
  /** The look at the clock at which the process ends itself; null lets it live. */
  dieAt: number | null;
}

/** A sync of one account in a process of its own, which prints how often it looked at the clock. */
async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '{}') as SyncOrder;
  const { account, connection, dieAt } = order;
  const logger = createLogger({ level: 'error' });
  const database = assembleDatabase({
    settings: embeddedSettings({ connection, location: '', stop: async () => {} }, order.database),
    ...{ statementMs: 60_000, location: '', logger },
  });
  let looks = 0;
  const clock: Clock = {
    now: () => {
      looks += 1;
      // No handler, no finally, no flush: as a power cut would.
      if (looks === dieAt) process.kill(process.pid, 'SIGKILL');
      return order.now;
    },
  };
  const sleep = (): Promise<void> => Promise.resolve();
  await syncStripe(database, account, { clock, logger, sleep });
  await database.stop();
  process.stdout.write(String(looks));
}

if (require.main === module) void main();
