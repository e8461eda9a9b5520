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
  switch (typeof value) {
    case 'string':
      if (/\p{Surrogate}/u.test(value)) throw new TypeError('canonicalJson: a lone surrogate');
      return;
    case 'boolean':
      return;
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return;
      throw new TypeError(`canonicalJson: ${value} must be a string to keep its value`);
    case 'object':
      if (value === null) return;
      if (Array.isArray(value)) return value.forEach(assertJson);
      if (Object.getPrototypeOf(value) !== Object.prototype)
        throw new TypeError('canonicalJson: only plain objects have a JSON form');
      return Object.values(value).forEach(assertJson);
    default:
      throw new TypeError(`canonicalJson: ${typeof value} has no JSON form`);
  }
}

export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
