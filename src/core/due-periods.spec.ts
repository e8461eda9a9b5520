import { duePeriods, type PeriodHistory } from './due-periods';

const due = (
  frequency: 'daily' | 'weekly' | 'monthly' | 'on_event',
  since: string,
  today: string,
  history: Record<string, PeriodHistory> = {},
): string[] =>
  duePeriods(frequency, since, today, new Map(Object.entries(history))).map(({ key }) => key);

test('a period is due from the day after its last, and not before', () => {
  expect(due('monthly', '2026-05-10', '2026-06-30')).toEqual(['2026-05']);
  expect(due('monthly', '2026-05-10', '2026-07-01')).toEqual(['2026-05', '2026-06']);
});

test('days on which nobody was there to run are caught up, oldest first', () => {
  const ran = { outcome: 'passed', recordedOn: '2026-06-02', waiting: false } as const;
  expect(due('daily', '2026-06-01', '2026-06-05', { '2026-06-01': ran })).toEqual([
    '2026-06-02',
    '2026-06-03',
    '2026-06-04',
  ]);
});

test.each([
  ['passed', []],
  ['exceptions', []],
  ['not_evaluated', ['2026-06']],
  ['errored', ['2026-06']],
] as const)('a period that %s yesterday is due again: %j', (outcome, expected) => {
  const history = { '2026-06': { outcome, recordedOn: '2026-07-01', waiting: false } };
  expect(due('monthly', '2026-06-01', '2026-07-02', history)).toEqual(expected);
  expect(due('monthly', '2026-06-01', '2026-07-01', history)).toEqual([]);
});

test('a verdict that left items in their grace is looked at again the next day', () => {
  const history = {
    '2026-06': { outcome: 'passed', recordedOn: '2026-07-01', waiting: true } as const,
  };
  expect(due('monthly', '2026-06-01', '2026-07-01', history)).toEqual([]);
  expect(due('monthly', '2026-06-01', '2026-07-02', history)).toEqual(['2026-06']);
});

test('a week is due from its Monday after; what runs on an event never is', () => {
  expect(due('weekly', '2026-06-15', '2026-06-28')).toEqual(['2026-W25']);
  expect(due('weekly', '2026-06-15', '2026-06-29')).toEqual(['2026-W25', '2026-W26']);
  expect(due('on_event', '2026-06-15', '2026-06-29')).toEqual([]);
});

test('nothing older than the horizon is caught up', () => {
  expect(due('monthly', '2020-01-01', '2026-07-01')[0]).toBe('2025-05');
});
