/** A page of a Stripe list, each object byte for byte as it came. */
export interface ListPage {
  items: string[];
  hasMore: boolean;
}

/**
 * Cuts a list response into the exact text of its objects: what is kept and hashed is what Stripe
 * sent, not what a parser made of it. Null when the text is no complete list.
 */
export function splitList(text: string): ListPage | null {
  let hasMore: boolean | null = null;
  let items: string[] | null = null;
  const begin = skipSpace(text, 0);
  if (text[begin] !== '{') return null;
  let at = skipSpace(text, begin + 1);
  while (at < text.length && text[at] !== '}') {
    const keyEnd = endOfString(text, at);
    const colon = skipSpace(text, keyEnd);
    if (keyEnd < 0 || text[colon] !== ':') return null;
    const key = text.slice(at + 1, keyEnd - 1);
    const valueAt = skipSpace(text, colon + 1);
    const valueEnd = endOfValue(text, valueAt);
    if (valueEnd < 0) return null;
    if (key === 'data') items = elementsOf(text, valueAt, valueEnd);
    if (key === 'has_more') hasMore = flags[text.slice(valueAt, valueEnd)] ?? null;
    at = skipSpace(text, valueEnd);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== '}') return null;
  }
  return at < text.length && items !== null && hasMore !== null ? { items, hasMore } : null;
}

/** Anything else says nothing of whether there is more. */
const flags: Readonly<Record<string, boolean>> = { true: true, false: false };

/** The texts of an array's elements; null when it is not an array. */
function elementsOf(text: string, begin: number, end: number): string[] | null {
  if (text[begin] !== '[') return null;
  const elements: string[] = [];
  let at = skipSpace(text, begin + 1);
  while (at < end - 1) {
    const elementEnd = endOfValue(text, at);
    if (elementEnd < 0) return null;
    elements.push(text.slice(at, elementEnd));
    at = skipSpace(text, elementEnd);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return elements;
}

const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Just behind the closing quote of the string that begins here; -1 when there is none. */
function endOfString(text: string, from: number): number {
  if (text[from] !== '"') return -1;
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** Just behind the JSON value that begins here; -1 when it does not end. */
function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== '{' && first !== '[') {
    let at = from;
    while (at < text.length && !',]}'.includes(text[at] ?? '') && !isSpace(text.charCodeAt(at)))
      at += 1;
    return at > from ? at : -1;
  }
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
      if (at < 0) return -1;
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return -1;
}
