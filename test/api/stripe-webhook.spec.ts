import Stripe from 'stripe';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openStripeBench, type StripeBench } from '../support/stripe-account';
import { openApiBench, type ApiBench } from './api-bench';

const secret = 'whsec_Tq8Vn2Lk5Xw9Rb3Z';
const since = '2025-06-01';

let database: TestDatabase;
let stripe: StripeBench;
let api: ApiBench;
beforeAll(async () => {
  database = await createTestDatabase();
  stripe = await openStripeBench({ now: '2025-07-03T09:00:00.000Z', since });
  const ie = { ...stripe.account.config, webhook_secret: secret };
  const silent = { ...ie, webhook_secret: undefined };
  const sources = { files: {}, salesforce: {}, warehouse: {}, stripe: { ie, silent } };
  api = await openApiBench(database, {}, { sources });
}, 120_000);
afterAll(async () => {
  await api.close();
  await stripe.standIn.stop();
  await database.drop();
});

const nowS = (): number => Math.floor(Date.now() / 1000);

async function send(event: object, how: { to?: string; at?: number; by?: string } = {}) {
  const payload = JSON.stringify(event);
  const header = Stripe.webhooks.generateTestHeaderString({
    ...{ payload, secret: how.by ?? secret, timestamp: how.at ?? nowS() },
  });
  const { status, body } = await api.agent
    .post(`/webhooks/stripe/${how.to ?? 'ie'}`)
    .set('Content-Type', 'application/json')
    .set('Stripe-Signature', header)
    .send(payload);
  return { status, code: (body as { code?: string }).code };
}

const hints = async (): Promise<string[]> => {
  const { rows } = await database.app.raw<{ rows: { id: string }[] }>(
    `select object || ' ' || object_id as id from tieout.stripe_hints order by 1`,
  );
  return rows.map(({ id }) => id);
};

const about = (object: string, id: string): object => ({
  object: 'event',
  data: { object: { object, id, created: 1_750_000_000, customer_email: 'person@example.com' } },
});

test('only what the secret of that account signed lately is heard', async () => {
  const event = about('invoice', 'in_1');
  expect(await send(event, { by: 'whsec_other' })).toEqual({
    ...{ status: 400, code: 'signature_refused' },
  });
  expect(await send(event, { at: nowS() - 301 })).toMatchObject({ status: 400 });
  for (const to of ['silent', 'nobody', '__proto__'])
    expect(await send(event, { to })).toEqual({ status: 404, code: 'not_found' });
  expect(await hints()).toEqual([]);

  expect(await send(event)).toMatchObject({ status: 204 });
  expect(await send(event)).toMatchObject({ status: 204 });
  expect(await send({ object: 'event', data: {} })).toMatchObject({ status: 204 });
  expect(await hints()).toEqual(['invoice in_1']);
});

test('the next sync asks for what was named, and forgets it', async () => {
  await stripe.sync(database);
  stripe.clock.move(15);
  await stripe.sync(database);
  const item = stripe.records.find(
    ({ collection, created }) =>
      collection === 'invoiceitems' && created * 1000 > Date.parse(since),
  );
  const id = item?.id ?? '';
  stripe.standIn.remove(id);
  const held = async (): Promise<number> => {
    const sql = 'select from books.invoice_items where invoice_item_id = ?';
    return (await database.app.raw<{ rows: unknown[] }>(sql, [id])).rows.length;
  };

  stripe.clock.move(15);
  await stripe.sync(database);
  expect(await held()).toBe(1); // its window was read this night already
  expect(await send(about('invoiceitem', id))).toMatchObject({ status: 204 });
  await database.app.raw('update tieout.stripe_hints set hinted_at = ?', [stripe.clock.now()]);
  stripe.clock.move(15);
  await stripe.sync(database);
  expect(await held()).toBe(0);
  expect(await hints()).toEqual([]);
}, 240_000);
