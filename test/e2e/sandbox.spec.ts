import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { WorldManifest } from '../../src/sandbox/world/folder-sink';

const root = path.resolve(__dirname, '..', '..');
const loader = path.join(root, 'test', 'support', 'typescript.js');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sandbox(name: string, args: readonly string[], timeZone = 'UTC'): WorldManifest {
  const out = path.join(folder, name);
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-r', loader, path.join(root, 'src', 'cli.ts'), 'sandbox', '--quiet', '--out', out, ...args],
    { env: { ...process.env, TZ: timeZone, LANG: 'tr_TR.UTF-8' }, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(readFileSync(path.join(out, 'world.json'), 'utf8')) as WorldManifest;
}

function lines(name: string, file: string): string[] {
  return readFileSync(path.join(folder, name, file), 'utf8')
    .trimEnd()
    .split('\n');
}

const objects = (name: string, collection: string): { id: string; [field: string]: unknown }[] =>
  lines(name, `stripe/ni-us/${collection}.jsonl`).map(
    (line) => JSON.parse(line) as { id: string; [field: string]: unknown },
  );

const small = ['--scale', '0.003'];

test('the same seed makes the same bytes, whatever the time zone of the host', () => {
  const west = sandbox('west', [...small, '--seed', '7'], 'Pacific/Marquesas');
  const east = sandbox('east', [...small, '--seed', '7'], 'Pacific/Kiritimati');
  expect(east.files).toEqual(west.files);
  expect(Object.keys(west.files).length).toBeGreaterThan(100);
  const other = sandbox('other', [...small, '--seed', '8']);
  const invoices = 'stripe/ni-us/invoices.jsonl';
  expect(other.files[invoices]?.sha256).not.toBe(west.files[invoices]?.sha256);
});

test('a company moved on has the history it had', () => {
  const now = '2026-05-20T10:00:00Z';
  sandbox('before', [...small, '--now', now]);
  const before = {
    invoices: objects('before', 'invoices'),
    movements: objects('before', 'balance_transactions'),
    entries: lines('before', 'warehouse/rev_entry.csv'),
  };
  const moved = sandbox('before', ['--advance', '30d']);
  expect(moved.wish.now).toBe('2026-06-19T10:00:00Z');
  const invoices = new Map(objects('before', 'invoices').map((one) => [one.id, one]));
  expect(invoices.size).toBeGreaterThan(before.invoices.length);
  for (const { id, number, total, created } of before.invoices) {
    const later = invoices.get(id);
    expect({ id, created: later?.created }).toEqual({ id, created });
    // What was final then is final now; a draft may have become more.
    if (number === null) continue;
    expect({ id, number: later?.number, total: later?.total }).toEqual({ id, number, total });
  }
  const movements = new Map(objects('before', 'balance_transactions').map((one) => [one.id, one]));
  for (const { id, net, type } of before.movements)
    expect(movements.get(id)).toMatchObject({ id, net, type });
  const entries = new Set(lines('before', 'warehouse/rev_entry.csv'));
  expect(before.entries.filter((line) => !entries.has(line))).toEqual([]);
});

test('what is planted stands beside the world', () => {
  sandbox('planted', [...small, '--inject', 'A01,A44']);
  const [header, ...planted] = lines('planted', 'truth/expected_findings.csv');
  expect(header).toBe('injection,customer,control,code,key,impact,currency');
  expect(planted.map((line) => line.split(',').filter((_, i) => [0, 2, 3].includes(i)))).toEqual([
    expect.arrayContaining(['A01', 'BK-01', 'BK01-NO_ORDER']),
    expect.arrayContaining(['A44', 'IN-01', 'IN01-I9']),
    expect.arrayContaining(['A44', 'IN-01', 'IN01-I1']),
  ]);
});

test('without look-alikes only those are left that any company has', () => {
  sandbox('plain', [...small, '--seed', '7', '--without-lookalikes']);
  const kinds = (name: string): Set<string> =>
    new Set(lines(name, 'truth/look_alikes.csv').map((line) => line.split(',')[0] ?? ''));
  const [left, all] = [kinds('plain'), kinds('west')];
  expect([...left].filter((kind) => !all.has(kind))).toEqual([]);
  expect(all.size - left.size).toBeGreaterThan(5);
});
