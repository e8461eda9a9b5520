import { parseCsv } from './parse-csv';

test('cells keep quotes, commas and line breaks inside them', () => {
  const text = '"Id","Name"\n"1","a ""b"", c\nd"\n2,\n';
  expect(parseCsv(text)).toEqual([
    ['Id', 'Name'],
    ['1', 'a "b", c\nd'],
    ['2', ''],
  ]);
  expect(parseCsv('a,b\r\n1,2\r\n')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});

test('a page cut anywhere but behind a line is no page', () => {
  const text = '"Id","Name"\n"1","a ""b"""\n"2","c"\n';
  const ends = new Set([0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]);
  for (let cut = 0; cut < text.length; cut += 1)
    expect(parseCsv(text.slice(0, cut)) === null).toBe(!ends.has(cut));
});
