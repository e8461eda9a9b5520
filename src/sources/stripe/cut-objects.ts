/**
 * The exact texts of all objects of one kind inside the text of another, in their order: what an
 * answer carries along and Stripe lists nowhere, such as discounts.
 */
export function cutObjects(text: string, kind: string): string[] {
  if (!text.includes(`"${kind}"`)) return [];
  const found: string[] = [];
  const begins: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{') begins.push(at);
    else if (character === '}') {
      const begin = begins.pop();
      if (begin === undefined) return [];
      const own = text.slice(begin, at + 1);
      if (own.includes(`"${kind}"`) && isOfKind(own, kind)) found.push(own);
    }
  }
  return found;
}

/** At the closing quote of the string that begins here. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

const isOfKind = (text: string, kind: string): boolean =>
  (JSON.parse(text) as { object?: unknown }).object === kind;
