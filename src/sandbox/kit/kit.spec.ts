import { BookZone } from './book-zone';
import { salesforceId, stripeId } from './ids';
import {
  addMonths,
  addMonthsToInstant,
  dayNumber,
  dayOfNumber,
  daysBetween,
  instantOf,
  isoInstant,
} from './instants';
import { KeyedRandom } from './keyed-random';
import { divideHalfUp, majorText, priceOf, rateOf, rateText, shareOf, wireAmount } from './units';

describe('a keyed stream', () => {
  test('is a function of its key, whatever was drawn elsewhere', () => {
    const draw = (): number[] => {
      const random = KeyedRandom.of('7', 'usage', 'C000123');
      return [random.int(0, 1_000_000), random.int(0, 1_000_000)];
    };
    const before = draw();
    KeyedRandom.of('7', 'usage', 'C000124').int(0, 9);
    expect(draw()).toEqual(before);
    expect(before).toEqual([167332, 418569]);
  });

  test('draws every value of a range about as often', () => {
    const random = KeyedRandom.of('evenness');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) {
      const value = random.int(0, 9);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('book days', () => {
  // CONTROLS OW-08.
  test('an instant has another day in Los Angeles than in Dublin', () => {
    const at = instantOf('2026-07-01T06:30:00Z');
    expect(new BookZone('America/Los_Angeles').dayOf(at)).toBe('2026-06-30');
    expect(new BookZone('Europe/Dublin').dayOf(at)).toBe('2026-07-01');
  });

  test.each([
    ['America/Los_Angeles', '2025-03-09', '2025-03-09T08:00:00Z', 23],
    ['America/Los_Angeles', '2025-11-02', '2025-11-02T07:00:00Z', 25],
    ['Europe/Dublin', '2026-03-29', '2026-03-29T00:00:00Z', 23],
    ['Europe/Dublin', '2026-06-30', '2026-06-29T23:00:00Z', 24],
  ])('in %s the day %s starts at %s and has %i hours', (name, day, start, hours) => {
    const zone = new BookZone(name);
    expect(isoInstant(zone.startOf(day))).toBe(start);
    expect((zone.startOf(addDay(day)) - zone.startOf(day)) / 3600).toBe(hours);
  });

  test('agrees with Intl at every hour of three years', () => {
    for (const name of ['America/Los_Angeles', 'Europe/Dublin']) {
      const zone = new BookZone(name);
      const format = new Intl.DateTimeFormat('en-CA', { timeZone: name, dateStyle: 'short' });
      const end = instantOf('2027-01-01T00:00:00Z');
      for (let at = instantOf('2024-01-01T00:00:00Z'); at < end; at += 3600 * 5)
        expect(zone.dayOf(at)).toBe(format.format(new Date(at * 1000)));
    }
  });

  const addDay = (day: string): string =>
    isoInstant(instantOf(`${day}T00:00:00Z`) + 86_400).slice(0, 10);
});

test('months are added as Stripe counts billing cycles', () => {
  expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
  expect(addMonths('2025-01-31', 1)).toBe('2025-02-28');
  expect(addMonths('2026-11-30', 3)).toBe('2027-02-28');
  expect(isoInstant(addMonthsToInstant(instantOf('2026-01-31T07:30:12Z'), 1))).toBe(
    '2026-02-28T07:30:12Z',
  );
  expect(daysBetween('2019-01-15', '2019-02-15')).toBe(31);
});

describe('amounts', () => {
  test('round half away from zero, once', () => {
    expect([divideHalfUp(5n, 2n), divideHalfUp(-5n, 2n), divideHalfUp(4n, 3n)]).toEqual([
      3n,
      -3n,
      1n,
    ]);
    // CONTROLS PB-04: 4.4556 × 10.625 = 47.34.
    expect(divideHalfUp(44556n * 10625n, 100_000n)).toBe(4734n);
    expect(shareOf(10_000n, 82_500n)).toBe(825n);
  });

  test('a rate keeps twelve places of a minor unit', () => {
    const rate = rateOf('0.000123456789');
    expect(rateText(rate)).toBe('0.000123456789');
    expect(priceOf(rate, 1_000_000_000n)).toBe(123457n);
    expect(() => rateOf('0.0000000000001')).toThrow('is not a rate');
  });

  // CONTROLS S1 and ST-31.
  test('stand on the wire in the exponents of Stripe', () => {
    expect([wireAmount(1000n, 'USD'), wireAmount(500n, 'JPY'), wireAmount(5n, 'ISK')]).toEqual([
      1000, 500, 500,
    ]);
    expect([majorText(10_000n, 'KWD'), majorText(-5n, 'USD'), majorText(1200n, 'JPY')]).toEqual([
      '10.000',
      '-0.05',
      '1200',
    ]);
  });
});

test('ids look as their systems write them, and are functions of the key', () => {
  expect(stripeId('in', 'C1', 3)).toMatch(/^in_1R[0-9A-Za-z]{22}$/);
  expect(stripeId('in', 'C1', 3)).toBe(stripeId('in', 'C1', 3));
  expect(salesforceId('Order', 'D1')).toMatch(/^801Qk0[0-9A-Za-z]{8}A[A-Z0-5]{3}$/);
});

test('days are counted as the calendar counts them, leap years and centuries too', () => {
  for (let n = -60_000; n <= 60_000; n += 7) {
    const day = new Date(n * 86_400_000).toISOString().slice(0, 10);
    expect([dayNumber(day), dayOfNumber(n)]).toEqual([n, day]);
  }
  expect(() => dayNumber('someday')).toThrow('is not a day');
});
