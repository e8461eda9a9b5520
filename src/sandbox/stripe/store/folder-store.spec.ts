import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StripeRecord } from '../../world/records';
import { FolderStore } from './folder-store';
import { FolderWriter } from './folder-writer';
import { MemoryStore } from './memory-store';
import type { RecordTable } from './record-table';

const record = (i: number): StripeRecord => {
  const id = `ch_${(i * 7919) % 5000}`;
  const object = { id, object: 'charge', note: 'é'.repeat(i % 5), amount: i };
  const filters = { customer: `cus_${i % 37}`, even: String(i % 2 === 0) };
  return { entity: 'ni-us', collection: 'charges', id, created: 1000 + (i % 300), filters, object };
};
const records = Array.from({ length: 5000 }, (_, i) => record(i));

let root: string;
let folder: FolderStore;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stripe-store-'));
  const writer = new FolderWriter(root);
  for (const one of records) writer.write(one);
  writer.write({ ...record(1), collection: 'coupons' });
  writer.write({ ...record(1), collection: 'coupons' });
  expect(writer.close().get('ni-us/charges.jsonl')?.rows).toBe(5000);
  folder = new FolderStore(root);
});
afterAll(() => {
  folder.close();
  rmSync(root, { recursive: true });
});

const listed = (table: RecordTable): unknown[] =>
  Array.from({ length: table.size }, (_, rank) => [table.createdAt(rank), table.read(rank).object]);

test('a folder gives back what was written, in the order that memory has', () => {
  const memory = new MemoryStore(records).collection('ni-us', 'charges');
  const table = folder.collection('ni-us', 'charges');
  expect(listed(table)).toEqual(listed(memory));
  const created = Array.from({ length: table.size }, (_, rank) => table.createdAt(rank));
  expect(created).toEqual([...created].sort((a, b) => b - a));
});

test('the order does not depend on the order of writing', () => {
  const forward = new MemoryStore(records).collection('ni-us', 'charges');
  const backward = new MemoryStore([...records].reverse()).collection('ni-us', 'charges');
  expect(listed(backward)).toEqual(listed(forward));
});

test('each record is found by its id, and by each of its values', () => {
  const table = folder.collection('ni-us', 'charges');
  for (const { id, object } of records) expect(table.find(id)?.object).toEqual(object);
  expect(table.find('ch_nobody')).toBe(null);
  const of = Array.from(table.ranksWith('customer', 'cus_5'), (rank) => table.read(rank).id);
  const expected = records
    .filter(({ filters }) => filters.customer === 'cus_5')
    .map(({ id }) => id);
  expect(of.sort()).toEqual(expected.sort());
  expect(table.ranksWith('customer', 'cus_nobody')).toHaveLength(0);
});

test('what customers share is kept once, and what was never written is empty', () => {
  expect(folder.collection('ni-us', 'coupons').size).toBe(1);
  expect(folder.collection('ni-ie', 'charges').size).toBe(0);
  expect(folder.collection('ni-ie', 'charges').find('ch_1')).toBe(null);
});

test('an index line that would not read back is refused', () => {
  const writer = new FolderWriter(join(root, 'more'));
  const broken = { ...record(2), filters: { email: 'a\tb' } };
  expect(() => writer.write(broken)).toThrow('a tab or a line break');
});
