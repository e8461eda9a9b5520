import { readerLocale } from './locale';

type NumericText = `${number}`;
const isDecimal = (text: string): text is NumericText => /^-?\d+(\.\d+)?$/.test(text);

/** Digits of a currency's minor unit: 2 for USD, 0 for JPY. */
export function minorDigits(currency: string | null): number {
  if (currency === null || !/^[A-Z]{3}$/.test(currency)) return 2;
  const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return options.maximumFractionDigits ?? 2;
}

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
