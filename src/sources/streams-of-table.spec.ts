import { streamsOfTable } from './streams-of-table';

test('what is cut out of other objects is proven by the windows of those that carry it', () => {
  expect(streamsOfTable('discounts')).toEqual(
    ['subscription', 'invoice', 'invoiceitem'].map((object) => ({
      ...{ source: 'stripe', object, isOptional: false },
      readSince: object === 'subscription' ? '2011-01-01' : null,
    })),
  );
});

test('masters are proven from their beginning, because documents of today name them', () => {
  const since = (table: string): (string | null)[] =>
    streamsOfTable(table).map(({ readSince }) => readSince);
  expect(since('customers')).toEqual(['2011-01-01', '1999-01-01']);
  expect(since('invoices')).toEqual([null]);
});
