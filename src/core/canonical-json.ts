import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { deepStrictEqual } from 'node:assert';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * RFC 8785 text of a value. Its numbers are doubles, so money and large counts must be strings.
 * Throws when the value would not survive the round trip (undefined, NaN, bigint, Map, unsafe integers).
 */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalJson: the value has no JSON form');
  deepStrictEqual(JSON.parse(text), value, 'canonicalJson: the value does not survive as JSON');
  return text;
}

export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
