import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { monthOf } from '../../src/sandbox/kit/instants';
import type { Config } from '../../src/platform/config';
import { sourcesSchema } from '../../src/platform/source-config';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import { northwindAtRest } from '../../src/sandbox/northwind/northwind-config';
import { serveWorld, type ServedWorld } from '../../src/sandbox/serve/serve-world';
import { entities } from '../../src/sandbox/truth/company';
import { FolderSink } from '../../src/sandbox/world/folder-sink';
import { generateWorld } from '../../src/sandbox/world/generate-world';
import { worldOrders, type WorldWish } from '../../src/sandbox/world/world-request';
import { syncStripe } from '../../src/sources/stripe/sync-stripe';
import { syncApis } from '../../src/sources/sync-apis';
import { createTestDatabase, type TestDatabase } from '../support/database';

const wish: WorldWish = {
  ...{ seed: '5', scale: 0.002, now: '2024-10-03T13:05:00Z', lookAlikes: true },
  ...{ injections: ['A44'], magnitude: 'high', where: 'anywhere' },
};
const asOf = '2024-10-01';

let folder: string;
let database: TestDatabase;
let served: ServedWorld;
let config: Config;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tieout-verdict-'));
  chmodSync(folder, 0o755);
  const sink = new FolderSink(path.join(folder, 'world'), wish);
  generateWorld(worldOrders(wish), sink);
  sink.close();
  served = await serveWorld(path.join(folder, 'world'));
  database = await createTestDatabase();
  const { stripe } = served;
  const account = (entity: 'ni-us' | 'ni-ie') => ({
    ...{ entity, key: stripe.keys[entity], api_url: stripe.url, since: '2024-06-30' },
    requests_per_second: 100,
  });
  const sources = sourcesSchema.parse({ stripe: { us: account('ni-us'), ie: account('ni-ie') } });
  config = { ...northwindAtRest('error'), sources, data_dir: path.join(folder, 'data') };
});
afterAll(async () => {
  await served.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const logger = createLogger({ level: 'error' });

async function sync(): Promise<void> {
  const { clock } = served;
  const came = await syncApis(config, database, { clock, logger, progress: () => undefined });
  expect(came.filter((one) => 'failed' in one)).toEqual([]);
}

interface Planted {
  code: string;
  key: string;
}

/** What was planted, and the entity and month of its books. */
function planted(): { expected: Planted[]; entity: 'ni-us' | 'ni-ie'; period: string } {
  const [, ...rows] = readFileSync(path.join(folder, 'world/truth/expected_findings.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  const expected = rows.map((row) => {
    const [, , , code = '', key = ''] = row.split(',');
    return { code, key };
  });
  for (const { id, zone } of Object.values(entities)) {
    const text = readFileSync(path.join(folder, 'world/stripe', id, 'invoices.jsonl'), 'utf8');
    for (const line of text.trimEnd().split('\n')) {
      const invoice = JSON.parse(line) as {
        id: string;
        status_transitions: { finalized_at: number };
      };
      if (invoice.id === expected[0]?.key)
        return {
          ...{ expected, entity: id },
          period: monthOf(zone.dayOf(invoice.status_transitions.finalized_at)),
        };
    }
  }
  throw new Error('what was planted is in no account');
}

test('what was planted is found through the real SDKs, once its windows are closed', async () => {
  const { expected, entity, period } = planted();
  const catalog = await loadCatalog(path.resolve('controls'));
  const { clock } = served;
  const run = () =>
    runControl(
      {
        ...{ control: 'IN-01', entity, period, asOf, cause: 'requested' as const },
        ...{ reason: 'a test', requestedBy: 'test' },
      },
      runDependencies({ config, database, clock, logger, catalog }),
      { step: () => undefined, frozen: () => undefined },
    );
  await sync();
  const early = await run();
  expect(early).toMatchObject({ outcome: 'not_evaluated' });
  expect(early.reason).toContain('it was read once; a second read must give the same ids');
  served.clock.forward(15 * 60_000);
  await sync();
  expect(await run()).toMatchObject({ outcome: 'exceptions' });
  const found = await database.app.raw<{ rows: { code: string; key: Record<string, string> }[] }>(
    'select code, key from tieout.exceptions order by code',
  );
  const byCode = [...expected].sort((a, b) => (a.code < b.code ? -1 : 1));
  expect(found.rows.map(({ code, key }) => ({ code, key: key.invoice_id }))).toEqual(byCode);

  // Everything delivered once more, and the control run again: nothing is new (CONTROLS §5.2).
  const known = await told();
  expect(known.versions).toBeGreaterThan(0);
  await syncAgain();
  expect(await run()).toMatchObject({ outcome: 'exceptions' });
  const again = await told();
  expect(again).toEqual({ ...known, runs: known.runs + 1 });
  expect(again.digests).toHaveLength(1);
}, 180_000);

/** What books, record and queue of messages hold, and what runs with findings found. */
async function told() {
  const { rows } = await database.app.raw<{
    rows: {
      versions: number;
      runs: number;
      exceptions: string;
      messages: number;
      replies: number;
    }[];
  }>(
    `select (select count(*)::int from books.raw_objects) as versions,
       (select count(*)::int from tieout.runs) as runs,
       (select string_agg(exception_id || ' ' || state, ',' order by exception_id)
        from tieout.exceptions) as exceptions,
       (select count(*)::int from tieout.alerts) as messages,
       (select count(*)::int from tieout.alert_outbox where kind = 'reply') as replies`,
  );
  const digests = await database.app.raw<{ rows: { sha256: string }[] }>(
    `select distinct findings_sha256 as sha256 from tieout.runs where outcome = 'exceptions'`,
  );
  const [counts] = rows;
  if (!counts) throw new Error('an aggregate gives one row');
  return { ...counts, digests: digests.rows };
}

/** Reads both accounts from their beginning, whatever is closed. */
async function syncAgain(): Promise<void> {
  const { clock } = served;
  for (const [name, account] of Object.entries(config.sources.stripe)) {
    const entity = config.entities.find(({ id }) => id === account.entity);
    const bookZone = entity?.time_zone ?? 'UTC';
    const of = { name, config: account, entity: { entityId: account.entity, bookZone } };
    const { problems } = await syncStripe(database, of, { clock, logger, full: true });
    expect(problems).toEqual([]);
  }
}
