import { DayWatch } from '../../src/exceptions/day-watch';
import { EntityDays } from '../../src/platform/entity-days';
import { createLogger } from '../../src/platform/logger';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ordersCsv } from '../support/workbench';
import { clockAt, openApiBench, type ApiBench } from './api-bench';
import { addPerson, signIn, type Browser } from './signed-in';
import { unzip } from './unzip';

let database: TestDatabase;
let api: ApiBench;
let both: Browser;
let reviewer: Browser;
let auditor: Browser;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
  const browserOf = async (...roles: Parameters<typeof addPerson>[1][]): Promise<Browser> =>
    signIn(api, database, (await addPerson(database, ...roles)).email);
  both = await browserOf({ role: 'preparer' }, { role: 'reviewer' });
  reviewer = await browserOf({ role: 'reviewer' });
  const window = { start: '2026-01-01', end: '2027-01-01' };
  auditor = await browserOf({ role: 'auditor', window });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const unpaidOf = async (period: string): Promise<Record<string, unknown>> => {
  const { body } = await both.get(`exceptions?period=${period}&code=CA90-UNPAID`);
  return (body.items as Record<string, unknown>[])[0] ?? {};
};

test('an expected difference closes what it explains once another person approves it', async () => {
  await api.run({ period: '2026-01' });
  const { exception_id: id } = await unpaidOf('2026-01');
  const order = {
    exception_id: id,
    amount: '30',
    label: 'Order c is paid by barter',
    owner: both.me['person_id'],
    valid_until: new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10),
    reason: 'agreed in contract 7',
  };
  const made = await both.post('reconciling-items', order);
  const [item] = made.body.items as { item_id: string; state: string }[];
  expect([made.status, item?.state]).toEqual([201, 'proposed']);
  const decide = (who: Browser, what: string) =>
    who.post(`reconciling-items/${item?.item_id}/${what}`, { reason: 'as agreed' });
  expect((await decide(both, 'approve')).body.code).toBe('same_person');
  expect((await unpaidOf('2026-01'))['state']).toBe('open');
  expect((await decide(reviewer, 'approve')).body.items).toMatchObject([
    { state: 'active', explains: '1' },
  ]);
  expect(await unpaidOf('2026-01')).toMatchObject({
    state: 'closed',
    disposition: 'reconciling_item',
  });

  // Another period finds the same: it opens closed. More than was expected does not.
  await api.run({ period: '2026-02' });
  expect((await unpaidOf('2026-02'))['state']).toBe('closed');
  // At risk is what b is short by, in two months; not what is expected.
  expect((await both.get('overview')).body.at_risk).toMatchObject([
    { currency: 'USD', exceptions: '2', impact: '2' },
  ]);
  api.bench.write('orders.csv', ordersCsv([['c', '30.01']]));
  await api.bench.run({ period: '2026-03' });
  expect((await unpaidOf('2026-03'))['state']).toBe('open');

  await decide(reviewer, 'revoke');
  await api.run({ period: '2026-02', reason: 'the item ended' });
  expect(await unpaidOf('2026-02')).toMatchObject({ state: 'open', reopened: 1 });
});

test('the database lets nobody approve what they made', async () => {
  await expect(
    database.app.raw(
      `update tieout.reconciling_items set revoked_by = null, revoked_at = null,
         revoked_event = null`,
    ),
  ).rejects.toThrow('is not changed');
  await expect(
    database.app.raw(`update tieout.reconciling_items set amount = 1000000`),
  ).rejects.toThrow('permission');
});

test('an auditor takes lists away as files, in which no cell is a formula', async () => {
  await api.run({ period: '2026-04' });
  const { body } = await both.get('exceptions?period=2026-04&code=CA90-UNPAID');
  const [{ exception_id: id }] = body.items as [{ exception_id: string }];
  await both.post(`exceptions/${id}/comments`, { text: '=HYPERLINK("http://evil")' });
  const csv = (await auditor.get('audit/export?action=exceptions.commented')).text;
  expect(csv).toContain(`"'=HYPERLINK(""http://evil"")"`);
  const sheet = await auditor
    .get('exceptions/export?format=xlsx&period=2026-04&sort=impact')
    .responseType('blob');
  const xml =
    unzip(sheet.body as Buffer)
      .get('xl/worksheets/sheet1.xml')
      ?.toString('utf8') ?? '';
  expect(xml).toContain('<c s="1"><v>30</v></c>');
  expect(xml).not.toContain('<f>');
  expect(xml.match(/<row>/g)).toHaveLength(3);
  expect((await auditor.post(`exceptions/${id}/comments`, { text: 'x' })).status).toBe(403);
});

test('what is past its due date is escalated once, and once more a week later', async () => {
  await api.run({ period: '2026-05' });
  const logger = createLogger({ level: 'error' });
  const later = (days: number): DayWatch => {
    const clock = clockAt(new Date(Date.now() + days * 86_400_000).toISOString());
    const own = new EntityDays(api.bench.config, clock);
    return new DayWatch({ app: database.app, clock, days: own, logger });
  };
  const open = (await both.get('exceptions?state=open&limit=200')).body.items as unknown[];
  expect(await later(1).escalate()).toBe(0);
  expect(await later(17).escalate()).toBe(open.length);
  expect(await later(17).escalate()).toBe(0);
  expect(await later(40).escalate()).toBe(open.length);
  expect(await later(80).escalate()).toBe(0);
  expect(await unpaidOf('2026-05')).toMatchObject({ escalations: 2, state: 'open' });
});
