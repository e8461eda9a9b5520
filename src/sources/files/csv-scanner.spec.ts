import * as fc from 'fast-check';
import { InvalidInput } from '../../core/problem';
import { CsvScanner } from './csv-scanner';
import { ProblemList } from './problem-list';

interface Scan {
  records: number;
  header: string;
  problems: string[];
}

/** Scans bytes cut at the given places. */
function scan(bytes: Buffer, cuts: readonly number[] = []): Scan {
  const list = new ProblemList();
  const scanner = new CsvScanner('f.csv', list, 0);
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  places.slice(1).forEach((end, i) => scanner.push(bytes.subarray(places[i], end)));
  scanner.end();
  const problems: string[] = [];
  try {
    list.throwIfAny('f');
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    problems.push(...cause.problems.map(({ line, message }) => `${line}: ${message}`));
  }
  return { records: scanner.records, header: scanner.header.toString(), problems: problems.sort() };
}

/** Bytes that bring out every state: structure, plain text, and parts of characters. */
const bytes = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(',', '"', '\n', '\r\n', '\r', 'a', 'bc', '""') },
      { weight: 1, arbitrary: fc.constantFrom('ü', '€', '😀', '\0') },
    ),
    { maxLength: 40 },
  )
  .chain((parts) => {
    const whole = Buffer.from(parts.join(''));
    return fc
      .array(fc.record({ at: fc.nat({ max: whole.length }), byte: fc.nat({ max: 255 }) }), {
        maxLength: 2,
      })
      .map((damages) => {
        for (const { at, byte } of damages) if (at < whole.length) whole[at] = byte;
        return whole;
      });
  });

test('where a stream is cut into chunks changes nothing that is found', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(), { maxLength: 6 }), (content, cuts) => {
      const places = cuts.map((cut) => (content.length === 0 ? 0 : cut % content.length));
      expect(scan(content, places)).toEqual(scan(content));
    }),
    { numRuns: 2_000 },
  );
});

test('quoted commas, quotes and line breaks are part of their value', () => {
  expect(scan(Buffer.from('"a,""\n",b\r\n"x\r\ny","z"\r\n'))).toEqual({
    records: 2,
    header: '"a,""\n",b',
    problems: [],
  });
});

test('the last line needs no line end', () => {
  expect(scan(Buffer.from('a,b\n1,'))).toEqual({ records: 2, header: 'a,b', problems: [] });
});

test('overlong, surrogate and out-of-range sequences are not UTF-8', () => {
  for (const wrong of [
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0x80],
    [0xe2, 0x82],
  ]) {
    const content = Buffer.concat([Buffer.from('a\n'), Buffer.from(wrong), Buffer.from('\n')]);
    expect(scan(content).problems).toEqual(['2: The byte at offset 2 of the file is not UTF-8.']);
  }
});
