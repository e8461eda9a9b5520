import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadCatalog } from './load-catalog';
import { controlShapes, writeNewControl, type NewControl } from './new-control';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'new-control-'));
  mkdirSync(path.join(dir, 'bookings', 'BK-90-orders-are-billed'), { recursive: true });
  mkdirSync(path.join(dir, 'populations'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const wish: NewControl = {
  ...{ id: 'BK-91', title: 'Büro: orders are billed, in full!', process: null },
  ...{ shape: 'tie-out', entity: 'acme' },
};

test.each(controlShapes)('a new %s is a control in which nothing is wrong', async (shape) => {
  rmSync(path.join(dir, 'bookings', 'BK-90-orders-are-billed'), { recursive: true });
  const { folder, files } = await writeNewControl(dir, { ...wish, shape, process: 'bookings' });
  expect(folder).toBe(path.join('bookings', 'BK-91-buro-orders-are-billed-in-full'));
  expect(files).toContain(path.join('cases', 'each-finding.yaml'));
  const { controls, problems } = await loadCatalog(dir);
  expect(problems).toEqual([]);
  expect(controls).toEqual([
    expect.objectContaining({
      control: expect.objectContaining({ id: 'BK-91', title: wish.title, process: 'bookings' }),
    }),
  ]);
  const text = files.map((file) => readFileSync(path.join(dir, folder, file), 'utf8')).join('');
  expect(text).not.toMatch(/ZZ-?00|process-of-it|entity: entity/);
});

test('its process is that of the controls whose ids have the same letters', async () => {
  expect((await writeNewControl(dir, wish)).folder).toMatch(/^bookings/);
});

const refused: [title: string, changes: Partial<NewControl>, message: string][] = [
  ['an id that is none', { id: 'bk-1' }, "'bk-1' is not an id: write letters and a number, such"],
  ['an id that is taken', { id: 'BK-90' }, 'BK-90 is bookings/BK-90-orders-are-billed; BK-91 is'],
  ['a title without words', { title: '—' }, '--title says what should hold, in words'],
  [
    'letters of no process',
    { id: 'XX-01' },
    'No control is called XX-…: name its --process (there',
  ],
  ['a process outside', { process: '../elsewhere' }, "'../elsewhere' is no process: write it like"],
  ['the shared folder', { process: 'populations' }, "'populations' is no process: write it like"],
];
test.each(refused)('%s is refused, and nothing is written', async (_title, changes, message) => {
  await expect(writeNewControl(dir, { ...wish, ...changes })).rejects.toThrow(message);
  expect(readdirSync(path.join(dir, 'bookings'))).toEqual(['BK-90-orders-are-billed']);
});
