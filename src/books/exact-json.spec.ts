import { ExactNumber, exactNumberText, parseExactJson } from './exact-json';

describe('no number loses a digit', () => {
  const texts: [string, string][] = [
    ['12', '12'],
    ['-0.1', '-0.1'],
    ['1.50', '1.5'],
    ['9007199254740993', '9007199254740993'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['1e-7', '0.0000001'],
    ['1.25E+3', '1250'],
    ['12345678901234.125e-2', '123456789012.34125'],
    ['-1.5e-3', '-0.0015'],
  ];
  test.each(texts)('%s', (written, exact) => {
    const parsed = parseExactJson(`{"a":[${written}],"b":"${written}"}`) as {
      a: [number];
      b: string;
    };
    expect(exactNumberText(parsed.a[0])).toBe(exact);
    expect(parsed.b).toBe(written);
  });

  test('digits inside texts stay texts, whatever quotes and escapes stand around them', () => {
    const text = '{"n":12345678901234567,"t":"\\"12345678901234567\\\\","9007199254740993":1}';
    expect(parseExactJson(text)).toEqual({
      n: new ExactNumber('12345678901234567'),
      t: '"12345678901234567\\',
      '9007199254740993': 1,
    });
  });

  test('a number beyond doubles keeps its digits; a text or null has none', () => {
    const [huge] = parseExactJson('[1e400]') as [ExactNumber];
    expect(exactNumberText(huge)).toBe(`1${'0'.repeat(400)}`);
    expect(exactNumberText('12')).toBeNull();
    expect(exactNumberText(null)).toBeNull();
    expect(() => parseExactJson('{"a":1')).toThrow(SyntaxError);
  });
});
