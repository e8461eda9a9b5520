import { readList } from './read-list';
import { nothingRead, type ListCall } from './read-window';
import { stripeStreams, type StripeStream } from './streams';

const charge = stripeStreams.find(({ object }) => object === 'charge') as StripeStream;

async function read(list: ListCall): Promise<{ ids: string[]; unfiltered: string[] }> {
  const lists = { list: () => list, unfiltered: new Set<string>() };
  const ids = new Set<string>();
  const lot = { range: { from: 1000, to: 2000 }, read: nothingRead() };
  for await (const items of readList(lists, charge, charge.list, lot))
    for (const { id } of items) ids.add(id);
  return { ids: [...ids].sort(), unfiltered: [...lists.unfiltered] };
}

const answer = (data: object[], hasMore = false): ReturnType<ListCall> =>
  Promise.resolve({
    body: JSON.stringify({ object: 'list', data, has_more: hasMore }),
    ...{ requestId: 'req_1', apiVersion: '2026-01-28.clover' },
  });

test('what a list gives beyond the window it was asked for is not taken', async () => {
  const all = [1500, 2000, 1000, 999].map((created) => ({ id: `ch_${created}`, created }));
  const { ids, unfiltered } = await read(() => answer(all));
  expect(ids).toEqual(['ch_1000', 'ch_1500']);
  expect(unfiltered).toEqual(['GET /v1/charges']);
});

test('a list that turns out to have an order of its own is read from its beginning', async () => {
  const pages = [[1900, 1800], [1800, 1850], [1100]].map((lot) =>
    lot.map((created) => ({ id: `ch_${created}`, created })),
  );
  const all = pages.flat();
  const { ids } = await read(({ created, starting_after: after }) => {
    if (created !== undefined) return answer(pages[created.lte === 1999 ? 0 : 1] ?? [], true);
    const begin = all.findLastIndex(({ id }) => id === after) + 1;
    return answer(all.slice(begin, begin + 2), begin + 2 < all.length);
  });
  expect(ids).toEqual(['ch_1100', 'ch_1800', 'ch_1850', 'ch_1900']);
});

test('a list that keeps to created is never read as a whole', async () => {
  const { ids, unfiltered } = await read(({ created }) => {
    if (created === undefined) throw new Error('asked for the whole list');
    return answer([{ id: 'ch_1', created: 1500 }]);
  });
  expect([ids, unfiltered]).toEqual([['ch_1'], []]);
});

test('a list that goes on without an end is given up', async () => {
  let made = 0;
  const endless: ListCall = () => answer([{ id: `ch_${(made += 1)}`, created: 5 }], true);
  await expect(read(endless)).rejects.toMatchObject({ name: 'IncompleteList', reason: 'endless' });
});
