import { readerLocale } from './locale';

type NumericText = `${number}`;
const isDecimal = (text: string): text is NumericText => /^-?\d+(\.\d+)?$/.test(text);

/** ISO 4217 where the minor unit is not a hundredth. Browsers differ: some write HUF without. */
const digitsOf = new Map<string, number>([
  ...currencies('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', 0),
  ...currencies('BHD IQD JOD KWD LYD OMR TND', 3),
  ...currencies('CLF UYW', 4),
]);

function currencies(names: string, digits: number): [currency: string, digits: number][] {
  return names.split(' ').map((name) => [name, digits]);
}

/** Digits of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. */
export const minorDigits = (currency: string | null): number =>
  currency === null ? 2 : (digitsOf.get(currency) ?? 2);

/**
 * '−1,234.50' as the reader's locale groups it: at least the currency's digits, and every further
 * digit that the amount has, since a shown figure is never rounded.
 */
export function formatAmount(
  text: string,
  currency: string | null,
  locale: string = readerLocale(),
): string {
  if (!isDecimal(text)) return text;
  const [, fraction = ''] = text.split('.');
  const digits = Math.max(minorDigits(currency), fraction.replace(/0+$/, '').length);
  const shown = /[1-9]/.test(text) ? text : '0';
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(shown).replace('-', '−');
}

/**
 * A sum to the currency's digits, rounded half to even: for a headline, where the exact figure
 * stands beside it. Never for what a statement says.
 */
export function formatSum(
  text: string,
  currency: string | null,
  locale: string = readerLocale(),
): string {
  if (!isDecimal(text)) return text;
  const digits = minorDigits(currency);
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat(locale, { ...options, roundingMode: 'halfEven' });
  return format.format(text).replace('-', '−');
}

/** '1.2M': for a chart's axis and a headline, where the exact figure stands beside it. */
export function formatShort(text: string, locale: string = readerLocale()): string {
  if (!isDecimal(text)) return text;
  const format = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  return format.format(text).replace('-', '−');
}

/** A count that may pass 2^53. */
export function formatCount(count: string | number, locale: string = readerLocale()): string {
  const text = String(count);
  return /^\d+$/.test(text) ? new Intl.NumberFormat(locale).format(BigInt(text)) : text;
}
