import { customerInjections } from '../world/injections';
import { instantOf } from '../kit/instants';
import { simulateCustomer } from '../world/simulate-customer';
import { worldContext } from '../world/world-context';
import type { CustomerWorld } from '../world/customer-world';
import { openRoster } from './roster';

const options = {
  ...{ seed: '1', scale: 0.001, lookAlikes: true },
  now: instantOf('2024-11-01T12:00:00Z'),
};
const [roster, context] = [openRoster(options), worldContext(options)];

const worlds = (): CustomerWorld[] =>
  Array.from({ length: roster.size }, (_, i) =>
    simulateCustomer(roster.customer(i + 1), { roster, context, withoutLedger: true }),
  );

describe('what the old system left behind', () => {
  const all = worlds();

  test('all that was open is loaded, to the cent, and nothing else', () => {
    const billed = all.flatMap(({ cutover }) => cutover.billed);
    const loaded = all.flatMap(({ cutover }) => cutover.loaded);
    expect(billed.some(({ open }) => open === 0n)).toBe(true);
    const open = billed.filter((one) => one.open > 0n);
    expect(loaded.map((one) => [one.legacyInvoiceId, one.currency, one.amount])).toEqual(
      open.map((one) => [one.id, one.currency, one.open]),
    );
    expect(new Set(billed.map(({ id }) => id)).size).toBe(billed.length);
  });

  test('it billed no day that the new system bills', () => {
    for (const { customer, plan, cutover } of all)
      for (const { periodEnd } of cutover.billed)
        for (const { startAt } of customer.segment === 'sales_led' ? [] : plan.subscriptions)
          expect(instantOf(`${periodEnd}T00:00:00Z`)).toBeLessThanOrEqual(startAt + 86_400);
    expect(
      all.filter(({ customer, cutover }) => customer.internal && cutover.billed.length),
    ).toEqual([]);
  });

  test.each([
    ['A110', 'low', 'CO01-AMOUNT'],
    ['A110', 'high', 'CO01-AMOUNT'],
    ['A111', 'low', 'CO01-DOUBLE_BILL'],
    ['A111', 'high', 'CO01-DOUBLE_BILL'],
  ] as const)('%s, %s, is one change and expects %s', (id, magnitude, code) => {
    const injection = customerInjections.find((one) => one.id === id);
    const world = worlds().find((one) => (injection?.candidates(one, context).length ?? 0) > 0);
    const [candidate] = (world && injection?.candidates(world, context)) ?? [];
    if (!injection || !world || !candidate) throw new Error(`${id} finds nobody`);
    const before = sums(world);
    const [finding] = injection.apply(world, candidate, magnitude, context);
    expect([finding?.control, finding?.code]).toEqual(['CO-01', code]);
    const off = sums(world).map((sum, i) => sum - (before[i] ?? 0n));
    const amount = finding?.impact?.amount ?? 0n;
    expect(off).toEqual(id === 'A110' ? [0n, -amount] : [amount, 0n]);
    expect(amount).toBeGreaterThan(0n);
  });
});

const sums = ({ cutover }: CustomerWorld): bigint[] =>
  [cutover.billed, cutover.loaded].map((list) =>
    list.reduce((sum, { amount }) => sum + amount, 0n),
  );
