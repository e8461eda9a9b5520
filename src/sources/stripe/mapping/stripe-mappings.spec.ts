import { MappingProblem, type MappedRows, type RawObject } from '../../../books/mapping';
import { parseExactJson } from '../../../books/exact-json';
import { stripeMappings } from './stripe-mappings';
import type { StripeContext } from './stripe-values';

const context: StripeContext = {
  entityId: 'ni-us',
  bookZone: 'America/Los_Angeles',
  livemode: true,
  metadataPrefix: 'salesforce_',
};
/** 2026-07-01T05:00:00Z: still the 30th of June in Los Angeles. */
const t = 1782882000;

function map(object: string, body: object | string, more: Partial<RawObject> = {}): MappedRows {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const payload = parseExactJson(text) as { id: string };
  const mapping = stripeMappings.find((candidate) => candidate.object === object);
  if (!mapping) throw new Error(`no mapping of ${object}`);
  const raw = { object, objectId: payload.id, observedAt: '2026-07-06T09:00:00Z', parts: {} };
  return mapping.map({ ...raw, apiVersion: '2026-10-28.endive', payload, ...more }, context);
}

function problemOf(work: () => unknown): Pick<MappingProblem, 'objectId' | 'field' | 'code'> {
  try {
    work();
  } catch (cause) {
    if (cause instanceof MappingProblem)
      return { objectId: cause.objectId, field: cause.field, code: cause.code };
    throw cause;
  }
  throw new Error('expected a problem');
}

const payout = (more: object = {}) => ({
  id: 'po_1',
  object: 'payout',
  amount: 123456,
  arrival_date: 1782864000, // 2026-07-01T00:00:00Z
  automatic: true,
  balance_transaction: 'txn_1',
  created: t,
  currency: 'usd',
  livemode: true,
  status: 'paid',
  trace_id: { status: 'supported', value: 'T-1' },
  ...more,
});

describe('amounts follow the exponents of Stripe, not of ISO 4217', () => {
  const amounts: [string, number, string][] = [
    ['usd', -123456, '-1234.56'],
    ['usd', 5, '0.05'],
    ['jpy', 500, '500'],
    ['mga', 500, '500'],
    ['isk', 500, '5.00'],
    ['ugx', 100, '1.00'],
    ['kwd', 5120, '5.120'],
    ['huf', 1000, '10.00'],
    ['twd', 80000, '800.00'],
  ];
  test.each(amounts)('%s %d is %s', (currency, minor, expected) => {
    const { payouts } = map('payout', payout({ currency, amount: minor }));
    expect(payouts?.[0]).toMatchObject({ amount: expected, currency: currency.toUpperCase() });
  });

  test('beyond what a double holds', () => {
    const text = JSON.stringify(payout()).replace('123456', '9007199254740993');
    expect(map('payout', text)['payouts']?.[0]?.['amount']).toBe('90071992547409.93');
  });

  test.each([
    [{ currency: 'xyz' }, 'currency', 'unknown_currency'],
    [{ currency: 'USD' }, 'currency', 'unknown_currency'],
    [{ currency: 'huf', amount: 1050 }, 'amount', 'inconsistent'],
    [{ amount: '12.5' }, 'amount', 'wrong_type'],
    [{ amount: null }, 'amount', 'missing_field'],
    [{ status: 'lost_at_sea' }, 'status', 'unknown_value'],
    [{ livemode: false }, 'livemode', 'wrong_mode'],
    [{ object: 'refund' }, 'object', 'inconsistent'],
  ])('%j is a problem', (more, field, code) => {
    expect(problemOf(() => map('payout', payout(more)))).toEqual({ objectId: 'po_1', field, code });
  });

  test.each(['2026-11-30.fern', '2026-10-28.preview', '2019-12-03', null])(
    'API version %s is not known',
    (apiVersion) => {
      const work = () => map('payout', payout(), { apiVersion });
      expect(problemOf(work)).toMatchObject({ field: 'api_version', code: 'unknown_api_version' });
    },
  );
});

