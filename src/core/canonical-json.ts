import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * RFC 8785 text of a value. Its numbers are doubles, so money and large counts must be strings.
 * Throws TypeError on whatever JSON would drop or change without a word: undefined, NaN, integers
 * beyond 2^53, bigint, dates, maps, lone surrogates.
 */
export function canonicalJson(value: Json): string {
  assertJson(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalJson: the value has no JSON form');
  return text;
}

function assertJson(value: unknown): asserts value is Json {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new TypeError('canonicalJson: a lone surrogate');
  } else if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new TypeError(`canonicalJson: ${value} must be a string to keep its value`);
  } else if (Array.isArray(value)) {
    value.forEach(assertJson);
  } else if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    Object.values(value).forEach(assertJson);
  } else {
    throw new TypeError(`canonicalJson: a ${typeof value} that is not plain has no JSON form`);
  }
}

export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
