import fc from 'fast-check';
import {
  addBusinessDays,
  addDays,
  businessDaysBetween,
  closedPeriods,
  earliestWithinGrace,
  calendarFrequencies,
  isBusinessDay,
  isDate,
  periodContaining,
  periodOf,
  weekdays,
} from './calendar';

const calendar = { weekend: ['saturday', 'sunday'] as const, holidays: ['2026-07-03'] };
const anyDate = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1990-01-01', days));

test.each([
  ['daily', '2026-06-30', '2026-06-30', '2026-07-01'],
  ['weekly', '2026-W27', '2026-06-29', '2026-07-06'],
  ['weekly', '2020-W53', '2020-12-28', '2021-01-04'],
  ['monthly', '2024-02', '2024-02-01', '2024-03-01'],
  ['monthly', '2026-12', '2026-12-01', '2027-01-01'],
  ['quarterly', '2026-Q4', '2026-10-01', '2027-01-01'],
  ['on_event', '2026-06-30', '2026-06-30', '2026-07-01'],
  ['on_event', '2026-W27', '2026-06-29', '2026-07-06'],
  ['on_event', '2026-Q4', '2026-10-01', '2027-01-01'],
] as const)('%s %s is from %s up to, not including, %s', (frequency, key, start, end) => {
  expect(periodOf(frequency, key)).toEqual({ key, start, end });
});

test.each([
  ['daily', '2026-02-29'],
  ['weekly', '2026-W54'],
  ['weekly', '2021-W53'],
  ['weekly', '2026-W00'],
  ['monthly', '2026-13'],
  ['monthly', '2026-6'],
  ['quarterly', '2026-Q5'],
  ['on_event', '2026-Q5'],
  ['on_event', '2026-06-31'],
] as const)('%s %s is no period, and the error says the form', (frequency, key) => {
  expect(() => periodOf(frequency, key)).toThrow(/is not a .*period; write it as/);
});

test('every day lies in exactly one period of each frequency, and periods leave no gap', () => {
  fc.assert(
    fc.property(anyDate, fc.constantFrom(...calendarFrequencies), (date, frequency) => {
      const period = periodContaining(frequency, date);
      expect(period.start <= date && date < period.end).toBe(true);
      expect(periodContaining(frequency, period.end).start).toBe(period.end);
      expect(periodOf(frequency, period.key)).toEqual(period);
    }),
  );
});

test('closed periods end by today', () => {
  const keys = closedPeriods('monthly', '2025-12-31', '2026-03-01').map(({ key }) => key);
  expect(keys).toEqual(['2025-12', '2026-01', '2026-02']);
});

test('three business days after a Thursday before a holiday end on the Wednesday', () => {
  expect(addBusinessDays('2026-07-02', 3, calendar)).toBe('2026-07-08');
  expect(isBusinessDay('2026-07-03', calendar)).toBe(false);
  expect(isBusinessDay('2026-07-05', calendar)).toBe(false);
});

test('grace lasts through its last day: an older item has none left', () => {
  fc.assert(
    fc.property(anyDate, fc.integer({ min: 0, max: 15 }), (asOf, days) => {
      const earliest = earliestWithinGrace(asOf, days, calendar);
      expect(addBusinessDays(earliest, days, calendar) >= asOf).toBe(true);
      expect(addBusinessDays(addDays(earliest, -1), days, calendar) < asOf).toBe(true);
    }),
  );
});

test('a date is a day of the calendar in one form only', () => {
  expect(['2024-02-29', '2026-02-29', '2026-2-1', '26-01-01', ''].map(isDate)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('business days between two dates are those that one counts day by day', () => {
  const calendars = fc.record({
    weekend: fc.uniqueArray(fc.constantFrom(...weekdays), { maxLength: 7 }),
    holidays: fc.array(fc.constantFrom('1990-01-01', '2026-07-03', '2026-07-04', '2026-07-06')),
  });
  const near = fc.constantFrom('2026-06-01', '2026-07-02', '2026-07-03');
  fc.assert(
    fc.property(
      fc.oneof(near, anyDate),
      fc.integer({ min: -10, max: 60 }),
      calendars,
      (a, n, c) => {
        const b = addDays(a, n);
        let days = 0;
        for (let i = 1; i <= n; i += 1) if (isBusinessDay(addDays(a, i), c)) days += 1;
        expect(businessDaysBetween(a, b, c)).toBe(days);
      },
    ),
  );
});
