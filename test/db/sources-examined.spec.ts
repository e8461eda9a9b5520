import { loadConfig, type Config } from '../../src/platform/config';
import type { Diagnosis } from '../../src/cli/doctor/diagnosis';
import { examineSources } from '../../src/cli/doctor/examine-sources';
import { sourcesOverview, sourceWindows } from '../../src/sources/sources.contract';
import { SourcesQueries } from '../../src/sources/sources.queries';
import { rebuildSources } from '../../src/sources/rebuild-sources';
import { syncSalesforce } from '../../src/sources/salesforce/sync-salesforce';
import { recordSourceAccount } from '../../src/books/source-accounts';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';
import { entities, openOrg, orgRecords, type TestOrg } from '../support/salesforce-org';
import { openStripeBench, type StripeBench } from '../support/stripe-account';

const now = '2025-07-03T09:00:00.000Z';

let database: TestDatabase;
let stripe: StripeBench;
let org: TestOrg;
let config: Pick<Config, 'sources' | 'entities'>;
beforeAll(async () => {
  database = await createTestDatabase();
  stripe = await openStripeBench({ now, since: '2025-06-01' });
  org = await openOrg(orgRecords('1', 0.002), {}, now);
  const sources = {
    ...{ files: {}, warehouse: {} },
    stripe: { ie: stripe.account.config },
    salesforce: { main: org.config },
  };
  config = { entities: entities.map(configured), sources };
  await stripe.sync(database);
  stripe.clock.move(15);
  await stripe.sync(database);
  const read = await syncSalesforce(database, org.config, org.means);
  const since = { since: '2025-06-01', entityIds: ['ni-ie'] };
  const { clock } = stripe;
  const ie = { source: 'stripe', name: 'ie', account: 'ie', ...since } as const;
  await recordSourceAccount(database, ie, { clock });
  const main = { source: 'salesforce', name: 'main', account: read.account, ...since } as const;
  await recordSourceAccount(database, main, { clock });
}, 240_000);
afterAll(async () => {
  await stripe.standIn.stop();
  await org.server.stop();
  await database.drop();
});

const configured = (entity: (typeof entities)[number]): Config['entities'][number] => {
  const [any] = loadConfig({}, 'examples/two-files/tieout.yaml').entities;
  if (any === undefined) throw new Error('the example has an entity');
  return { ...any, ...entity, name: entity.id };
};

async function examined(): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for await (const one of examineSources(config, stripe.clock)) found.push(one);
  // The stand-ins date their answers by this machine, which is past their company's days.
  return found.filter(({ message }) => !/clock/.test(message));
}

test('what was read is shown by stream and by window', async () => {
  const queries = new SourcesQueries(database.app);
  const overview = sourcesOverview.parse(await queries.overview());
  const invoices = overview.streams.find(({ object }) => object === 'invoice');
  expect(invoices).toMatchObject({
    ...{ source: 'stripe', name: 'ie', closed_through: '2025-07-03T00:00:00.000000Z' },
  });
  expect(invoices?.open_because).toMatch(/^it ends at 2025-07-04/);
  const query = { source: 'stripe', name: 'ie', object: 'balance_transaction' } as const;
  const { windows } = sourceWindows.parse({ windows: await queries.windows(query) });
  const june = windows.find(({ from_at: from }) => from === '2025-06-01T00:00:00.000000Z');
  expect(june).toMatchObject({ state: 'closed', reads: '2', source_total: 'agrees' });
  expect(june?.source_totals).toEqual(june?.totals);
});

test('the raw payloads give the same books again; a row that was changed is named', async () => {
  const rebuild = () => rebuildSources(config, database, { clock: stripe.clock, check: true });
  const sound = await rebuild();
  expect(sound.map(({ name, differences }) => [name, differences])).toEqual([
    ['main', '0'],
    ['ie', '0'],
  ]);
  expect(sound.every(({ rows }) => BigInt(rows) > 100n)).toBe(true);

  await asSuperuser(
    database.server,
    `set session_replication_role = replica;
     update books.invoice_versions set total = total + 1
     where invoice_id = (select min(invoice_id) from books.invoices)`,
    database.name,
  );
  const broken = await rebuild();
  expect(broken.map(({ listed }) => listed)).toEqual([
    [],
    [expect.objectContaining({ table: 'invoices', kind: 'differs' })],
  ]);
});

test('credentials that can only read are found to be what they should be', async () => {
  const found = await examined();
  expect(found.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(found.filter(({ status }) => status === 'ok').map(({ about }) => about)).toEqual([
    'Salesforce main',
    'Stripe ie',
  ]);
});

test('a key that can write, and an org that cannot be signed in to, are failures', async () => {
  const { key } = stripe.account.config;
  stripe.account.config.key = stripe.writer;
  const { auth } = org.config;
  org.config.auth = { flow: 'client_credentials', client_id: 'tieout', client_secret: 'wrong' };
  const found = await examined();
  stripe.account.config.key = key;
  org.config.auth = auth;
  const failed = found.filter(({ status }) => status === 'fail');
  expect(failed.map(({ about }) => about)).toEqual(['Salesforce main', 'Stripe ie']);
  expect(failed[1]?.message).toBe('The key can change objects of the account: charge.');
  expect(failed[0]?.remedy).toMatch(/^Check the connected app/);
});
