import { Decimal } from 'decimal.js';

/**
 * Exact decimal arithmetic on amounts in major units, held as strings. The only place that computes
 * money in TypeScript. DuckDB and Postgres compute with DECIMAL/numeric of the same scale (6).
 */
export interface Money {
  amount: string;
  currency: string;
}

/** Digits kept after the point everywhere: numeric(24,6) in Postgres, DECIMAL(24,6) in DuckDB. */
export const AMOUNT_SCALE = 6;

// Precise enough for any sum of DECIMAL(38,6); exponents never switch to scientific notation.
const Exact = Decimal.clone({ precision: 80, toExpNeg: -30, toExpPos: 60 });

/** ISO 4217 currencies in use (list one, 2026), which decide what counts as a known currency. */
const ISO_4217 = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP ' +
    'BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB ' +
    'EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD ' +
    'JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP ' +
    'MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR ' +
    'RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND ' +
    'TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF ' +
    'YER ZAR ZMW ZWG'
  ).split(' '),
);

/** Where ISO 4217 differs from two minor-unit digits. */
const MINOR_DIGITS = new Map<string, number>();
for (const code of 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))
  MINOR_DIGITS.set(code, 0);
for (const code of 'BHD IQD JOD KWD LYD OMR TND'.split(' ')) MINOR_DIGITS.set(code, 3);
for (const code of 'CLF UYW'.split(' ')) MINOR_DIGITS.set(code, 4);

export function isKnownCurrency(code: string): boolean {
  return ISO_4217.has(code);
}

export const knownCurrencies = (): string[] => [...ISO_4217];

/** Digits of a currency's minor unit by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  if (!ISO_4217.has(currency)) throw new RangeError(`'${currency}' is not an ISO 4217 currency`);
  return MINOR_DIGITS.get(currency) ?? 2;
}

/** One minor unit in major units: '0.01' for USD, '1' for JPY. */
export function minorUnit(currency: string): string {
  return new Exact(10).pow(-minorDigits(currency)).toFixed();
}

/** The one written form of an amount: no exponent, no trailing zeros, no negative zero. */
export const normalizeAmount = (amount: string): string => written(new Exact(amount));

function written(value: Decimal): string {
  if (!value.isFinite()) throw new RangeError('an amount must be a finite decimal');
  return value.isZero() ? '0' : value.toFixed();
}

export const addAmounts = (a: string, b: string): string => written(new Exact(a).plus(b));

export const subtractAmounts = (a: string, b: string): string => written(new Exact(a).minus(b));

export const sumAmounts = (amounts: readonly string[]): string => amounts.reduce(addAmounts, '0');

export const absoluteAmount = (amount: string): string => written(new Exact(amount).abs());

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export const compareAmounts = (a: string, b: string): number => new Exact(a).comparedTo(b);

export const isZeroAmount = (amount: string): boolean => new Exact(amount).isZero();

export function subtractMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency)
    throw new RangeError(`${a.currency} and ${b.currency} cannot be subtracted`);
  return { amount: subtractAmounts(a.amount, b.amount), currency: a.currency };
}

/**
 * For people: '1,234.50' with at least the currency's own digits, and more where the amount has
 * more, since a printed figure must never be rounded. The currency is not part of the text.
 */
export function formatAmount(amount: string, currency: string): string {
  const [, sign = '', whole, fraction = ''] = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(amount) ?? [];
  if (whole === undefined) throw new RangeError('an amount must be a decimal without an exponent');
  const digits = fraction.padEnd(ISO_4217.has(currency) ? minorDigits(currency) : 2, '0');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const negative = sign !== '' && /[1-9]/.test(whole + fraction);
  return `${negative ? '-' : ''}${grouped}${digits ? `.${digits}` : ''}`;
}
