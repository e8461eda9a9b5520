import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { sha256Hex } from '../../src/core/canonical-json';
import { EvidenceStore } from '../../src/evidence/evidence-store';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openApiBench, type ApiBench } from './api-bench';
import { rawRequest, type RawAnswer } from './raw-request';
import { unzip } from './unzip';

let database: TestDatabase;
let api: ApiBench;
let base: string;
let store: EvidenceStore;

interface File {
  path: string;
  sha256: string;
  bytes: string;
}

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  api = await openApiBench(database);
  base = `/api/v1/runs/${await api.run()}`;
  store = new EvidenceStore(path.join(api.bench.dir, 'data', 'evidence'));
});
afterEach(() => api.close());

const get = (address: string, headers?: Record<string, string>): Promise<RawAnswer> =>
  rawRequest(api.server.url, address, headers);
const problemOf = (answer: RawAnswer): { code: string; detail: string; incident?: string } =>
  JSON.parse(answer.body.toString('utf8')) as ReturnType<typeof problemOf>;
const listed = async (): Promise<File[]> =>
  (await api.agent.get(`${base}/evidence`)).body.files as File[];
async function fileAt(name: string): Promise<File> {
  const found = (await listed()).find((file) => file.path === name);
  if (found === undefined) throw new Error(`${name} is not listed`);
  return found;
}

test('every listed file arrives byte for byte under its hash', async () => {
  const files = await listed();
  expect(files.map((file) => file.path)).toEqual(
    expect.arrayContaining(['manifest.json', 'findings.jsonl', 'populations/orders.parquet']),
  );
  for (const file of files) {
    const answer = await get(`${base}/evidence/${file.path}`);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(readFileSync(store.pathOf(file.sha256)))).toBe(true);
    expect(sha256Hex(answer.body)).toBe(file.sha256);
    expect(answer.headers).toMatchObject({
      etag: `"${file.sha256}"`,
      'content-length': file.bytes,
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"/);
  }
});

test('a file says what it is, and one that is known is not sent again', async () => {
  const types: Record<string, string> = {
    'manifest.json': 'application/json; charset=utf-8',
    'findings.jsonl': 'application/jsonl; charset=utf-8',
    'populations/orders.parquet': 'application/vnd.apache.parquet',
    'sources/files.orders/orders.csv': 'text/csv; charset=utf-8',
  };
  for (const [name, type] of Object.entries(types))
    expect((await get(`${base}/evidence/${name}`)).headers['content-type']).toBe(type);
  const { sha256 } = await fileAt('manifest.json');
  const again = await get(`${base}/evidence/manifest.json`, { 'If-None-Match': `"${sha256}"` });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test('the archive holds every file under its path, byte for byte', async () => {
  const answer = await get(`${base}/evidence.zip`);
  expect(answer.headers['content-type']).toBe('application/zip');
  const files = [...unzip(answer.body)].map(([name, content]) => [name, sha256Hex(content)]);
  expect(files).toEqual((await listed()).map((file) => [file.path, file.sha256]));
});

test.each([
  '/evidence/../../../../../tieout.yaml',
  '/evidence/..%2f..%2f..%2ftieout.yaml',
  '/evidence/%2e%2e/%2e%2e/tieout.yaml',
  '/evidence/..%5c..%5ctieout.yaml',
  '/evidence/%2fetc%2fpasswd',
  '/evidence//etc/passwd',
  '/evidence/manifest.json%00.txt',
  '/evidence/manifest.json/',
  '/evidence/populations',
  '/evidence/populations//orders.parquet',
])('what is not in the list cannot be read: %s', async (escape) => {
  const answer = await get(`${base}${escape}`);
  expect([answer.status, problemOf(answer).code]).toEqual([404, 'not_found']);
});

test('an address that cannot be decoded is refused', async () => {
  expect((await get(`${base}/evidence/%ff%zz`)).status).toBe(400);
});

test('a file that was changed in the store is not passed off as evidence', async () => {
  const { sha256 } = await fileAt('manifest.json');
  const stored = store.pathOf(sha256);
  const changed = readFileSync(stored);
  changed[10] = (changed[10] ?? 0) ^ 1;
  chmodSync(stored, 0o644);
  writeFileSync(stored, changed);
  const answer = await get(`${base}/evidence/manifest.json`);
  expect([answer.status, problemOf(answer).code]).toEqual([500, 'internal_error']);
  expect(answer.headers['content-disposition']).toBeUndefined();
  await expect(get(`${base}/evidence.zip`)).rejects.toThrow();
});

test('a file that is gone from the store is told in the log, not to the caller', async () => {
  const { sha256 } = await fileAt('findings.jsonl');
  rmSync(store.pathOf(sha256));
  const answer = await get(`${base}/evidence/findings.jsonl`);
  expect(answer.status).toBe(500);
  expect(answer.body.toString('utf8')).not.toContain(api.bench.dir);
  const told = api.logged().find((line) => line['incident'] === problemOf(answer).incident);
  expect(told).toMatchObject({ level: 'error', error: { code: 'ENOENT' } });
});
