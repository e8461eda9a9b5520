import { instantOf } from '../kit/instants';
import { generateWorld } from './generate-world';

/** The smallest company that has them all, fourteen seconds of one quiet core. */
const options = {
  ...{ seed: '1', scale: 0.02, lookAlikes: true },
  now: instantOf('2026-07-07T13:05:00Z'),
};

const all = Array.from({ length: 52 }, (_, i) => `L${String(i + 1).padStart(2, '0')}`);

function notedIn(lookAlikes: boolean): Map<string, Set<string>> {
  const noted = new Map<string, Set<string>>();
  const nothing = (): void => undefined;
  const request = { options: { ...options, lookAlikes }, orders: [] };
  generateWorld(request, {
    ...{ stripe: nothing, salesforce: nothing, warehouse: nothing, planted: nothing },
    notPlanted: nothing,
    lookAlike: ({ id, key }) => noted.set(id, (noted.get(id) ?? new Set()).add(key)),
  });
  return noted;
}

// CONTROLS §5.4. None of them is a property of the sources alone: each has an id in every world.
test('a fiftieth of the company has every look-alike, and names what it is', () => {
  const noted = notedIn(true);
  expect(all.filter((id) => !noted.has(id))).toEqual([]);
  expect([...noted.keys()].filter((id) => !all.includes(id))).toEqual([]);
  for (const keys of noted.values()) for (const key of keys) expect(key).toMatch(/^\S{6,}$/);
}, 120_000);
