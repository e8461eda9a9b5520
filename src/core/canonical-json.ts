import { hash } from 'node:crypto';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Canonical text of objects and arrays where it is known: they are not written out again. */
export type KnownTexts = Pick<ReadonlyMap<object, string>, 'get'>;

/**
 * RFC 8785 text of a value. Its numbers are doubles, so money and large counts must be strings.
 * Throws TypeError on whatever JSON would drop or change without a word: undefined, NaN, integers
 * beyond 2^53, bigint, dates, maps, lone surrogates.
 */
export function canonicalJson(value: Json, known?: KnownTexts): string {
  return textOf(value, known);
}

function textOf(value: unknown, known: KnownTexts | undefined): string {
  if (typeof value === 'string') return stringText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new TypeError(`canonicalJson: ${value} must be a string to keep its value`);
    return String(value);
  }
  if (typeof value === 'object') {
    const text = known?.get(value);
    if (text !== undefined) return text;
    if (Array.isArray(value))
      return `[${Array.from(value, (one) => textOf(one, known)).join(',')}]`;
    if (Object.getPrototypeOf(value) === Object.prototype)
      return objectText(value as Record<string, unknown>, known);
  }
  throw new TypeError(`canonicalJson: a ${typeof value} that is not plain has no JSON form`);
}

/** Most text has nothing to escape, and to see that costs less than to let JSON look for it. */
const plainText = /^[ !#-[\]-~]*$/;

/** JSON.stringify escapes as RFC 8785 §3.2.2.2 asks, but lets lone surrogates through. */
function stringText(value: string): string {
  if (plainText.test(value)) return `"${value}"`;
  if (/[\ud800-\udfff]/.test(value) && /\p{Surrogate}/u.test(value))
    throw new TypeError('canonicalJson: a lone surrogate');
  return JSON.stringify(value);
}

/** Properties in the order of their names' UTF-16 code units (RFC 8785 §3.2.3), which sort() is. */
function objectText(value: Record<string, unknown>, known: KnownTexts | undefined): string {
  let text = '';
  for (const name of sortedNames(value))
    text += `${text === '' ? '' : ','}${stringText(name)}:${textOf(value[name], known)}`;
  return `{${text}}`;
}

/** Most objects have their names in order already, and to see that costs less than to sort them. */
function sortedNames(value: Record<string, unknown>): string[] {
  const names = Object.keys(value);
  let before = '';
  for (const name of names) {
    if (name < before) return names.sort();
    before = name;
  }
  return names;
}

export function sha256Hex(content: string | Buffer): string {
  return hash('sha256', content);
}
