import { openRoster } from '../company/roster';
import { DAY, instantOf } from '../kit/instants';
import { customerInjections } from './injections';
import { simulateCustomer } from './simulate-customer';
import { worldContext } from './world-context';

const options = {
  ...{ seed: '4', scale: 0.003, salesLed: 80, lookAlikes: true },
  now: instantOf('2024-11-07T13:05:00Z'),
};

/** Days from what an injection could befall until now. */
const daysAgo = new Map<string, number[]>();
beforeAll(() => {
  const [roster, context] = [openRoster(options), worldContext(options)];
  for (let n = 1; n <= roster.size; n += 1) {
    const world = simulateCustomer(roster.customer(n), { roster, context });
    for (const injection of customerInjections) {
      const found = injection.candidates(world, context);
      const days = found.map(({ at }) => (options.now - at) / DAY);
      daysAgo.set(injection.id, [...(daysAgo.get(injection.id) ?? []), ...days]);
    }
  }
});

test.each([
  ['A53', 'a wire has ten business days to be at the bank', 20],
  ['A29', 'access is given back two days after it was taken', 5],
])('%s befalls nobody in whom it could not be found yet: %s', (id, _, days) => {
  const all = daysAgo.get(id) ?? [];
  expect(all.length).toBeGreaterThan(0);
  expect(Math.min(...all)).toBeGreaterThanOrEqual(days);
});
