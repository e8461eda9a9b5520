import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { EvidenceStore } from './evidence-store';
import { readEvidence } from './read-evidence';

let dir: string;
let store: EvidenceStore;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-evidence-'));
  store = new EvidenceStore(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

async function bytesOf(file: { sha256: string; bytes: string }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await readEvidence(store, file)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test.each(['', 'short', 'long '.repeat(100_000)])(
  'content is read as it was kept',
  async (text) => {
    const file = await store.addText(text);
    expect((await bytesOf(file)).toString('utf8')).toBe(text);
  },
);

test('content changed in one byte, even the last, never arrives whole', async () => {
  const text = 'x'.repeat(500_000);
  const file = await store.addText(text);
  await chmod(store.pathOf(file.sha256), 0o644);
  writeFileSync(store.pathOf(file.sha256), `${text.slice(1)}y`);
  let arrived = 0;
  const reading = (async () => {
    for await (const chunk of await readEvidence(store, file)) arrived += (chunk as Buffer).length;
  })();
  await expect(reading).rejects.toThrow('does not have its hash');
  expect(arrived).toBeLessThan(text.length);
});

test('content of another length is refused before any of it is sent', async () => {
  const file = await store.addText('whole');
  await chmod(store.pathOf(file.sha256), 0o644);
  writeFileSync(store.pathOf(file.sha256), 'who');
  await expect(readEvidence(store, file)).rejects.toThrow('has 3 bytes, 5 were recorded');
});
