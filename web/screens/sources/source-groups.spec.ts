import type { SourcesOverview } from '../../api/types';
import { groupsOf } from './source-groups';

type Stream = SourcesOverview['streams'][number];
const stream = (part: Partial<Stream>): Stream => ({
  source: 'stripe',
  name: 'us',
  account: 'acct_1',
  object: 'invoice',
  rows: '10',
  windows: '2',
  closed: '2',
  pages: '2',
  by_reads_alone: '0',
  closed_through: '2026-07-02T00:00:00.000Z',
  last_read_at: '2026-07-02T00:00:00.000Z',
  open_because: null,
  totals: [],
  last_comparison: null,
  ...part,
});

test('a source is proven as far as its least proven kind, and what is open comes first', () => {
  const [stripe, salesforce] = groupsOf([
    stream({}),
    stream({ object: 'charge', closed_through: '2026-07-01T00:00:00.000Z', open_because: 'once' }),
    stream({ source: 'salesforce', name: 'main', object: 'Order', closed_through: null }),
  ]);
  expect(stripe?.streams.map(({ object }) => object)).toEqual(['charge', 'invoice']);
  expect(stripe).toMatchObject({ provenThrough: '2026-07-01T00:00:00.000Z' });
  expect(stripe?.open).toHaveLength(1);
  expect(salesforce).toMatchObject({ name: 'main', provenThrough: null, open: [] });
});
