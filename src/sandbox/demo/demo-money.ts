import { minorDigits } from '../../core/money';

/** Whole minor units in major units: 123456n USD is '1234.56', 1200n JPY is '1200'. */
export function major(minor: bigint, currency: string): string {
  const digits = minorDigits(currency);
  if (digits === 0) return String(minor);
  const text = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  const sign = minor < 0n ? '-' : '';
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** A share of an amount, rounded half up; the share in ten-thousandths: 825n is 8.25 %. */
export function shareOf(minor: bigint, tenThousandths: bigint): bigint {
  return (minor * tenThousandths + 5_000n) / 10_000n;
}

export const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

export const less = (minor: bigint, ...others: bigint[]): bigint =>
  others.reduce((rest, other) => rest - other, minor);

/** Equal parts that add up to the whole; the first takes what does not divide. */
export function splitInto(minor: bigint, parts: number): bigint[] {
  const part = minor / BigInt(parts);
  return Array.from({ length: parts }, (_, i) =>
    i === 0 ? minor - part * BigInt(parts - 1) : part,
  );
}
