import { openRoster } from '../company/roster';
import { instantOf } from '../kit/instants';
import type { WorldOptions } from '../truth/company';
import { simulateCustomer } from '../world/simulate-customer';
import { worldContext } from '../world/world-context';
import { accessBy } from './access-of';

const options: WorldOptions = {
  ...{ seed: 'access spec', scale: 0.05, lookAlikes: true },
  now: instantOf('2026-07-01T00:00:00Z'),
};

test('access that is left unpaid ends with the last attempt, or with its subscription', () => {
  const roster = openRoster(options);
  const context = worldContext(options, () => undefined);
  let unpaid = 0;
  for (let n = 1; n <= roster.size && unpaid < 5; n += 1) {
    const customer = roster.customer(n);
    const { plan, billing } = simulateCustomer(customer, { roster, context, withoutLedger: true });
    for (const billed of billing.subscriptions) {
      const subscription = plan.subscriptions.find(({ key }) => key === billed.key);
      if (billed.status !== 'unpaid' || subscription === undefined) continue;
      unpaid += 1;
      const lastAttempt = accessBy(subscription, billed, billing, '').revokedAt ?? 0;
      const ended = { ...billed, endedAt: lastAttempt - 1 };
      expect(accessBy(subscription, ended, billing, '').revokedAt).toBe(ended.endedAt);
    }
  }
  expect(unpaid).toBeGreaterThan(0);
});
