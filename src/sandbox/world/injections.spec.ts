import { openRoster } from '../company/roster';
import { instantOf } from '../kit/instants';
import { customerInjections } from './injections';
import { simulateCustomer } from './simulate-customer';
import { worldContext } from './world-context';

/** Injections of which no customer of a fiftieth of the company has what they need. */
function withoutCandidate(seed: string): string[] {
  const options = {
    ...{ seed, scale: 0.02, lookAlikes: true },
    now: instantOf('2026-07-07T13:05:00Z'),
  };
  const [roster, context] = [openRoster(options), worldContext(options)];
  const missing = new Set(customerInjections);
  for (let n = 1; n <= roster.size && missing.size > 0; n += 1) {
    const world = simulateCustomer(roster.customer(n), { roster, context });
    for (const injection of missing)
      if (injection.candidates(world, context).length > 0) missing.delete(injection);
  }
  return [...missing].map(({ id }) => id);
}

// A larger company holds the customers of a smaller one, so it has candidates too.
test.each(['1', '2', '3'])(
  'every anomaly of a customer can befall somebody in the world of seed %s',
  (seed) => {
    expect(withoutCandidate(seed)).toEqual([]);
  },
  60_000,
);
