import { openRoster } from '../../company/roster';
import { DAY, instantOf } from '../../kit/instants';
import { customerInjections } from '../../world/injections';
import { simulateCustomer } from '../../world/simulate-customer';
import { worldContext } from '../../world/world-context';

test('a payment is missing at the bank only once a wire has had its time', () => {
  const options = {
    ...{ seed: '3', scale: 0.003, salesLed: 80, lookAlikes: true },
    now: instantOf('2024-11-07T13:05:00Z'),
  };
  const [roster, context] = [openRoster(options), worldContext(options)];
  const [injection] = customerInjections.filter(({ id }) => id === 'A53');
  const daysAgo: number[] = [];
  for (let n = 1; n <= roster.size; n += 1) {
    const world = simulateCustomer(roster.customer(n), { roster, context });
    for (const { at } of injection?.candidates(world, context) ?? [])
      daysAgo.push((options.now - at) / DAY);
  }
  expect(daysAgo.length).toBeGreaterThan(0);
  expect(Math.min(...daysAgo)).toBeGreaterThanOrEqual(20);
});
