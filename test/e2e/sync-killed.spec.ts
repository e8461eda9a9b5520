import { execFile } from 'node:child_process';
import * as path from 'node:path';
import fc from 'fast-check';
import { rebuildBooks } from '../../src/books/rebuild-books';
import { closedCoverage } from '../../src/books/source-windows';
import { stripeStreams } from '../../src/sources/stripe/streams';
import { stripeDeriveJob } from '../../src/sources/stripe/sync-stripe';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  heldByBooks,
  heldByWorld,
  openStripeBench,
  type StripeBench,
} from '../support/stripe-account';
import type { SyncOrder } from '../support/sync-child';

const since = '2025-06-24';
const kills = 20;

let database: TestDatabase;
let bench: StripeBench;
beforeAll(async () => {
  database = await createTestDatabase();
  bench = await openStripeBench({ now: '2025-07-03T09:00:00.000Z', since });
}, 120_000);
afterAll(async () => {
  await bench.standIn.stop();
  await database.drop();
});

/** How often a sync looked at the clock, or 'SIGKILL' when it died on the way. */
function syncElsewhere(dieAt: number | null, into = database): Promise<number | string> {
  const support = path.join(__dirname, '..', 'support');
  const order: SyncOrder = {
    ...{ account: bench.account, now: bench.clock.now(), dieAt },
    ...{ connection: into.server.connection, database: into.name },
  };
  const args = ['--require', path.join(support, 'typescript.js')];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...args, path.join(support, 'sync-child.ts'), JSON.stringify(order)],
      (failed, stdout, stderr) => {
        if (failed?.signal === 'SIGKILL') resolve('SIGKILL');
        else if (failed) reject(new Error(stderr));
        else resolve(Number.parseInt(stdout, 10));
      },
    );
  });
}

test('a sync killed at twenty moments loses nothing, and the next ones prove it', async () => {
  const other = await createTestDatabase();
  const looks = Number(await syncElsewhere(null, other));
  await other.drop();
  expect(looks).toBeGreaterThan(100);
  // Seeded. Drawn from its first third, since one that goes on after a death has less to do.
  const moment = fc.integer({ min: 1, max: Math.ceil(looks / 3) });
  const moments = fc.sample(moment, { seed: 20, numRuns: kills });
  let died = 0;
  for (const dieAt of moments) {
    bench.clock.move(1);
    if ((await syncElsewhere(dieAt)) === 'SIGKILL') died += 1;
  }
  expect(died).toBeGreaterThan(kills / 2);

  for (let n = 0; n < 3; n += 1) {
    bench.clock.move(15);
    await bench.sync(database);
  }
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, since));
  for (const { object } of stripeStreams) {
    const of = { source: 'stripe', account: 'ie', object };
    const { closedThrough } = await closedCoverage(database.app, of, since);
    expect([object, closedThrough.slice(0, 10)]).toEqual([object, '2025-07-03']);
  }
  const means = { clock: bench.clock, check: true };
  const rebuilt = await rebuildBooks(database, stripeDeriveJob(bench.account), means);
  expect(rebuilt).toMatchObject({ differences: '0', problems: '0' });
}, 600_000);
