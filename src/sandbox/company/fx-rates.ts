import { minorDigits } from '../../core/money';
import { addDays, dayNumber, dayOfNumber, monthOf, utcDay, weekday } from '../kit/instants';
import type { Day, Instant } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import { divideHalfUp, RATE_SCALE, rateOf, rateText, type Minor, type Rate } from '../kit/units';
import type { WarehouseRow } from '../world/records';

/** What one unit of a currency cost in US dollars when the walk began. */
const firstValues = {
  USD: '1',
  EUR: '1.0835',
  GBP: '1.2720',
  JPY: '0.006780',
  KWD: '3.2550',
  BHD: '2.6525',
  ISK: '0.007260',
  HUF: '0.002790',
  CAD: '0.7340',
  AUD: '0.6610',
  CHF: '1.1240',
  SEK: '0.0955',
  NOK: '0.0948',
  DKK: '0.1453',
  PLN: '0.2510',
} as const;

/** Currencies that are pegged: they hardly move. */
const pegged: ReadonlySet<string> = new Set(['BHD', 'KWD']);

/** First day of the rates; half a year before the company's history begins. */
export const firstRateDay: Day = '2024-01-01';

const functionalCurrencies = ['USD', 'EUR'] as const;
const sources = ['ECB', 'BLOOMBERG'] as const;
export type RateSource = (typeof sources)[number];
export type RateType = 'SPOT' | 'AVG' | 'CORP';

/**
 * Daily rates of the world: a random walk by one keyed stream per currency and day, in whole
 * numbers, so that a later `now` adds days and changes none. Saturdays and Sundays repeat Friday.
 * A rate is the price of one major unit of `from` in major units of `to`, × 10^12.
 * Throws RangeError for a currency without rates and for a day before `firstRateDay`.
 */
export class FxRates {
  private readonly walks = new Map<string, bigint[]>();
  private readonly averages = new Map<string, Rate>();

  constructor(private readonly seed: string) {}

  spot(from: string, to: string, day: Day, source: RateSource = 'ECB'): Rate {
    if (from === to) return RATE_SCALE;
    const cross = crossOf(this.valueOn(from, day), this.valueOn(to, day));
    if (source === 'ECB') return cross;
    const shift = KeyedRandom.of(this.seed, 'fx second source', from, to, day).int(-200, 200);
    return divideHalfUp(cross * BigInt(1_000_000 + shift), 1_000_000n);
  }

  /** Mean of the daily rates of a calendar month. */
  average(from: string, to: string, month: string): Rate {
    const key = `${from}/${to}/${month}`;
    const known = this.averages.get(key);
    if (known !== undefined) return known;
    const days: Rate[] = [];
    for (let day = `${month}-01`; monthOf(day) === month; day = addDays(day, 1))
      days.push(this.spot(from, to, day));
    const mean = divideHalfUp(
      days.reduce((a, b) => a + b, 0n),
      BigInt(days.length),
    );
    this.averages.set(key, mean);
    return mean;
  }

  /** The month's planning rate: the last rate of the month before, to six places. */
  corporate(from: string, to: string, month: string): Rate {
    const last = addDays(`${month}-01`, -1);
    const rate = this.spot(from, to, last < firstRateDay ? firstRateDay : last);
    return divideHalfUp(rate, 1_000_000n) * 1_000_000n;
  }

  private valueOn(currency: string, day: Day): bigint {
    const n = dayNumber(day) - dayNumber(firstRateDay);
    if (n < 0) throw new RangeError(`no rates before ${firstRateDay}: ${day}`);
    const walk = this.walks.get(currency) ?? [rateOf(firstValueOf(currency))];
    this.walks.set(currency, walk);
    while (walk.length <= n) walk.push(this.nextValue(currency, walk));
    return walk[n] ?? 0n;
  }

  private nextValue(currency: string, walk: readonly bigint[]): bigint {
    const day = dayOfNumber(dayNumber(firstRateDay) + walk.length);
    const last = walk.at(-1) ?? 0n;
    if (currency === 'USD' || weekday(day) > 4) return last;
    const base = rateOf(firstValueOf(currency));
    const reach = pegged.has(currency) ? 150 : 5_500;
    const step = KeyedRandom.of(this.seed, 'fx', currency, day).int(-reach, reach);
    const pull = ((base - last) * 1_000_000n) / (base * 60n);
    return divideHalfUp(last * (1_000_000n + BigInt(step) + pull), 1_000_000n);
  }
}

function firstValueOf(currency: string): string {
  const value = (firstValues as Readonly<Record<string, string>>)[currency];
  if (value === undefined) throw new RangeError(`no exchange rate for ${currency}`);
  return value;
}

const crossOf = (from: bigint, to: bigint): Rate => divideHalfUp(from * RATE_SCALE, to);

const opened = new Map<string, FxRates>();

/** The rates of a world; the same object for the same seed. */
export function ratesOf(seed: string): FxRates {
  const known = opened.get(seed);
  if (known !== undefined) return known;
  if (opened.size > 8) opened.clear();
  const rates = new FxRates(seed);
  opened.set(seed, rates);
  return rates;
}

/** An amount at a rate, in minor units of the other currency, rounded half up once. */
export function convertAt(amount: Minor, from: string, to: string, rate: Rate): Minor {
  if (from === to) return amount;
  const digits = minorDigits(to) - minorDigits(from);
  const shift = 10n ** BigInt(Math.abs(digits));
  return digits >= 0
    ? divideHalfUp(amount * rate * shift, RATE_SCALE)
    : divideHalfUp(amount * rate, RATE_SCALE * shift);
}

/** Rows of fx_rate up to and with the day of `now`: both sources, AVG once its month is over. */
export function* renderFxRates(seed: string, now: Instant): Iterable<WarehouseRow> {
  const rates = ratesOf(seed);
  const today = utcDay(now);
  for (const to of functionalCurrencies)
    for (const from of Object.keys(firstValues)) {
      if (from === to) continue;
      for (let day = firstRateDay; day <= today; day = addDays(day, 1)) {
        for (const source of sources)
          yield row('SPOT', [from, to], day, rates.spot(from, to, day, source), source);
        const month = monthOf(day);
        if (day.endsWith('-01'))
          yield row('CORP', [from, to], day, rates.corporate(from, to, month), 'TREASURY');
        if (monthOf(addDays(day, 1)) !== month && day < today)
          yield row('AVG', [from, to], day, rates.average(from, to, month), 'ECB');
      }
    }
}

function row(
  type: RateType,
  [from, to]: [string, string],
  date: Day,
  rate: Rate,
  source: string,
): WarehouseRow {
  const cells = { rate_type: type, from, to, date, rate: rateText(rate), source };
  return { table: 'fx_rate', row: cells };
}
