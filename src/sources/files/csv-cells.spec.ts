import * as fc from 'fast-check';
import { CsvCells } from './csv-cells';

test('cells and their lines are the same wherever the stream is cut', () => {
  const value = fc.string({
    unit: fc.constantFrom('"', ',', '\n', '\r\n', 'a', 'é'),
    maxLength: 6,
  });
  const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), fc.nat(), (table, end, cut) => {
      const records = table.map((row) => row.map((v) => `"${v.replaceAll('"', '""')}"`).join(','));
      const bytes = Buffer.from(`\ufeff${records.join(end)}`);
      const seen: { cells: (string | null)[]; line: number }[] = [];
      const cells = new CsvCells((record) => {
        seen.push({ cells: [record.cell(0), record.cell(1)], line: record.lineOf(1) });
      });
      const place = Math.max(3, cut % bytes.length);
      cells.push(bytes.subarray(0, place));
      cells.push(bytes.subarray(place));
      cells.end();
      const before = (i: number): string => [...records.slice(0, i), ''].join('\n');
      expect(seen).toEqual(
        table.map((row, i) => ({
          cells: row,
          line: 1 + (before(i) + (row[0] ?? '')).split('\n').length - 1,
        })),
      );
    }),
    { numRuns: 1_000 },
  );
});

test('nothing at all is not an empty value in quotes', () => {
  const seen: (string | null)[] = [];
  const cells = new CsvCells((record) => {
    for (let place = 0; place < record.cells; place += 1) seen.push(record.cell(place));
  });
  cells.push(Buffer.from('a,,""\r\n,"",'));
  cells.end();
  expect(seen).toEqual(['a', null, '', null, '', null]);
});