test('a payout arrives on the day Stripe writes, and is created on the day of the books', () => {
  const pages = [
    { object: 'list', data: [{ id: 'txn_2', net: 100, currency: 'usd' }], has_more: true },
    { object: 'list', data: [{ id: 'txn_3', net: -30, currency: 'usd' }], has_more: false },
  ];
  const rows = map('payout', payout(), { parts: { balance_transactions: pages } });
  expect(rows['payouts']?.[0]).toMatchObject({
    arrival_date: '2026-07-01',
    created_on: '2026-06-30',
    trace_id: 'T-1',
  });
  expect(rows['payout_balance_transactions']).toEqual([
    {
      payout_id: 'po_1',
      balance_transaction_id: 'txn_2',
      entity_id: 'ni-us',
      currency: 'USD',
      net: '1.00',
    },
    expect.objectContaining({ balance_transaction_id: 'txn_3', net: '-0.30' }),
  ]);
});

test('a balance transaction keeps its sign, its rate and each of its fees', () => {
  const rows = map('balance_transaction', {
    id: 'txn_1',
    object: 'balance_transaction',
    amount: 1234,
    available_on: t + 172_800,
    created: t,
    currency: 'usd',
    description: null,
    exchange_rate: 1.234,
    fee: 66,
    fee_details: [
      { type: 'stripe_fee', amount: 36, currency: 'usd', description: 'fee', application: null },
      { type: 'tax', amount: 30, currency: 'usd', description: null, application: null },
    ],
    net: 1168,
    reporting_category: 'charge',
    source: { id: 'ch_1', object: 'charge' },
    status: 'pending',
    type: 'charge',
  });
  expect(rows['balance_transactions']).toEqual([
    expect.objectContaining({
      amount: '12.34',
      fee: '0.66',
      net: '11.68',
      exchange_rate: '1.234',
      document_id: 'ch_1',
      posting_date: '2026-06-30',
      available_on: '2026-07-02',
    }),
  ]);
  expect(rows['balance_transaction_fees']?.map((fee) => [fee['fee_no'], fee['amount']])).toEqual([
    ['1', '0.36'],
    ['2', '0.30'],
  ]);
});

test('a customer with credit is owed it; one that is gone stays by its id', () => {
  const customer = {
    id: 'cus_1',
    object: 'customer',
    address: { country: 'IE' },
    balance: -2500,
    created: t,
    currency: 'eur',
    delinquent: false,
    livemode: true,
    metadata: { salesforce_account_id: '001000000000001AAA' },
    name: 'Hamlet',
    tax_exempt: 'none',
    test_clock: null,
  };
  const rows = map('customer', customer);
  expect(rows['customers']?.[0]).toMatchObject({ credit_balance: '25.00', currency: 'EUR' });
  expect(rows['customer_links']).toEqual([
    {
      from_system: 'stripe',
      from_id: 'cus_1',
      to_system: 'salesforce',
      to_id: '001000000000001AAA',
      link_method: 'METADATA',
      entity_id: 'ni-us',
    },
  ]);
  const deleted = map('customer', { id: 'cus_1', object: 'customer', deleted: true });
  expect(deleted['customers']).toEqual([
    { customer_id: 'cus_1', entity_id: 'ni-us', system: 'stripe', is_deleted: true },
  ]);
  const clocked = () => map('customer', { ...customer, test_clock: 'clock_1' });
  expect(problemOf(clocked)).toMatchObject({ field: 'test_clock', code: 'wrong_mode' });
});

test('a price keeps twelve digits, and its tiers, which must be there', () => {
  const price = {
    id: 'price_1',
    object: 'price',
    active: true,
    billing_scheme: 'tiered',
    created: t,
    currency: 'usd',
    livemode: true,
    metadata: {},
    product: 'prod_1',
    recurring: { interval: 'month', interval_count: 1, usage_type: 'metered', meter: 'mtr_1' },
    tiers_mode: 'graduated',
    type: 'recurring',
    unit_amount_decimal: '0.000000000012',
  };
  const tiers = [
    { up_to: 1000, unit_amount_decimal: '0.5', flat_amount_decimal: '100' },
    { up_to: null, unit_amount_decimal: '0.25', flat_amount_decimal: null },
  ];
  expect(map('price', { ...price, tiers })['prices']?.[0]).toMatchObject({
    unit_amount: '0.00000000000012',
    usage_type: 'metered',
    tiers: {
      json: [
        { up_to: '1000', unit_amount: '0.005', flat_amount: '1.00' },
        { up_to: null, unit_amount: '0.0025', flat_amount: null },
      ],
    },
  });
  expect(problemOf(() => map('price', price))).toMatchObject({ field: 'tiers' });
});

