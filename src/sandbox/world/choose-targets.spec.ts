import { instantOf } from '../kit/instants';
import { TargetChoice, type InjectionOrder } from './choose-targets';
import type { CustomerWorld } from './customer-world';
import { worldContext } from './world-context';

const now = instantOf('2026-07-07T13:05:00Z');
const context = worldContext({ seed: '1', scale: 0.003, now, lookAlikes: true });

/** An order whose anomaly can befall these customers alone. */
const orderOf = (id: string, ...customers: string[]): InjectionOrder => ({
  injection: {
    ...{ id, title: id, stage: 'sold' },
    candidates: ({ customer: { key } }) =>
      customers.includes(key)
        ? [{ key: `${id} at ${key}`, at: instantOf('2026-03-10T12:00:00Z') }]
        : [],
    apply: () => [],
  },
  ...{ magnitude: 'high', where: 'anywhere' },
});

function choose(orders: readonly InjectionOrder[], customers: readonly string[]) {
  const choice = new TargetChoice(orders, '1');
  for (const key of customers)
    choice.consider({ customer: { key, entity: 'ni-us' } } as CustomerWorld, context);
  const { targets, without } = choice.chosen();
  const by = [...targets].flatMap(([customer, stages]) =>
    [...stages.values()].flat().map(({ order }) => `${order.injection.id} ${customer}`),
  );
  return { by: by.sort(), without };
}

test('no customer suffers two, and each order finds one as long as there are enough', () => {
  // C1 and C2 are wanted by all three, two of which have nowhere else to go.
  const orders = [
    orderOf('A', 'C1', 'C2', 'C3'),
    orderOf('B', 'C1', 'C2'),
    orderOf('C', 'C1', 'C2'),
  ];
  const { by, without } = choose(orders, ['C1', 'C2', 'C3', 'C4']);
  expect(without).toEqual([]);
  expect(by).toContain('A C3');
  expect(new Set(by.map((text) => text.slice(2))).size).toBe(3);
});

test('an order that came first gives its customer up where it finds another', () => {
  // Lists of equal length: whichever of A and B chooses first, all four are served.
  const orders = [
    ...[orderOf('A', 'C1', 'C2'), orderOf('B', 'C2', 'C3')],
    ...[orderOf('C', 'C3', 'C4'), orderOf('D', 'C4', 'C1')],
  ];
  expect(choose(orders, ['C1', 'C2', 'C3', 'C4']).without).toEqual([]);
});

test('who finds nobody is named, once there are too few', () => {
  const orders = [orderOf('A', 'C1'), orderOf('B', 'C1'), orderOf('C', 'C9')];
  const { by, without } = choose(orders, ['C1', 'C2']);
  expect(by).toHaveLength(1);
  expect(without).toHaveLength(2);
  expect(without).toContain('C');
});

test('of two that are sides of one mistake neither befalls anybody alone', () => {
  const sides = (customersOfB: string[]): InjectionOrder[] =>
    [orderOf('A', 'C1'), orderOf('B', ...customersOfB)].map((order, i, all) => ({
      ...order,
      injection: { ...order.injection, otherSide: all[1 - i]?.injection.id ?? '' },
    }));
  expect(choose(sides(['C1']), ['C1', 'C2'])).toEqual({ by: [], without: ['A', 'B'] });
  expect(choose(sides(['C2']), ['C1', 'C2'])).toEqual({ by: ['A C1', 'B C2'], without: [] });
  const [alone] = sides(['C2']);
  expect(choose(alone ? [alone] : [], ['C1'])).toEqual({ by: [], without: ['A'] });
});

test('the hours before the first whole month of the books are a last resort', () => {
  const at = (text: string) => ({ key: text, at: instantOf(text) });
  const [june, july] = [at('2024-07-01T05:14:57Z'), at('2024-07-15T12:00:00Z')];
  const order: InjectionOrder = {
    injection: {
      ...{ id: 'A', title: 'A', stage: 'sold', apply: () => [] },
      candidates: () => [june, july],
    },
    ...{ magnitude: 'high', where: 'edge' },
  };
  const choice = new TargetChoice([order], '1');
  choice.consider({ customer: { key: 'C1', entity: 'ni-us' } } as CustomerWorld, context);
  const [target] = [...choice.chosen().targets.values()].flatMap((stages) => [...stages.values()]);
  // In Los Angeles the first is still of June.
  expect(target?.[0]?.candidate).toBe(july);
});
