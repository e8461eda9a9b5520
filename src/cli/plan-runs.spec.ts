import type { LoadedControl } from '../catalog/catalog';
import type { Frequency } from '../core/calendar';
import type { EntityConfig } from '../platform/config';
import { lastClosed, planRuns } from './plan-runs';

const control = (id: string, frequency: Frequency): LoadedControl =>
  ({ control: { id, frequency } }) as LoadedControl;
const entity = (id: string, timeZone: string): EntityConfig =>
  ({ id, time_zone: timeZone }) as EntityConfig;

const plan = {
  controls: [control('CA-01', 'monthly'), control('CA-02', 'daily')],
  entities: [entity('us', 'America/Los_Angeles'), entity('jp', 'Asia/Tokyo')],
  requestedBy: 'ann',
  now: '2026-07-01T02:00:00.000Z',
  lenient: true,
};

test('without a day named, each entity looks back from the end of its own yesterday', () => {
  const { requests } = planRuns(plan);
  expect(
    requests.map(({ control: id, entity: of, asOf, period }) => [id, of, asOf, period]),
  ).toEqual([
    ['CA-01', 'us', '2026-06-29', '2026-05'],
    ['CA-01', 'jp', '2026-06-30', '2026-06'],
    ['CA-02', 'us', '2026-06-29', '2026-06-29'],
    ['CA-02', 'jp', '2026-06-30', '2026-06-30'],
  ]);
});

test('of all controls, those that have no such period are left out, and said to be', () => {
  const { requests, left } = planRuns({ ...plan, period: '2026-06' });
  expect(requests.map((request) => request.control)).toEqual(['CA-01', 'CA-01']);
  expect(left).toEqual(["CA-02 is daily, and '2026-06' is no daily period"]);
});

test('a control that was named is refused for a period it does not have', () => {
  expect(() => planRuns({ ...plan, period: '2026-06', lenient: false })).toThrow(
    "CA-02 is daily, and '2026-06' is no daily period.",
  );
});

test('a control on an event runs for the period that is named, of any form', () => {
  const onEvent = { ...plan, controls: [control('CO-01', 'on_event')] };
  expect(planRuns(onEvent)).toEqual({
    requests: [],
    left: ['CO-01 runs on an event; name its period'],
  });
  expect(() => planRuns({ ...onEvent, lenient: false })).toThrow('name its period.');
  for (const period of ['2026-06-30', '2026-W26', '2026-06', '2026-Q2'])
    expect(planRuns({ ...onEvent, period }).requests).toMatchObject([{ period }, { period }]);
  expect(planRuns({ ...onEvent, period: 'June' }).left).toEqual(["'June' is no period for CO-01"]);
});

test.each([
  ['daily', '2026-07-06', '2026-07-06'],
  ['weekly', '2026-07-05', '2026-W27'],
  ['weekly', '2026-07-04', '2026-W26'],
  ['monthly', '2026-06-30', '2026-06'],
  ['monthly', '2026-06-29', '2026-05'],
  ['quarterly', '2026-07-06', '2026-Q2'],
] as const)('the last %s period over at the end of %s is %s', (frequency, asOf, key) => {
  expect(lastClosed(frequency, asOf)).toBe(key);
});
