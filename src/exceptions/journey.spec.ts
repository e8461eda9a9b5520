import { idsOf } from './journey.queries';

test('ids come from columns that are named as ids, each once', () => {
  expect(
    idsOf({
      key: { invoice_id: 'in_1' },
      left_items: [{ invoice_id: 'in_1', customer_id: 'cus_1', number: 'N-1' }],
      right_items: [{ payment_id: 'pi_1', customer_id: null }],
    }),
  ).toEqual({ ids: ['in_1', 'cus_1', 'pi_1'], customers: ['cus_1'] });
});

test('a source names what its item does not', () => {
  expect(
    idsOf({
      key: { order_id: '801A' },
      left_items: [{ source_ref: 'salesforce:OrderItem:802A' }, { source_ref: 'stripe:balance' }],
      right_items: [{ source_ref: 'salesforce:Order:801A' }],
    }),
  ).toEqual({ ids: ['801A', '802A'], customers: [] });
});

test('an exception that names nothing leads nowhere', () => {
  expect(idsOf({ key: { period: '2026-06' }, left_items: null, right_items: null })).toEqual({
    ids: [],
    customers: [],
  });
});
