import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { configFileSchema } from '../platform/config';
import { DuckDb } from '../platform/duckdb';
import { loadCatalog } from './load-catalog';
import { refusedOther } from './sql-grammar';
import { allowedFunctions, extractFields } from './sql-vocabulary';
import { validateCatalog } from './validate-catalog';

const page = readFileSync(path.resolve(__dirname, '../../docs/controls-format.md'), 'utf8');
const blocks = [...page.matchAll(/`([\w./-]+)`:\n```\w+\n([^]*?)```/g)].map(
  ([, file = '', text = '']) => ({ file, text }),
);

let dir: string;
let duck: DuckDb;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'format-'));
  duck = await DuckDb.open({ memoryMb: 128, threads: 1, tempDir: dir, readWriteDirs: [] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

test('the example of the page is a control in which nothing is wrong', async () => {
  for (const { file, text } of blocks) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  const declared = parse(blocks.find(({ file }) => file === 'tieout.yaml')?.text ?? '') as object;
  const config = configFileSchema.parse({
    ...declared,
    entities: [
      { id: 'acme', name: 'Acme', currency: 'EUR', time_zone: 'Europe/Dublin', calendar: 'ie' },
    ],
    calendars: { ie: {} },
  });
  const catalog = await loadCatalog(path.join(dir, 'controls'));
  expect(catalog.problems).toEqual([]);
  expect(catalog.controls.map(({ control }) => control.id)).toEqual(['CA-90']);
  expect((await validateCatalog(catalog, { config, reader: null, duck })).problems).toEqual([]);
});

test('the page names every function that may be used, and refusals lead to it', () => {
  const words = new Set(page.match(/\w+/g));
  const missing = [...allowedFunctions.keys(), ...extractFields].filter((name) => !words.has(name));
  expect(missing).toEqual([]);
  expect(refusedOther('X').remedy).toContain('docs/controls-format.md');
});
