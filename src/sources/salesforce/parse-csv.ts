/** The records of a page of Bulk results, the header first. Null when its last line has no end. */
export function parseCsv(text: string): string[][] | null {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { value, end } = text[at] === '"' ? quoted(text, at) : bare(text, at);
    if (end < 0) return null;
    record.push(value);
    at = end;
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    at += text[at] === '\r' ? 2 : 1;
    records.push(record);
    record = [];
    if (at > text.length) return null;
  }
  return record.length === 0 ? records : null;
}

interface Cell {
  value: string;
  /** Behind the value; -1 when it does not end. */
  end: number;
}

function bare(text: string, from: number): Cell {
  let end = from;
  while (end < text.length && !',\r\n'.includes(text.charAt(end))) end += 1;
  return end === text.length ? { value: '', end: -1 } : { value: text.slice(from, end), end };
}

function quoted(text: string, from: number): Cell {
  let value = '';
  for (let at = from + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { value, end: -1 };
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const end = quote + 1;
      return { value, end: ',\r\n'.includes(text[end] ?? 'x') ? end : -1 };
    }
    value += '"';
    at = quote + 2;
  }
}
