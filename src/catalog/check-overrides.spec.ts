import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Control } from '../core/control';
import { loadConfig } from '../platform/config';
import type { LoadedControl } from './catalog';
import { checkOverrides } from './check-overrides';

const control = {
  id: 'BK-05',
  parameters: { discount_floor: '30.00', days: 3, strict: true, from: '2026-01-01', who: 'cfo' },
} as unknown as Control;
const controls = [{ control } as LoadedControl];

let dir: string;
beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), 'tieout-overrides-'))));
afterEach(() => rmSync(dir, { recursive: true }));

function check(parameters: string, incomplete = false): ReturnType<typeof checkOverrides> {
  const file = path.join(dir, 'tieout.yaml');
  const text = `calendars: { plain: {} }
sources: {}
entities:
  - id: us
    name: US
    currency: USD
    time_zone: UTC
    calendar: plain
    parameters:
      ${parameters}
`;
  writeFileSync(file, text);
  return checkOverrides(loadConfig({}, file), controls, incomplete);
}

test('values of the declared types are taken', () => {
  const all = 'discount_floor: "20.5", days: 0, strict: false, from: "2026-02-01", who: ceo';
  expect(check(`BK-05: { ${all} }`)).toEqual({ problems: [], wrong: [] });
  expect(check('BK-05: {}')).toEqual({ problems: [], wrong: [] });
});

test.each([
  ['BK-06: { x: 1 }', 'BK-06', "There is no control BK-06. Did you mean 'BK-05'?"],
  ['BK-05: { floor: "1.0" }', 'BK-05.floor', 'is not a parameter of BK-05.'],
  ['BK-05: { as_of: "2026-01-01" }', 'BK-05.as_of', 'is not a parameter of BK-05.'],
  ['BK-05: { constructor: 1 }', 'BK-05.constructor', 'is not a parameter of BK-05.'],
  [
    'BK-05: { discount_floor: "20" }',
    'BK-05.discount_floor',
    'is text, and BK-05 declares it as decimal (30.00).',
  ],
  [
    'BK-05: { discount_floor: 20 }',
    'BK-05.discount_floor',
    'is integer, and BK-05 declares it as decimal (30.00).',
  ],
  ['BK-05: { from: "soon" }', 'BK-05.from', 'is text, and BK-05 declares it as date (2026-01-01).'],
  ['BK-05: { who: "a\\nb" }', 'BK-05.who', 'holds a line break.'],
])('%s is told with its line', (parameters, field, message) => {
  const { problems, wrong } = check(parameters);
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  expect(problem).toMatchObject({ field: `entities.0.parameters.${field}`, line: 10, message });
  expect(problem?.remedy).toMatch(/^[A-Z].*\.$/);
  expect(wrong).toEqual(field.includes('.') ? ['BK-05'] : []);
});

test('of an incomplete catalogue nobody says that a control does not exist', () => {
  expect(check('BK-06: { x: 1 }', true)).toEqual({ problems: [], wrong: [] });
});
