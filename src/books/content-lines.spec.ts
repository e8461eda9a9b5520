import * as fc from 'fast-check';
import { ContentLines } from './content-lines';
import { escaped, RowEncoder, unescaped } from './row-encoder';

const table = { name: 'things', versions: 'thing_versions', key: ['b', 'a'], objectColumn: 'a' };
const names = ['a', 'b', 'note'];
type Row = Record<string, string | null>;

async function encode(rows: readonly Row[], pieceBytes: number): Promise<[string, ContentLines]> {
  const cell = (text: string | null): string => (text === null ? '\\N' : escaped(text));
  const line = (row: Row): string => `${names.map((name) => cell(row[name] ?? null)).join('\t')}\n`;
  const bytes = Buffer.from(rows.map(line).join(''));
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  };
  const lines = new ContentLines(names, table.key, ['dwh', 'a\tb']);
  let text: Buffer = Buffer.alloc(0);
  for await (const piece of lines.of(pieces())) text = Buffer.concat([text, piece]);
  return [text.toString('utf8'), lines];
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\\N', 'N', '\\', 'a\tb\nc\\d\re', '', 'x'.repeat(99), 'y'.repeat(1000)),
);
const row = fc.record<Row>({
  a: text,
  b: text,
  note: fc.option(text),
});

test('whatever a row holds, its hash is the one that rows of objects have', async () => {
  const encoder = new RowEncoder(
    table,
    names.map((name) => ({ name })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      async (rows, size) => {
        const clean = rows.filter((one) => !Object.values(one).some((v) => v?.includes('\0')));
        const [got, lines] = await encode(clean, size);
        expect(lines.rows).toBe(clean.length);
        const expected = clean.map((one) => {
          const [own, digest] = splitLast(encoder.line(one).trimEnd());
          const id = `${escaped(one.b ?? '')}/${escaped(one.a ?? '')}`;
          return `${own}\t${id}\t${digest}\tdwh\ta\\tb\n`;
        });
        expect(got).toBe(expected.join(''));
      },
    ),
    { numRuns: 300 },
  );
});

const splitLast = (line: string): [string, string] => {
  const at = line.lastIndexOf('\t');
  return [line.slice(0, at), line.slice(at + 1)];
};

test('what COPY writes out is read back', () => {
  for (const value of ['\\N', 'a\tb\nc\\d\re', '\\', ''])
    expect(unescaped(escaped(value))).toBe(value);
});

test('a line that is cut, or of other columns, is refused', async () => {
  const cut = async function* (bytes: string): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from(bytes));
  };
  const read = async (bytes: string): Promise<void> => {
    for await (const piece of new ContentLines(names, ['a'], []).of(cut(bytes)))
      expect(piece).toBeTruthy();
  };
  await expect(read('1\t2\t3\n4\t5')).rejects.toThrow('in the middle of a row');
  await expect(read('1\t2\n')).rejects.toThrow('other columns');
  await expect(read('1\t2\t3\t4\n')).rejects.toThrow('other columns');
});