const creditNote = (more: object) => ({
  id: 'cn_1',
  object: 'credit_note',
  amount: 1000,
  created: t,
  currency: 'usd',
  customer: 'cus_1',
  customer_balance_transaction: null,
  discount_amount: 0,
  invoice: 'in_1',
  lines: { object: 'list', data: [], has_more: false },
  livemode: true,
  metadata: {},
  number: 'CN-1',
  out_of_band_amount: null,
  status: 'issued',
  subtotal: 1000,
  total_excluding_tax: 1000,
  voided_at: null,
  ...more,
});

describe('a credit note first reduces what is owed, the rest was paid before', () => {
  const notes: [string, object, object][] = [
    [
      'mixed, with two refunds and a part to the balance',
      {
        type: 'mixed',
        total_taxes: [],
        pre_payment_amount: 300,
        post_payment_amount: 700,
        out_of_band_amount: 50,
        refunds: [{ amount_refunded: 100 }, { amount_refunded: 200 }],
      },
      { pre_payment: '3.00', refunded: '3.00', to_balance: '3.50', out_of_band: '0.50' },
    ],
    [
      'before API 2025-03-31, with one refund by its id',
      { type: 'post_payment', tax_amounts: [], refund: 're_1' },
      { pre_payment: '0.00', refunded: '10.00', to_balance: '0.00', out_of_band: '0.00' },
    ],
    [
      'before API 2025-03-31, on what was still owed',
      { type: 'pre_payment', tax_amounts: [{ amount: 90, inclusive: true }], refund: null },
      { pre_payment: '10.00', post_payment: '0.00', tax: '0.90', to_balance: '0.00' },
    ],
  ];
  test.each(notes)('%s', (_what, more, expected) => {
    expect(map('credit_note', creditNote(more))['credit_notes']?.[0]).toMatchObject(expected);
  });

  test('a legacy refund beside a balance credit tells no amount: a problem', () => {
    const more = { type: 'post_payment', tax_amounts: [], refund: 're_1' };
    const work = () =>
      map('credit_note', creditNote({ ...more, customer_balance_transaction: 'cbtxn_1' }));
    expect(problemOf(work)).toMatchObject({ field: 'refund', code: 'missing_field' });
  });
});

test('phases of a schedule begin and end on days of the books', () => {
  const schedule = {
    ...{ id: 'sub_sched_1', object: 'subscription_schedule', livemode: true, status: 'active' },
    ...{ customer: 'cus_1', subscription: 'sub_1', end_behavior: 'cancel', metadata: {} },
    phases: [
      {
        ...{ start_date: t, end_date: t + 86_400, currency: 'usd', metadata: {} },
        items: [{ price: 'price_1', quantity: 5 }],
      },
    ],
  };
  const [phase] = map('subscription_schedule', schedule)['subscription_schedule_phases'] ?? [];
  expect(phase).toMatchObject({ start_on: '2026-06-30', end_on: '2026-07-01', phase_no: '1' });
});

describe('a subscription of an old shape, without a currency', () => {
  const subscription = (...currencies: string[]) => ({
    ...{ id: 'sub_1', object: 'subscription', livemode: true, status: 'active', customer: 'cus_1' },
    ...{ collection_method: 'send_invoice', cancel_at_period_end: false, metadata: {} },
    ...{ created: t, start_date: t, current_period_start: t, current_period_end: t + 86_400 },
    items: {
      ...{ object: 'list', has_more: false },
      data: currencies.map((currency, i) => ({
        ...{ id: `si_${i}`, object: 'subscription_item', quantity: 1, metadata: {} },
        plan: { id: `plan_${i}`, object: 'plan', currency, product: 'prod_1' },
      })),
    },
  });
  const old = { apiVersion: '2020-08-27' };

  test('has that of its prices', () => {
    const { subscriptions } = map('subscription', subscription('eur', 'eur'), old);
    expect(subscriptions).toMatchObject([{ subscription_id: 'sub_1', currency: 'EUR' }]);
  });

  test.each([[[]], [['eur', 'usd']]])('and none where its prices are in %j', (currencies) => {
    const work = () => map('subscription', subscription(...currencies), old);
    expect(problemOf(work)).toMatchObject({ field: 'currency', code: 'missing_field' });
  });
});
