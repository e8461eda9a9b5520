import * as fc from 'fast-check';
import {
  IncompleteList,
  nothingRead,
  readWholeList,
  readWindow,
  type ListCall,
} from './read-window';
import { StripeFault } from './stripe-fault';

const apiVersion = '2026-10-28.endive';

interface Thing {
  id: string;
  created: number;
}

/** A list that answers as Stripe does: newest first, by id within a second. */
function listOf(things: () => readonly Thing[], asked: string[] = []): ListCall {
  return ({ created = { gte: 0, lte: 1e12 }, limit, starting_after: cursor }) => {
    asked.push(cursor ?? `${created.lte}`);
    const all = things()
      .filter((thing) => thing.created >= created.gte && thing.created <= created.lte)
      .sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
    const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && from === 0) throw new Error(`No such object: ${cursor}`);
    const data = all.slice(from, from + limit);
    const more = from + limit < all.length;
    const body = JSON.stringify({ object: 'list', data, has_more: more, url: '/v1/things' });
    return Promise.resolve({ body, requestId: `req_${asked.length}`, apiVersion });
  };
}

async function idsRead(list: ListCall, from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  const read = nothingRead();
  for await (const items of readWindow(list, { from, to }, read))
    ids.push(...items.map(({ id }) => id));
  expect(read.rows).toBe(ids.length);
  return ids;
}

const thing = (n: number, created: number): Thing => ({
  id: `ch_${String(n).padStart(6, '0')}`,
  created,
});

test('every object of the window is read once, whatever shares a second', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 260 })), {
        maxLength: 8,
      }),
      async (bursts) => {
        let n = 0;
        const things = bursts.flatMap(([second, size]) =>
          Array.from({ length: size }, () => thing((n += 1), 1000 + second)),
        );
        const wanted = things.filter(({ created }) => created >= 1005 && created < 1035);
        const ids = await idsRead(
          listOf(() => things),
          1005,
          1035,
        );
        expect([...ids].sort()).toEqual(wanted.map(({ id }) => id).sort());
      },
    ),
    { numRuns: 60 },
  );
});

test('an object deleted while the list is paged takes nothing with it', async () => {
  const things = Array.from({ length: 450 }, (_, i) => thing(i, 1000 + i));
  let calls = 0;
  // After each page, the object that ended it is deleted: a cursor on it would be refused.
  const list = listOf(() => things);
  const deleting: ListCall = async (params) => {
    const answer = await list(params);
    calls += 1;
    const { data } = JSON.parse(answer.body) as { data: Thing[] };
    const last = data.at(-1);
    things.splice(
      things.findIndex(({ id }) => id === last?.id),
      1,
    );
    return answer;
  };
  const ids = await idsRead(deleting, 1000, 2000);
  expect(calls).toBe(5);
  expect(new Set(ids).size).toBe(450);
});

test('a whole list whose cursor is deleted is read again from its beginning', async () => {
  const things = Array.from({ length: 250 }, (_, i) => thing(i, 1000 + i));
  let deleted = 0;
  const list = listOf(() => things);
  const deleting: ListCall = async (params) => {
    if (params.starting_after !== undefined && deleted < 2) {
      deleted += 1;
      const at = things.findIndex(({ id }) => id === params.starting_after);
      things.splice(at, 1);
      throw new StripeFault('not_found', 'GET /v1/things', 'No such object', {
        ...{ requestId: null, retryAfterMs: null, cause: null },
      });
    }
    return list(params);
  };
  const read = nothingRead();
  const ids: string[] = [];
  for await (const items of readWholeList(deleting, read)) ids.push(...items.map(({ id }) => id));
  expect([ids.length, new Set(ids).size, read.rows]).toEqual([250, 250, 250]);
});

test('a page that says there is more, followed by nothing, leaves the window unread', async () => {
  const things = Array.from({ length: 150 }, (_, i) => thing(i, 1000));
  const list = listOf(() => things);
  const losing: ListCall = async (params) =>
    params.starting_after === undefined
      ? list(params)
      : { body: '{"object":"list","data":[],"has_more":false}', requestId: 'req_x', apiVersion };
  await expect(idsRead(losing, 1000, 1001)).rejects.toMatchObject({
    name: 'IncompleteList',
    reason: 'empty_page_but_more',
  });
});

test.each([
  ['a cut answer', '{"object":"list","data":[{"id":"ch_1","created":1000}', 'not_a_list'],
  ['an object without created', page([{ id: 'ch_1' }]), 'object_without_id'],
  ['an object beyond the window', page([{ id: 'ch_1', created: 5 }]), 'out_of_window'],
  [
    'an older object before a newer',
    page([
      { id: 'ch_1', created: 1000 },
      { id: 'ch_2', created: 1001 },
    ]),
    'out_of_order',
  ],
])('%s leaves the window unread', async (_, body, reason) => {
  const list: ListCall = () => Promise.resolve({ body, requestId: 'req_1', apiVersion });
  const reading = idsRead(list, 1000, 2000);
  await expect(reading).rejects.toBeInstanceOf(IncompleteList);
  await expect(reading).rejects.toMatchObject({ reason });
});

function page(data: object[]): string {
  return JSON.stringify({ object: 'list', data, has_more: false });
}
