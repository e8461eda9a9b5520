import { eventHint } from './event-hint';

test.each([
  [
    'a snapshot event names its object',
    { data: { object: { object: 'invoice', id: 'in_1', created: 1_750_000_000, total: 5 } } },
    { object: 'invoice', id: 'in_1', created: 1_750_000_000 },
  ],
  [
    'a thin event names what it is related to',
    { object: 'v2.core.event', related_object: { id: 'mtr_1', type: 'billing.meter', url: '/x' } },
    { object: 'billing.meter', id: 'mtr_1', created: null },
  ],
  [
    'a discount is its subscription',
    { data: { object: { object: 'discount', id: 'di_1', subscription: 'sub_1', created: 3 } } },
    { object: 'subscription', id: 'sub_1', created: null },
  ],
  ['a discount of a customer is nothing', { data: { object: { object: 'discount' } } }, null],
  ['an object without an id is nothing', { data: { object: { object: 'balance' } } }, null],
  ['an event without data is nothing', { type: 'ping' }, null],
])('%s', (_, event, hint) => {
  expect(eventHint(event)).toEqual(hint);
});
