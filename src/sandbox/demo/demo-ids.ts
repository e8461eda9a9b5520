import type { SeededRandom } from './seeded-random';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base62 = `0123456789${letters}`;

/** The n-th id of an object as Salesforce writes it, in 18 characters. */
export function salesforceId(prefix: string, n: number): string {
  const digits = [3, 2, 1, 0].map((place) => base62.charAt(Math.floor(n / 62 ** place) % 62));
  return withCaseSuffix(`${prefix}Qk00000${digits.join('')}A`);
}

/** An id of 15 characters, and the three behind it that tell which of them are capitals. */
export function withCaseSuffix(id: string): string {
  const suffix = [0, 5, 10].map((start) => {
    const bits = [...id.slice(start, start + 5)].reduce(
      (sum, character, i) => sum + (/[A-Z]/.test(character) ? 2 ** i : 0),
      0,
    );
    return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'.charAt(bits);
  });
  return id + suffix.join('');
}

/** An id as Stripe writes it: `in_1Rk…`. */
export function stripeId(prefix: string, random: SeededRandom): string {
  return `${prefix}_1Rk${random.text(19, base62)}`;
}
