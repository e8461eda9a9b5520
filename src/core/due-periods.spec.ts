import { duePeriods, type PeriodHistory } from './due-periods';

const due = (
  frequency: 'daily' | 'weekly' | 'monthly' | 'on_event',
  since: string,
  today: string,
  history: Record<string, PeriodHistory> = {},
): string[] =>
  duePeriods({ frequency }, since, today, new Map(Object.entries(history))).map(({ key }) => key);

const dailyByMonth = (today: string, history: Record<string, PeriodHistory> = {}): string[] =>
  duePeriods(
    { frequency: 'daily', period: 'monthly' },
    '2026-05-01',
    today,
    new Map(Object.entries(history)),
  ).map(({ key }) => key);

test('a period is due from the day after its last, and not before', () => {
  expect(due('monthly', '2026-05-10', '2026-06-30')).toEqual(['2026-05']);
  expect(due('monthly', '2026-05-10', '2026-07-01')).toEqual(['2026-05', '2026-06']);
});

test('days on which nobody was there to run are caught up, oldest first', () => {
  const ran = {
    outcome: 'passed',
    recordedOn: '2026-06-02',
    asOf: '2026-06-01',
    waiting: false,
  } as const;
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
  const history = {
    '2026-06': { outcome, recordedOn: '2026-07-01', asOf: '2026-06-30', waiting: false },
  };
  expect(due('monthly', '2026-06-01', '2026-07-02', history)).toEqual(expected);
  expect(due('monthly', '2026-06-01', '2026-07-01', history)).toEqual([]);
});

test('a verdict that left items in their grace is looked at again the next day', () => {
  const history = {
    '2026-06': {
      outcome: 'passed',
      recordedOn: '2026-07-01',
      asOf: '2026-06-30',
      waiting: true,
    } as const,
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

test('a daily control over months looks at the month that is not over, once a day', () => {
  const passed = { outcome: 'passed', waiting: false } as const;
  const may = { ...passed, recordedOn: '2026-06-01', asOf: '2026-05-31' };
  expect(dailyByMonth('2026-05-01')).toEqual([]);
  expect(dailyByMonth('2026-05-02')).toEqual(['2026-05']);
  expect(dailyByMonth('2026-06-01')).toEqual(['2026-05']);
  expect(dailyByMonth('2026-06-15', { '2026-05': may })).toEqual(['2026-06']);
  const june = { ...passed, recordedOn: '2026-06-15', asOf: '2026-06-14' };
  expect(dailyByMonth('2026-06-15', { '2026-05': may, '2026-06': june })).toEqual([]);
  expect(dailyByMonth('2026-06-16', { '2026-05': may, '2026-06': june })).toEqual(['2026-06']);
});

test('a month that was only looked at while it lasted is due when it is over', () => {
  const early = { outcome: 'passed', recordedOn: '2026-05-31', asOf: '2026-05-30' } as const;
  const history = { '2026-05': { ...early, waiting: false } };
  expect(dailyByMonth('2026-06-01', history)).toEqual(['2026-05']);
});

test('a weekly control over months looks once in each week', () => {
  const seen = (recordedOn: string): Map<string, PeriodHistory> =>
    new Map([['2026-06', { outcome: 'passed', recordedOn, asOf: '2026-06-10', waiting: false }]]);
  const due = (today: string, recordedOn: string): string[] =>
    duePeriods(
      { frequency: 'weekly', period: 'monthly' },
      '2026-06-01',
      today,
      seen(recordedOn),
    ).map(({ key }) => key);
  expect(due('2026-06-14', '2026-06-11')).toEqual([]); // both in the week of Monday the 8th
  expect(due('2026-06-15', '2026-06-11')).toEqual(['2026-06']);
});
