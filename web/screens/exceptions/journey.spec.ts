import type { JourneyStep } from '../../api/types';
import { stepsAround } from './journey';

const steps = (count: number, ...named: number[]): JourneyStep[] =>
  Array.from({ length: count }, (_, index) => ({
    on: '2026-06-01',
    kind: 'invoice',
    source: 'stripe',
    id: `in_${index}`,
    label: null,
    amount: null,
    currency: null,
    status: null,
    is_subject: named.includes(index),
  }));

test('a short way is shown whole', () => {
  expect(stepsAround(steps(30), false)).toMatchObject({ before: 0, after: 0 });
});

test('a long way is cut to what surrounds the exception, and the rest is counted', () => {
  const { shown, before, after } = stepsAround(steps(100, 40, 44), false);
  expect([before, shown[0]?.id, shown.at(-1)?.id, after]).toEqual([28, 'in_28', 'in_56', 43]);
  expect(stepsAround(steps(100, 40), true).shown).toHaveLength(100);
});

test('where none is named, the newest are shown', () => {
  expect(stepsAround(steps(100), false)).toMatchObject({ before: 87, after: 0 });
});
