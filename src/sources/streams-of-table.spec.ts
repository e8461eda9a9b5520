import { streamsOfTable } from './streams-of-table';

test('what is cut out of other objects is proven by the windows of those that carry it', () => {
  expect(streamsOfTable('discounts')).toEqual(
    ['subscription', 'invoice', 'invoiceitem'].map((object) => ({
      ...{ source: 'stripe', object, isOptional: false },
    })),
  );
});
