import Stripe from 'stripe';
import { instantOf } from '../../kit/instants';
import { wireAmount } from '../../kit/units';
import type { EntityId } from '../../truth/company';
import { entities } from '../../truth/company';
import { specWorld } from '../stripe-spec-world';
import { MemoryStore } from '../store/memory-store';
import type { StandInAccount } from './keys';
import { startStripeStandIn, type StripeStandIn } from './start-stripe-stand-in';

const now = '2026-07-10T09:00:00Z';
const world = specWorld(0.004, now, 0.5);
const clock = { now: () => now };

const secret = 'sk_live_51NIusAllPowers9Q2x';
const reader = 'rk_live_51NIusInvoicesOnly4Zt7';
const writer = 'rk_live_51NIusWrites8Kd3';
const irish = 'sk_live_51NIieAllPowers5Wv1';
const accounts: StandInAccount[] = [
  {
    entity: 'ni-us',
    id: entities['ni-us'].stripeAccount,
    keys: [
      { secret, permissions: 'all' },
      { secret: reader, permissions: ['invoice_read'] },
      { secret: writer, permissions: ['customer_write'] },
    ],
  },
  {
    entity: 'ni-ie',
    id: entities['ni-ie'].stripeAccount,
    keys: [{ secret: irish, permissions: 'all' }],
  },
];

let standIn: StripeStandIn;
beforeAll(async () => {
  standIn = await startStripeStandIn({ store: new MemoryStore(world.records), accounts, clock });
});
afterAll(() => standIn.stop());

const sdk = (key = secret, config: Stripe.StripeConfig = {}): Stripe =>
  new Stripe(key, {
    ...{ host: standIn.host, port: standIn.port, protocol: 'http', maxNetworkRetries: 0 },
    ...config,
  });

const idsOf = (collection: string, entity: EntityId = 'ni-us'): string[] =>
  world.records
    .filter((record) => record.collection === collection && record.entity === entity)
    .map(({ id }) => id);
/** What customers share comes once. */
const distinct = (ids: readonly string[]): string[] => [...new Set(ids)].sort();

type Lister = (
  stripe: Stripe,
  params: Stripe.PaginationParams,
) => Stripe.ApiListPromise<{ id: string }>;

const lists: [string, Lister][] = [
  ['customers', (stripe, params) => stripe.customers.list(params)],
  ['products', (stripe, params) => stripe.products.list(params)],
  ['prices', (stripe, params) => stripe.prices.list(params)],
  ['coupons', (stripe, params) => stripe.coupons.list(params)],
  ['promotion_codes', (stripe, params) => stripe.promotionCodes.list(params)],
  ['subscriptions', (stripe, params) => stripe.subscriptions.list({ ...params, status: 'all' })],
  ['subscription_schedules', (stripe, params) => stripe.subscriptionSchedules.list(params)],
  ['invoices', (stripe, params) => stripe.invoices.list(params)],
  ['invoice_payments', (stripe, params) => stripe.invoicePayments.list(params)],
  ['invoiceitems', (stripe, params) => stripe.invoiceItems.list(params)],
  ['payment_intents', (stripe, params) => stripe.paymentIntents.list(params)],
  ['charges', (stripe, params) => stripe.charges.list(params)],
  ['refunds', (stripe, params) => stripe.refunds.list(params)],
  ['disputes', (stripe, params) => stripe.disputes.list(params)],
  ['credit_notes', (stripe, params) => stripe.creditNotes.list(params)],
  ['balance_transactions', (stripe, params) => stripe.balanceTransactions.list(params)],
  ['payouts', (stripe, params) => stripe.payouts.list(params)],
  ['events', (stripe, params) => stripe.events.list(params)],
  ['billing_meters', (stripe, params) => stripe.billing.meters.list(params)],
  ['credit_grants', (stripe, params) => stripe.billing.creditGrants.list(params)],
  [
    'credit_balance_transactions',
    (stripe, params) => stripe.billing.creditBalanceTransactions.list(params),
  ],
];

async function allOf(list: Lister, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of list(sdk(), { limit })) ids.push(id);
  return ids;
}

