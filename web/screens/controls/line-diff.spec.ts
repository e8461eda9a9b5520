import fc from 'fast-check';
import { diffLines, foldSame, type DiffRow } from './line-diff';

const shown = (rows: readonly DiffRow[]): string[] =>
  rows.map(({ kind, before, after }) => `${kind}: ${before?.text ?? ''} | ${after?.text ?? ''}`);

test('a line that was rewritten stands beside what it was, and the rest is the same', () => {
  const before = 'select a\nfrom books.orders\nwhere amount > 0\n';
  const after = 'select a\nfrom books.orders\nwhere amount >= 0\n  and not voided\n';
  expect(shown(diffLines(before, after))).toEqual([
    'same: select a | select a',
    'same: from books.orders | from books.orders',
    'changed: where amount > 0 | where amount >= 0',
    'added:  |   and not voided',
  ]);
});

test('a file that is new has only lines that came, and one that went only lines that went', () => {
  expect(shown(diffLines(null, 'a\nb\n'))).toEqual(['added:  | a', 'added:  | b']);
  expect(shown(diffLines('a\n', null))).toEqual(['removed: a | ']);
});

test('whatever changed, both texts can be read back from the two sides', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (old, now) => {
      const rows = diffLines(`${old.join('\n')}\n`, `${now.join('\n')}\n`);
      expect(rows.flatMap(({ before }) => before?.text ?? [])).toEqual(old);
      expect(rows.flatMap(({ after }) => after?.text ?? [])).toEqual(now);
      for (const { kind, before, after } of rows)
        expect(kind === 'same').toBe(before?.text === after?.text);
    }),
  );
});

test('a long stretch without a change is set apart, but not the lines around a change', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const changed = lines.with(9, 'another line 10');
  const parts = foldSame(diffLines(lines.join('\n'), changed.join('\n')));
  expect(parts.map(({ kind, rows }) => [kind, rows.length])).toEqual([
    ['same', 6],
    ['rows', 7],
    ['same', 7],
  ]);
});
