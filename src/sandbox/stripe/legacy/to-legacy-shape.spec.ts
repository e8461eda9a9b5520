import { isFields, listIn, numberIn, type Fields } from './fields';
import type { LegacyLookups } from './legacy-lookups';
import { toLegacyShape } from './to-legacy-shape';

const price: Fields = {
  ...{ id: 'price_1', object: 'price', active: true, billing_scheme: 'per_unit', created: 1 },
  ...{ currency: 'usd', type: 'recurring', unit_amount: 2000, unit_amount_decimal: '2000' },
  recurring: { interval: 'month', interval_count: 1, meter: null, usage_type: 'licensed' },
};

const payment = (type: string, rest: Fields): Fields => ({
  ...{ object: 'invoice_payment', is_default: true, payment: { type, [type]: `${type}_1` } },
  ...rest,
});

const lookups = (payments: Fields[] = []): LegacyLookups => ({
  price: (id) => (id === 'price_1' ? price : null),
  coupon: (id) => ({ id, object: 'coupon', percent_off: 20 }),
  discount: (id) => ({
    ...{ id, object: 'discount', source: { type: 'coupon', coupon: 'welcome20' } },
  }),
  paymentsOf: () => payments,
  chargeOf: (id) => (id === 'payment_intent_1' ? 'ch_1' : null),
  invoiceOf: (id) => (id === 'payment_intent_1' ? 'in_1' : null),
});

const line: Fields = {
  ...{ id: 'il_1', object: 'line_item', amount: -500, subtotal: -500, quantity: 1 },
  parent: {
    ...{ type: 'subscription_item_details', invoice_item_details: null },
    subscription_item_details: {
      ...{ proration: true, subscription: 'sub_1', subscription_item: 'si_1' },
      proration_details: { credited_items: { invoice: 'in_0', invoice_line_items: ['il_0'] } },
    },
  },
  pricing: {
    ...{ type: 'price_details', unit_amount_decimal: '2000' },
    price_details: { price: 'price_1', product: 'prod_1' },
  },
  taxes: [
    {
      ...{ amount: 41, tax_behavior: 'exclusive', taxable_amount: 500, type: 'tax_rate_details' },
      ...{ tax_rate_details: { tax_rate: 'txr_1' }, taxability_reason: 'standard_rated' },
    },
  ],
};

const invoice: Fields = {
  ...{ id: 'in_1', object: 'invoice', status: 'paid', amount_paid: 2041, discounts: ['di_1'] },
  lines: { object: 'list', data: [line], has_more: false, url: '/v1/invoices/in_1/lines' },
  parent: {
    ...{ type: 'subscription_details', quote_details: null },
    subscription_details: { subscription: 'sub_1', metadata: { order: '7' } },
  },
  total_taxes: [
    {
      ...{ amount: 41, tax_behavior: 'exclusive', taxable_amount: 500, type: 'tax_rate_details' },
      ...{ tax_rate_details: { tax_rate: 'txr_1' }, taxability_reason: 'standard_rated' },
    },
  ],
};

const old = '2024-06-20';
const intent = payment('payment_intent', { amount_paid: 2041 });

test('an invoice names its one payment, its subscription and its tax in flat fields', () => {
  const legacy = toLegacyShape(invoice, old, lookups([intent]));
  expect(legacy).toMatchObject({
    ...{ charge: 'ch_1', payment_intent: 'payment_intent_1', paid: true, paid_out_of_band: false },
    ...{ subscription: 'sub_1', subscription_details: { metadata: { order: '7' } } },
    ...{ tax: 41, amount_paid: 2041 },
    discount: { id: 'di_1', coupon: { id: 'welcome20' } },
    total_tax_amounts: [{ amount: 41, inclusive: false, tax_rate: 'txr_1', taxable_amount: 500 }],
  });
  expect(['parent', 'total_taxes', 'payments'].filter((name) => name in legacy)).toEqual([]);
});

test('what came without Stripe was no part of amount_paid', () => {
  const record = payment('payment_record', { amount_paid: 2041 });
  expect(toLegacyShape(invoice, old, lookups([record]))).toMatchObject({
    ...{ amount_paid: 0, paid: true, paid_out_of_band: true, charge: null, payment_intent: null },
  });
});

test('a line holds price and plan whole, and says of itself what it is', () => {
  const [legacy] = listIn(toLegacyShape(invoice, old, lookups([intent])), 'lines');
  expect(legacy).toMatchObject({
    ...{ type: 'subscription', proration: true, subscription: 'sub_1', subscription_item: 'si_1' },
    ...{ price: { id: 'price_1' }, plan: { id: 'price_1', object: 'plan', interval: 'month' } },
    proration_details: { credited_items: { invoice: 'in_0', invoice_line_items: ['il_0'] } },
    tax_amounts: [{ amount: 41, inclusive: false, tax_rate: 'txr_1' }],
    unit_amount_excluding_tax: '2000',
  });
  expect(
    ['parent', 'pricing', 'taxes'].filter((name) => isFields(legacy) && name in legacy),
  ).toEqual([]);
});

test('a subscription has the period of the item that ends first', () => {
  const item = (id: string, end: number): Fields => ({
    ...{ id, object: 'subscription_item', plan: { id: 'price_1' }, quantity: 3 },
    ...{ current_period_start: 100, current_period_end: end },
  });
  const subscription: Fields = {
    ...{ id: 'sub_1', object: 'subscription', discounts: [], billing_mode: { type: 'flexible' } },
    items: { object: 'list', data: [item('si_1', 900), item('si_2', 400)], has_more: false },
  };
  const legacy = toLegacyShape(subscription, old, lookups());
  expect([legacy.current_period_start, numberIn(legacy, 'current_period_end')]).toEqual([100, 400]);
  expect(listIn(legacy, 'items').map((one) => 'current_period_end' in one)).toEqual([false, false]);
  expect('billing_mode' in legacy).toBe(false);
});

test('a charge and a payment intent name the invoice; a credit note its one refund', () => {
  const charge = { id: 'ch_1', object: 'charge', payment_intent: 'payment_intent_1' };
  expect(toLegacyShape(charge, old, lookups())).toMatchObject({ invoice: 'in_1' });
  const note: Fields = {
    ...{ id: 'cn_1', object: 'credit_note', type: 'mixed', pre_payment_amount: 1 },
    ...{ refunds: [{ refund: 're_1', amount_refunded: 500 }], total_taxes: [] },
  };
  const legacy = toLegacyShape(note, old, lookups());
  expect(legacy).toMatchObject({ refund: 're_1', type: 'post_payment', tax_amounts: [] });
  expect('refunds' in legacy || 'pre_payment_amount' in legacy).toBe(false);
});

test.each(['2025-09-30.clover', '2026-10-28.endive'])('%s is left as it is', (version) => {
  expect(toLegacyShape(invoice, version, lookups())).toBe(invoice);
});

test('between basil and clover only a discount differs', () => {
  const shape = (object: Fields) => toLegacyShape(object, '2025-03-31.basil', lookups([intent]));
  expect(shape(invoice)).toEqual(invoice);
  const discount = { id: 'di_1', object: 'discount', source: { type: 'coupon', coupon: 'w' } };
  expect(shape(discount)).toEqual({
    ...{ id: 'di_1', object: 'discount', coupon: { id: 'w', object: 'coupon', percent_off: 20 } },
  });
});
