import { hashIdSet, landRaw, type RawObservation } from '../../src/books/land-raw';
import { sha256Hex } from '../../src/core/canonical-json';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const clock = { now: () => '2026-07-06T10:00:00.000Z' };
const place = { source: 'stripe', account: 'acct_1', object: 'charge', apiVersion: null };
const land = (observations: Iterable<RawObservation> | AsyncIterable<RawObservation>) =>
  landRaw(database, { ...place, observations }, { clock });
const seen = (objectId: string, payload: string | Buffer, minute = 0): RawObservation => ({
  objectId,
  payload,
  observedAt: `2026-07-06T09:${String(minute).padStart(2, '0')}:00Z`,
});
async function read(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.app.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
}

test('a payload is kept byte for byte, with its hash', async () => {
  const payloads = [
    '{ "id":"a",\t"x": 1.0,\r\n "t":"\\u0000\\\\N \\n é 🜚" }',
    Buffer.from('{"id":"b","big":12345678901234567890,"x":1e-7}'),
    '\\.\n',
  ];
  await land(payloads.map((payload, n) => seen(`ch_${n}`, payload)));
  const rows = await read('select payload, payload_sha256 as h from books.raw_objects order by 1');
  const kept = new Map(rows.map(({ payload, h }) => [payload, h]));
  expect(kept).toEqual(new Map(payloads.map((payload) => [String(payload), sha256Hex(payload)])));
});

test('a field of the answer alone makes no version, and the first bytes are kept', async () => {
  const landing = (observations: RawObservation[]) =>
    landRaw(database, { ...place, observations, passingField: 'id' }, { clock });
  await landing([seen('cus_1/1', '{"id":"a","n":1.50}'), seen('cus_1/2', '{"id":"b","n":1}')]);
  const again = await landing([
    seen('cus_1/1', '{"id":"c","n":1.50}', 1),
    seen('cus_1/2', '{"id":"d","n":2}', 1),
  ]);
  expect(again).toMatchObject({ newVersions: '1', unchanged: '1', repeated: '0' });
  await landing([{ ...seen('cus_1/1', '', 2), isDeleted: true }]);
  expect(await landing([seen('cus_1/1', '{"id":"e","n":1.50}', 3)])).toMatchObject({
    newVersions: '1',
  });
  const rows = await read('select payload from books.raw_objects order by observed_at, object_id');
  expect(rows.map(({ payload }) => payload)).toEqual([
    ...['{"id":"a","n":1.50}', '{"id":"b","n":1}', '{"id":"d","n":2}', '', '{"id":"e","n":1.50}'],
  ]);
});

test('the same object again leaves no version and is counted; a change leaves one', async () => {
  expect(await land([seen('ch_1', '{"n":1}'), seen('ch_2', '{"n":1}')])).toMatchObject({
    observations: '2',
    objects: '2',
    newVersions: '2',
    unchanged: '0',
  });
  const again = await land([
    seen('ch_1', '{"n":1}', 1),
    seen('ch_2', '{"n":2}', 1),
    seen('ch_2', '{"n":2}', 2),
    { ...seen('ch_3', '', 2), isDeleted: true },
  ]);
  expect(again).toMatchObject({
    observations: '4',
    objects: '3',
    newVersions: '2',
    unchanged: '1',
    repeated: '1',
    deletions: '1',
    idSetSha256: sha256Hex('ch_1\nch_2\n'),
  });
  expect(again.idSetSha256).toBe(hashIdSet(['ch_2', 'ch_1', 'ch_2']));
  expect(await read(`select extract_id from books.raw_extracts where objects = 3`)).toEqual([
    { extract_id: again.extractId },
  ]);
});

test('an object that changes back is a third version', async () => {
  for (const [minute, n] of [1, 2, 1].entries()) await land([seen('ch_1', `{"n":${n}}`, minute)]);
  expect(await read('select payload from books.raw_objects order by observed_at')).toEqual([
    { payload: '{"n":1}' },
    { payload: '{"n":2}' },
    { payload: '{"n":1}' },
  ]);
});

test('of two reads of the same objects at once, one finds what the other kept', async () => {
  const both = await Promise.all([land([seen('ch_1', '{}')]), land([seen('ch_1', '{}')])]);
  const versions = both.map(({ newVersions, unchanged }) => newVersions + unchanged).sort();
  expect(versions).toEqual(['01', '10']);
});

test('when the source fails on the way, nothing is kept', async () => {
  const failing = async function* (): AsyncGenerator<RawObservation> {
    yield await Promise.resolve(seen('ch_1', '{}'));
    throw new Error('page 2 was lost');
  };
  await expect(land(failing())).rejects.toThrow('page 2 was lost');
  expect(await read('select from books.raw_objects')).toEqual([]);
  expect(await read('select from books.raw_extracts')).toEqual([]);
});

test.each([
  ['no id', seen('', '{}'), 'a raw object has no id'],
  ['bytes that are no UTF-8', seen('ch_1', Buffer.from([0x7b, 0xff])), 'is no UTF-8 text'],
  ['half a character', seen('ch_1', '"\ud800"'), 'is no text of JSON'],
  ['a NUL', seen('ch_1', '\0'), 'is no text of JSON'],
])('%s is refused', async (_what, observation, message) => {
  await expect(land([observation])).rejects.toThrow(message);
});

test('raw objects are append-only, and the SQL of controls cannot read them', async () => {
  await land([seen('ch_1', '{}')]);
  await expect(database.app.raw('delete from books.raw_objects')).rejects.toThrow(
    /permission denied/,
  );
  const owner = await database.owner();
  await expect(owner.query(`update books.raw_objects set payload = ''`)).rejects.toThrow(/kept/);
  await owner.end();
  const reader = await database.reader();
  await expect(reader.query('select payload from books.raw_objects')).rejects.toThrow(
    /permission denied/,
  );
  await reader.end();
});
