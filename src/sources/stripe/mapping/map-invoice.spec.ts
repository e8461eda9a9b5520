import { MappingProblem, type BooksRow, type RawObject } from '../../../books/mapping';
import type { Payload } from '../../../books/exact-json';
import { mapInvoice } from './map-invoice';
import type { StripeContext } from './stripe-values';

const context: StripeContext = {
  entityId: 'ni-us',
  bookZone: 'America/New_York',
  livemode: true,
  metadataPrefix: 'salesforce_',
};
const t = 1782882000; // 2026-07-01T05:00:00Z

type Fields = Record<string, unknown>;

const common = (more: Fields): Fields => ({
  id: 'in_1',
  object: 'invoice',
  amount_due: 10_000,
  amount_paid: 0,
  amount_remaining: 10_000,
  billing_reason: 'manual',
  collection_method: 'send_invoice',
  created: t,
  currency: 'usd',
  customer: 'cus_1',
  customer_name: null,
  ending_balance: null,
  livemode: true,
  metadata: {},
  number: null,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  starting_balance: 0,
  status: 'draft',
  status_transitions: {
    finalized_at: null,
    marked_uncollectible_at: null,
    paid_at: null,
    voided_at: null,
  },
  subtotal: 10_000,
  total: 10_000,
  total_discount_amounts: [],
  ...more,
});

const list = (...data: Fields[]): Fields => ({ object: 'list', data, has_more: false });
const period = { start: t, end: t + 86_400 };

function map(body: Fields, apiVersion = '2026-10-28.endive') {
  const raw: RawObject = {
    object: 'invoice',
    objectId: 'in_1',
    observedAt: '2026-07-06T09:00:00Z',
    apiVersion,
    payload: JSON.parse(JSON.stringify(body)) as Record<string, Payload>,
    parts: {},
  };
  const rows = mapInvoice.map(raw, context);
  return {
    invoice: rows['invoices']?.[0] ?? {},
    lines: rows['invoice_lines'] ?? [],
    payments: rows['invoice_payments'] ?? [],
  };
}

const legacyLine = (more: Fields): Fields => ({
  id: 'il_1',
  object: 'line_item',
  amount: 10_000,
  currency: 'usd',
  discount_amounts: [{ amount: 500, discount: 'di_1' }],
  period,
  price: {
    id: 'price_1',
    object: 'price',
    product: 'prod_1',
    unit_amount_decimal: '2500',
    recurring: { usage_type: 'licensed', meter: null },
  },
  proration: false,
  quantity: 4,
  subscription: 'sub_1',
  subscription_item: 'si_1',
  tax_amounts: [
    { amount: 100, inclusive: true, tax_rate: 'txr_1' },
    { amount: 700, inclusive: false, tax_rate: 'txr_2' },
  ],
  type: 'subscription',
  ...more,
});
const legacy = (more: Fields): Fields =>
  common({
    charge: null,
    lines: list(legacyLine({})),
    paid: false,
    paid_out_of_band: false,
    payment_intent: null,
    subscription: 'sub_1',
    subscription_details: { metadata: { salesforce_order_id: '801000000000001AAA' } },
    total_excluding_tax: 9_200,
    total_tax_amounts: [
      { amount: 100, inclusive: true },
      { amount: 700, inclusive: false },
    ],
    ...more,
  });

describe('before API 2025-03-31', () => {
  test('lines carried price, taxes and origin themselves', () => {
    const { invoice, lines } = map(legacy({}), '2024-06-20');
    expect(invoice).toMatchObject({
      subscription_id: 'sub_1',
      order_id: '801000000000001AAA',
      customer_name: 'cus_1',
      tax_total: '8.00',
      tax_inclusive_total: '1.00',
      amount_overpaid: '0.00',
      document_date: null,
      ending_credit: '0.00',
    });
    expect(lines).toEqual([
      expect.objectContaining({
        line_type: 'SUBSCRIPTION',
        amount: '100.00',
        discount: '5.00',
        tax_excl: '7.00',
        tax_incl: '1.00',
        revenue_base: '94.00',
        quantity: '4',
        unit_amount: '25.00',
        price_id: 'price_1',
        product_id: 'prod_1',
        subscription_item_id: 'si_1',
        service_start: '2026-07-01',
        service_end_excl: '2026-07-02',
      }),
    ]);
  });

  const types: [string, Fields, BooksRow][] = [
    ['an invoice item', { type: 'invoiceitem', price: null }, { line_type: 'INVOICE_ITEM' }],
    [
      'metered usage',
      { price: null, plan: { id: 'plan_1', usage_type: 'metered', product: 'prod_2' } },
      { line_type: 'USAGE', usage_type: 'metered', price_id: 'plan_1', product_id: 'prod_2' },
    ],
    [
      'a credit for time that was paid',
      {
        amount: -10_000,
        proration: true,
        type: 'invoiceitem',
        proration_details: {
          credited_items: { invoice: 'in_0', invoice_line_items: ['il_0', 'il_00'] },
        },
      },
      { line_type: 'PRORATION_CR', amount: '-100.00', credits_line_ids: ['il_0', 'il_00'] },
    ],
    ['a charge for time added', { proration: true }, { line_type: 'PRORATION_DR' }],
  ];
  test.each(types)('%s', (_what, more, expected) => {
    expect(map(legacy({ lines: list(legacyLine(more)) }), '2024-06-20').lines[0]).toMatchObject(
      expected,
    );
  });

  const payments: [string, Fields, BooksRow, BooksRow[]][] = [
    [
      'its charge is one payment',
      { status: 'paid', amount_paid: 10_000, amount_remaining: 0, charge: 'ch_1' },
      { amount_paid: '100.00', amount_paid_oob: '0.00' },
      [
        {
          invoice_payment_id: 'in_1/ch_1',
          payment_type: 'charge',
          amount_paid: '100.00',
          status: 'paid',
        },
      ],
    ],
    [
      'an intent that has not succeeded is an open one',
      { status: 'open', payment_intent: 'pi_1' },
      { amount_paid: '0.00' },
      [{ payment_id: 'pi_1', payment_type: 'payment_intent', amount_paid: '0.00', status: 'open' }],
    ],
    [
      'paid outside Stripe, nothing remains and the payment says so',
      { status: 'paid', paid_out_of_band: true },
      { amount_paid: '100.00', amount_remaining: '0.00', amount_paid_oob: '100.00' },
      [{ payment_type: 'out_of_band', amount_paid: '100.00', status: 'paid' }],
    ],
  ];
  test.each(payments)('%s', (_what, more, row, expected) => {
    const mapped = map(legacy(more), '2022-11-15');
    expect(mapped.invoice).toMatchObject(row);
    expect(mapped.payments).toEqual(
      expected.map((one) => expect.objectContaining(one) as BooksRow),
    );
  });
});

