import type { BooksRow } from '../../books/mapping';

const unescapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Rows of the text format of COPY … TO STDOUT, whatever pieces its bytes come in. */
export async function* copyRows(
  chunks: AsyncIterable<Buffer>,
  columns: readonly string[],
): AsyncGenerator<BooksRow> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a);
    rest = bytes.subarray(end + 1);
    if (end < 0) continue;
    for (const line of bytes.toString('utf8', 0, end).split('\n')) yield rowOf(line, columns);
  }
  if (rest.length > 0) throw new Error('COPY ended in the middle of a row');
}

function rowOf(line: string, columns: readonly string[]): BooksRow {
  const row: Record<string, string | null> = {};
  const cells = line.split('\t');
  if (cells.length !== columns.length) throw new Error('COPY gave a row of other columns');
  for (const [index, name] of columns.entries()) {
    const cell = cells[index] ?? '';
    row[name] = cell === '\\N' ? null : cell.includes('\\') ? unescaped(cell) : cell;
  }
  return row;
}

const unescaped = (cell: string): string =>
  cell.replace(/\\(.)/gs, (_all, letter: string) => unescapes[letter] ?? letter);