describe('lists', () => {
  test.each(lists)('%s pages through with no object missing or doubled', async (name, list) => {
    const expected = distinct(idsOf(name));
    for (const limit of [1, 3, 100]) {
      const ids = await allOf(list, limit);
      expect(ids).toHaveLength(expected.length);
      expect([...ids].sort()).toEqual(expected);
    }
  });

  test('come newest first, ten unless asked, and end where has_more says', async () => {
    const page = await sdk().invoices.list();
    expect([page.data.length, page.has_more, page.url]).toEqual([10, true, '/v1/invoices']);
    const created = page.data.map((invoice) => invoice.created);
    expect(created).toEqual([...created].sort((a, b) => b - a));
  });

  test('go back with ending_before as they went on with starting_after', async () => {
    const first = await sdk().charges.list({ limit: 7 });
    const after = first.data[6]?.id ?? '';
    const second = await sdk().charges.list({ limit: 7, starting_after: after });
    const before = second.data[0]?.id ?? '';
    const back = await sdk().charges.list({ limit: 7, ending_before: before });
    expect(back.data.map(({ id }) => id)).toEqual(first.data.map(({ id }) => id));
  });

  test('hold what a half-open range of created holds', async () => {
    const invoices = world.records.filter(
      ({ collection, entity }) => collection === 'invoices' && entity === 'ni-us',
    );
    const at = invoices[20]?.created ?? 0;
    const counts = await Promise.all(
      [{ gte: at }, { gt: at }, { lt: at }, { lte: at }].map(async (created) => {
        let count = 0;
        for await (const invoice of sdk().invoices.list({ created, limit: 100 }))
          count += invoice.object === 'invoice' ? 1 : 0;
        return count;
      }),
    );
    const [same, younger] = [
      invoices.filter(({ created }) => created === at).length,
      invoices.filter(({ created }) => created > at).length,
    ];
    const older = invoices.length - same - younger;
    expect(counts).toEqual([younger + same, younger, older, older + same]);
  });

  test('leave out cancelled subscriptions unless all are asked for', async () => {
    const subscriptions = world.worlds
      .filter(({ customer }) => customer.entity === 'ni-us')
      .flatMap(({ billing }) => billing.subscriptions);
    const canceled = subscriptions.filter(({ status }) => status === 'canceled').length;
    const count = async (status?: 'all' | 'canceled'): Promise<number> =>
      (await sdk().subscriptions.list({ limit: 100, ...(status ? { status } : {}) })).data.length;
    expect(canceled).toBeGreaterThan(0);
    expect(await count('canceled')).toBe(canceled);
    expect((await count('all')) - (await count())).toBe(canceled);
  });

  test('of a document give its lines in their order, beyond the ten inside it', async () => {
    const [long] = world.worlds
      .flatMap(({ billing }) => billing.invoices)
      .sort((a, b) => b.lines.length - a.lines.length);
    const key = world.worlds.some(
      ({ customer, billing }) =>
        customer.entity === 'ni-ie' && billing.invoices.some(({ id }) => id === long?.id),
    )
      ? irish
      : secret;
    const ids: string[] = [];
    for await (const line of sdk(key).invoices.listLineItems(long?.id ?? '', { limit: 2 }))
      ids.push(line.id);
    expect(ids).toEqual(long?.lines.map(({ id }) => id));
    const whole = await sdk(key).invoices.retrieve(long?.id ?? '');
    expect(whole.lines.data.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    expect(whole.lines.has_more).toBe(ids.length > 10);
  });

  test('of a payout hold its movements, and they come to its amount', async () => {
    const payouts = await sdk().payouts.list({ limit: 100 });
    const automatic = payouts.data.filter(
      ({ automatic: own, reconciliation_status: of }) => own && of === 'completed',
    );
    expect(automatic.length).toBeGreaterThan(5);
    for (const payout of automatic.slice(0, 5)) {
      let net = 0;
      for await (const movement of sdk().balanceTransactions.list({ payout: payout.id }))
        net += movement.net;
      expect(net).toBe(payout.amount);
    }
  });

  test('of the other account are its own', async () => {
    const ids: string[] = [];
    for await (const { id } of sdk(irish).customers.list({ limit: 100 })) ids.push(id);
    expect(ids.sort()).toEqual(distinct(idsOf('customers', 'ni-ie')));
  });
});

describe('objects', () => {
  test('show what is asked for by expand, and only then', async () => {
    const holder = world.worlds.find(({ billing }) =>
      billing.invoices.some(({ paidOffStripe }) => paidOffStripe > 0n),
    );
    const record = holder?.billing.invoices.find(({ paidOffStripe }) => paidOffStripe > 0n);
    const id = record?.id ?? '';
    const stripe = sdk(holder?.customer.entity === 'ni-ie' ? irish : secret);
    const plain = await stripe.invoices.retrieve(id);
    expect([plain.amount_paid_off_stripe, plain.payments]).toEqual([undefined, undefined]);
    const expand = ['amount_paid_off_stripe', 'payments', 'customer'];
    const full = await stripe.invoices.retrieve(id, { expand });
    expect(full.amount_paid_off_stripe).toBe(
      wireAmount(record?.paidOffStripe ?? 0n, record?.currency ?? 'USD'),
    );
    expect(full.payments?.data.map((payment) => payment.id).sort()).toEqual(
      record?.applications.map((application) => application.id).sort(),
    );
    expect(full.customer).toMatchObject({ object: 'customer', id: plain.customer });
  });

  test('expand below data in a list', async () => {
    const page = await sdk().charges.list({ limit: 3, expand: ['data.balance_transaction'] });
    for (const { balance_transaction: movement, id, status } of page.data)
      if (status === 'succeeded') expect(movement).toMatchObject({ source: id });
  });

  test('have Decimal objects where the SDK reads decimal strings', async () => {
    const prices = await sdk().prices.list({ limit: 100, expand: ['data.tiers'] });
    const tiered = prices.data.find(({ billing_scheme: scheme }) => scheme === 'tiered');
    expect(tiered?.tiers?.[0]?.unit_amount_decimal?.toString()).toMatch(/^\d+(\.\d{1,12})?$/);
    const plain = await sdk().prices.retrieve(tiered?.id ?? '');
    expect(plain.tiers).toBe(undefined);
  });

  test('meters sum up hours up to the end that they leave out', async () => {
    const { customer, usage } = world.worlds.find(
      (one) => one.customer.entity === 'ni-us' && one.usage.metered.length > 50,
    ) ?? { customer: null, usage: null };
    const metered = usage?.metered.filter(({ meter }) => meter === 'input_tokens') ?? [];
    const [first] = metered;
    const start = Math.floor((first?.firstAt ?? 0) / 3600) * 3600;
    const end = start + 5 * 86_400;
    const within = metered.filter(({ firstAt }) => firstAt >= start && firstAt < end);
    const meters = await sdk().billing.meters.list();
    const meter = meters.data.find(({ event_name: name }) => name === 'api_input_tokens');
    const of = { customer: customer?.stripeId ?? '', start_time: start, end_time: end };
    const sum = await sdk().billing.meters.listEventSummaries(meter?.id ?? '', of);
    const total = within.reduce((all, { quantity }) => all + quantity, 0);
    expect(sum.data.map(({ aggregated_value: value }) => value)).toEqual([total]);
    const hours: number[] = [];
    for await (const hour of sdk().billing.meters.listEventSummaries(meter?.id ?? '', {
      ...of,
      ...{ value_grouping_window: 'hour', limit: 7 },
    }))
      hours.push(hour.aggregated_value);
    expect(hours.reduce((all, value) => all + value, 0)).toBe(total);
  });

  test('reports come as CSV in major units, and agree with the movements', async () => {
    const interval = {
      start: instantOf('2026-06-01T00:00:00Z'),
      end: instantOf('2026-07-01T00:00:00Z'),
    };
    const run = await sdk().reporting.reportRuns.create({
      report_type: 'balance_change_from_activity.summary.1',
      parameters: { interval_start: interval.start, interval_end: interval.end },
    });
    expect(run.status).toBe('pending');
    await sdk().reporting.reportRuns.retrieve(run.id);
    const ready = await sdk().reporting.reportRuns.retrieve(run.id);
    const answer = await fetch(ready.result?.url ?? '', {
      headers: { authorization: `Bearer ${secret}` },
    });
    const lines = (await answer.text()).trim().split('\n').slice(1);
    const movements = world.worlds
      .filter(({ customer }) => customer.entity === 'ni-us')
      .flatMap((one) => one.movements)
      .filter(({ createdAt }) => createdAt >= interval.start && createdAt < interval.end);
    const charges = movements.filter(({ category }) => category === 'charge');
    const gross = charges.reduce((sum, { amount }) => sum + amount, 0n);
    const line = lines
      .find((one) => one.startsWith('"charge","usd"'))
      ?.replaceAll('"', '')
      .split(',');
    expect(line?.slice(2, 4)).toEqual([
      String(charges.length),
      `${String(gross / 100n)}.${String(gross % 100n).padStart(2, '0')}`,
    ]);
  });

  test('the balance is the sum of its movements', async () => {
    const balance = await sdk().balance.retrieve();
    let sum = 0;
    for await (const { net } of sdk().balanceTransactions.list({ limit: 100, currency: 'usd' }))
      sum += net;
    const usd = [...balance.available, ...balance.pending].filter(
      ({ currency }) => currency === 'usd',
    );
    expect(usd.reduce((all, { amount }) => all + amount, 0)).toBe(sum);
  });
});

describe('refusals', () => {
  const refusal = async (call: Promise<unknown>): Promise<Partial<Stripe.errors.StripeError>> =>
    call.then(
      () => ({}),
      (error: unknown) => error as Stripe.errors.StripeError,
    );

  test('an id that is not there is resource_missing', async () => {
    const error = await refusal(sdk().customers.retrieve('cus_nobody'));
    expect(error).toMatchObject({
      ...{ type: 'StripeInvalidRequestError', code: 'resource_missing', param: 'id' },
      ...{ statusCode: 404, message: "No such customer: 'cus_nobody'" },
    });
    expect(error.requestId).toMatch(/^req_/);
    expect(await refusal(sdk().invoices.list({ starting_after: 'in_gone' }))).toMatchObject({
      ...{ code: 'resource_missing', param: 'starting_after', statusCode: 400 },
    });
  });

  test('a wrong key is 401, a restricted key 403 for what it may not', async () => {
    expect(await refusal(sdk('sk_live_wrong1234').customers.list())).toMatchObject({
      ...{ type: 'StripeAuthenticationError', statusCode: 401 },
      message: 'Invalid API Key provided: sk_live_*****1234',
    });
    expect((await sdk(reader).invoices.list({ limit: 1 })).data).toHaveLength(1);
    const error = await refusal(sdk(reader).charges.list());
    expect(error).toMatchObject({ type: 'StripePermissionError', statusCode: 403 });
    expect(error.message).toContain("Having the 'rak_charge_read' permission");
  });

  test('a key that can write is told apart from one that cannot', async () => {
    expect(await refusal(sdk(reader).customers.create({}))).toMatchObject({ statusCode: 403 });
    expect(await refusal(sdk(writer).customers.create({}))).toMatchObject({ statusCode: 400 });
  });

  test('parameters and expansions that Stripe does not know are refused', async () => {
    expect(await refusal(sdk().invoices.list({ limit: 101 }))).toMatchObject({
      ...{ code: 'parameter_invalid_integer', param: 'limit' },
    });
    expect(await refusal(sdk().rawRequest('GET', '/v1/invoices?colour=red'))).toMatchObject({
      ...{ code: 'parameter_unknown', param: 'colour' },
    });
    expect(await refusal(sdk().customers.list({ expand: ['total_count'] }))).toMatchObject({
      ...{ code: 'property_forbidden', param: 'expand', statusCode: 400 },
    });
    expect(await refusal(sdk().customers.list({ expand: ['data.shoe_size'] }))).toMatchObject({
      ...{ param: 'expand', statusCode: 400 },
    });
  });

  test('an account that the key has nothing to do with is refused', async () => {
    const other = { stripeAccount: entities['ni-ie'].stripeAccount };
    expect(await refusal(sdk().customers.list({}, other))).toMatchObject({
      ...{ code: 'account_invalid', statusCode: 403 },
    });
  });
});

describe('versions', () => {
  test('an old Stripe-Version gets the shape of its time', async () => {
    const paid = world.worlds
      .filter(({ customer }) => customer.entity === 'ni-us')
      .flatMap(({ billing }) => billing.invoices)
      .find(
        ({ status, totals, subscriptionKey, paidOffStripe }) =>
          subscriptionKey !== null &&
          status === 'paid' &&
          totals.total > 0n &&
          paidOffStripe === 0n,
      );
    const old = { apiVersion: '2024-06-20' };
    const answer = await sdk().rawRequest('GET', `/v1/invoices/${paid?.id ?? ''}`, {}, old);
    const invoice = JSON.parse(JSON.stringify(answer)) as Record<string, never>;
    expect(invoice).toMatchObject({ paid: true, paid_out_of_band: false, quote: null });
    expect(invoice.subscription).toMatch(/^sub_/);
    expect(invoice.payment_intent).toMatch(/^pi_/);
    expect(invoice.charge).toMatch(/^(ch|py)_/);
    expect('parent' in invoice || 'total_taxes' in invoice).toBe(false);
  });

  test('an event keeps the version it was made with, whoever asks', async () => {
    const versions = new Set<string | null>();
    for await (const event of sdk().events.list({ limit: 100 })) {
      versions.add(event.api_version);
      if (event.data.object.object !== 'invoice') continue;
      const isOld = event.api_version === '2024-06-20';
      expect('paid_out_of_band' in event.data.object).toBe(isOld);
      expect('amount_paid_off_stripe' in event.data.object).toBe(false);
    }
    expect([...versions].sort()).toEqual(['2024-06-20', '2026-10-28.endive']);
  });
});