describe('since API 2025-03-31', () => {
  const line = (more: Fields): Fields => ({
    id: 'il_1',
    object: 'line_item',
    amount: 10_000,
    currency: 'usd',
    discount_amounts: [],
    parent: {
      type: 'invoice_item_details',
      invoice_item_details: {
        invoice_item: 'ii_1',
        proration: true,
        proration_details: { credited_items: { invoice: 'in_0', invoice_line_items: ['il_0'] } },
        subscription: 'sub_1',
      },
    },
    period,
    pretax_credit_amounts: [
      { amount: 250, type: 'credit_balance_transaction', credit_balance_transaction: 'cbtxn_1' },
      { amount: 500, type: 'discount', discount: 'di_1' },
    ],
    pricing: {
      type: 'price_details',
      price_details: { price: 'price_1', product: 'prod_1' },
      unit_amount_decimal: '333.333333333333',
    },
    quantity: 3,
    quantity_decimal: '3.0000000001',
    taxes: [
      { amount: 90, tax_behavior: 'inclusive' },
      { amount: 10, tax_behavior: 'exclusive' },
    ],
    ...more,
  });
  const current = (more: Fields): Fields =>
    common({ lines: list(line({})), parent: null, total_taxes: [], ...more });

  test('only grants of credit are credit; discounts stand among the discounts', () => {
    const { lines } = map(current({}));
    expect(lines[0]).toMatchObject({
      line_type: 'PRORATION_DR',
      credit_grant: '2.50',
      discount: '0.00',
      tax_incl: '0.90',
      tax_excl: '0.10',
      quantity: '3.0000000001',
      unit_amount: '3.33333333333333',
      invoice_item_id: 'ii_1',
      credits_line_ids: ['il_0'],
    });
  });

  test('dates are days of the books; the printed date is the document date', () => {
    const status_transitions = {
      finalized_at: t,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: t + 3600,
    };
    const more = { status: 'void', status_transitions, effective_at: t - 86_400 };
    expect(map(current(more)).invoice).toMatchObject({
      document_date: '2026-06-30',
      posting_date: '2026-07-01',
      voided_on: '2026-07-01',
      created_at: '2026-07-01T05:00:00Z',
    });
  });

  test('a negative invoice keeps its sign, and credit to the customer is positive', () => {
    const more = { total: -3100, amount_due: 0, starting_balance: 0, ending_balance: -3100 };
    expect(map(current(more)).invoice).toMatchObject({
      total: '-31.00',
      starting_credit: '0.00',
      ending_credit: '31.00',
    });
  });

  const outside: [string, Fields, string | null][] = [
    ['Stripe tells', { amount_paid: 5000, amount_paid_off_stripe: 2000 }, '20.00'],
    [
      'its payments tell',
      {
        amount_paid: 5000,
        payments: list(
          { status: 'paid', amount_paid: 1500, payment: { type: 'payment_record' } },
          { status: 'open', amount_paid: null, payment: { type: 'payment_record' } },
          { status: 'paid', amount_paid: 3500, payment: { type: 'payment_intent' } },
        ),
      },
      '15.00',
    ],
    ['nothing was paid', { amount_paid: 0 }, '0.00'],
    ['nothing tells', { amount_paid: 5000 }, null],
  ];
  test.each(outside)('what was paid outside Stripe: %s', (_what, more, expected) => {
    expect(map(current(more)).invoice['amount_paid_oob']).toBe(expected);
  });

  const problems: [string, Fields, string][] = [
    ['a line without taxes', line({ taxes: undefined }), 'lines.data.0.taxes is missing.'],
    ['a line in another currency', line({ currency: 'eur' }), 'currency is another than that'],
    [
      'a line of an unknown kind',
      line({ parent: { type: 'new' } }),
      "type has the unknown value 'new'",
    ],
    ['a line without a period', line({ period: undefined }), 'lines.data.0.period is missing.'],
  ];
  test.each(problems)('%s is a problem', (_what, strange, message) => {
    const work = () => map(current({ lines: list(strange) }));
    expect(work).toThrow(MappingProblem);
    expect(work).toThrow(message);
  });
});
