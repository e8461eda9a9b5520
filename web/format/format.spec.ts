import { formatAmount, formatCount, formatShort, formatSum } from './amount';
import {
  daysBefore,
  daysFrom,
  formatDay,
  formatInstant,
  formatPeriod,
  withInstants,
} from './dates';
import { bySizeDescending, isZero, lessOf, plotHeights, sumOf } from './exact';

describe('amounts', () => {
  test.each([
    ['1234.5', 'USD', 'en-US', '1,234.50'],
    ['-42300', 'USD', 'en-US', '−42,300.00'],
    ['131142154', 'JPY', 'en-US', '131,142,154'],
    ['1.5', 'KWD', 'en-US', '1.500'],
    ['14443890', 'HUF', 'en-US', '14,443,890.00'],
    ['0.0012345', 'USD', 'en-US', '0.0012345'],
    ['-0.00', 'USD', 'en-US', '0.00'],
    ['1234567.8', 'EUR', 'de-DE', '1.234.567,80'],
    ['98765432109876543210.12', 'USD', 'en-US', '98,765,432,109,876,543,210.12'],
    ['7', null, 'en-US', '7.00'],
    ['not a number', 'USD', 'en-US', 'not a number'],
  ])('%s %s reads in %s as %s', (amount, currency, locale, shown) => {
    expect(formatAmount(amount, currency, locale)).toBe(shown);
  });

  test('a sum is rounded to the digits of its currency, halves to the even one', () => {
    expect(formatSum('325997.688493', 'USD', 'en-US')).toBe('325,997.69');
    expect(formatSum('0.125', 'USD', 'en-US')).toBe('0.12');
    expect(formatSum('-2.5', 'JPY', 'en-US')).toBe('−2');
    expect(formatSum('90071992547409931.005', 'USD', 'en-US')).toBe('90,071,992,547,409,931.00');
  });

  test('a headline is short, a count may pass 2^53', () => {
    expect(formatShort('1265552.74', 'en-US')).toBe('1.3M');
    expect(formatCount('9007199254740993', 'en-US')).toBe('9,007,199,254,740,993');
  });
});

describe('exact sums', () => {
  test('tenths add up where floats do not, and signs cancel', () => {
    expect(sumOf(['0.1', '0.2'])).toBe('0.3');
    expect(sumOf(['-504720', '36450', '-6400'])).toBe('-474670');
    expect(lessOf('9552836.67', '10069806.71')).toBe('-516970.04');
    expect(sumOf([])).toBe('0');
    expect(sumOf(['-0.000001'])).toBe('-0.000001');
    expect(isZero('-0.00')).toBe(true);
  });

  test('the largest comes first, whatever its sign', () => {
    expect(['1.5', '-20', '3'].sort(bySizeDescending)).toEqual(['-20', '3', '1.5']);
  });

  test('a chart draws thousandths of the largest', () => {
    expect(plotHeights(['0', '50', '100'])).toEqual([0, 500, 1000]);
    expect(plotHeights(['0', '0'])).toEqual([0, 0]);
  });
});

describe('dates', () => {
  test.each([
    ['2026-06', 'June 2026'],
    ['2026-Q2', 'Q2 2026'],
    ['2026-W07', 'Week 7, 2026'],
    ['2026-06-30', 'Jun 30, 2026'],
  ])('period %s reads as %s', (key, shown) => {
    expect(formatPeriod(key, 'en-US')).toBe(shown);
  });

  test('an accounting date is the same day everywhere; an instant is not', () => {
    expect(formatDay('2026-06-30', 'de-DE')).toBe('30.06.2026');
    expect(formatInstant('2026-06-30T23:30:00Z', 'en-GB', 'Asia/Tokyo')).toBe('1 Jul 2026, 08:30');
    expect(formatInstant('nothing')).toBe('nothing');
  });

  test('days are counted over the ends of months and of summer time', () => {
    expect(daysFrom('2026-03-28', '2026-04-02')).toBe(5);
    expect(daysFrom('2026-06-30', '2026-06-01')).toBe(-29);
    expect(daysBefore('2026-03-02', 7)).toBe('2026-02-23');
  });
});

test('a sentence of the server shows its instants as the reader writes them', () => {
  const text = withInstants('it ends at 2024-10-05T00:00:00.000Z, and is settled.');
  expect(text).toMatch(/^it ends at \D+ [45], 2024, \d+:00\D+M?, and is settled\.$/u);
});
