/** Exact sums of decimal text; the page never turns an amount into a number. */

const scale = 12;

function scaled(text: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  const digits = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  return sign === '-' ? 0n - digits : digits;
}

function plain(value: bigint): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? 0n - value : value).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** '0' for none; amounts of one currency only. */
export const sumOf = (texts: readonly string[]): string =>
  plain(texts.reduce((sum, text) => sum + scaled(text), 0n));

/** What is left of the first after the second. */
export const lessOf = (first: string, second: string): string =>
  plain(scaled(first) - scaled(second));

export const isZero = (text: string): boolean => scaled(text) === 0n;

/** Largest first, for sorting by size regardless of sign. */
export function bySizeDescending(a: string, b: string): number {
  const size = (text: string): bigint => scaled(text.replace('-', ''));
  return size(a) === size(b) ? 0 : size(a) > size(b) ? -1 : 1;
}

/**
 * Where a chart draws a value: thousandths of the largest, so that pixels, not money, are numbers.
 */
export function plotHeights(texts: readonly string[]): number[] {
  const values = texts.map(scaled);
  const top = values.reduce((largest, value) => (value > largest ? value : largest), 0n);
  return values.map((value) => (top === 0n ? 0 : Number((value * 1000n) / top)));
}
