import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { followFile } from './follow-file';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'follow-'));
  file = path.join(folder, 'rows.csv');
  await writeFile(file, '');
});
afterEach(() => rm(folder, { recursive: true }));

async function read(writing: Promise<void>): Promise<string> {
  let text = '';
  for await (const chunk of followFile(file, writing)) text += chunk.toString();
  return text;
}

/** Writes the second half only once somebody has read the first. */
async function inHalves(first: string, second: string): Promise<[string, string]> {
  const reader: { seen?: () => void } = {};
  const wasSeen = new Promise<void>((resolve) => (reader.seen = resolve));
  const write = async (): Promise<void> => {
    await appendFile(file, first);
    await wasSeen;
    await appendFile(file, second);
  };
  const chunks: string[] = [];
  for await (const chunk of followFile(file, write())) {
    chunks.push(chunk.toString());
    reader.seen?.();
  }
  return [chunks[0] ?? '', chunks.slice(1).join('')];
}

test('what is written is read while more of it is to come', async () => {
  expect(await inHalves('a,1\nb,', '2\nc,3\n')).toEqual(['a,1\nb,', '2\nc,3\n']);
});

test('a file of many pieces arrives whole, and an empty one ends', async () => {
  const rows = Array.from({ length: 60_000 }, (_, n) => `${String(n)},row\n`).join('');
  expect(await read(appendFile(file, rows))).toBe(rows);
  await writeFile(file, '');
  expect(await read(Promise.resolve())).toBe('');
});

test('when writing fails, what it threw is thrown', async () => {
  const failing = appendFile(file, 'a,1\n').then(() => {
    throw new Error('the disk is full');
  });
  await expect(read(failing)).rejects.toThrow('the disk is full');
});
