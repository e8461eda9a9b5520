/** A page of a query's answer, each record byte for byte as it came. */
export interface QueryPage {
  records: string[];
  /** Rows of the whole query, not of this page. */
  totalSize: number;
  /** Where the next page is; null on the last. */
  next: string | null;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;

/**
 * Cuts the answer to a query into the exact text of its records: what is kept and hashed is what
 * Salesforce sent, not what a parser made of it. Null when the text is no complete answer.
 */
export function splitRecords(text: string): QueryPage | null {
  const rest = restOf(text);
  if (rest === null) return null;
  const { totalSize, done, nextRecordsUrl } = rest;
  if (typeof totalSize !== 'number' || typeof done !== 'boolean') return null;
  const records = recordsOf(text);
  if (records === null) return null;
  if (done) return { records, totalSize, next: null };
  return typeof nextRecordsUrl === 'string' ? { records, totalSize, next: nextRecordsUrl } : null;
}

function restOf(text: string): Record<string, unknown> | null {
  try {
    const parsed = JSON.parse(text) as unknown;
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null;
  } catch {
    return null;
  }
}

/** The texts of the elements of the outermost `records`; the text is known to be JSON. */
function recordsOf(text: string): string[] | null {
  const records: string[] = [];
  let [depth, from, isInside, isFound, isMixed, key] = [0, -1, false, false, false, ''];
  for (const { 0: word, index } of text.matchAll(token)) {
    if (word === '{' || word === '[') {
      if (depth === 1 && word === '[' && key === '"records"') [isInside, isFound] = [true, true];
      if (depth === 2 && isInside) from = index;
      depth += 1;
    } else if (word === '}' || word === ']') {
      depth -= 1;
      if (depth === 2 && isInside) records.push(text.slice(from, index + 1));
      if (depth === 1) isInside = false;
    } else if (depth === 1 && word.startsWith('"')) key = word;
    else if (depth === 2 && isInside && word !== ',') isMixed = true;
  }
  // What is no object among them would be left out: then the answer is none.
  return isFound && !isMixed ? records : null;
}
