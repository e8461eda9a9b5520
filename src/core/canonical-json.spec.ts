import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, sha256Hex, type Json } from './canonical-json';

test('keys are sorted by UTF-16 code units and nothing is spaced (RFC 8785 §3.2.3)', () => {
  expect(
    canonicalJson({ '\u20ac': 'Euro', b: [1, { z: null, a: true }], '\r': 'CR', '1': 'one' }),
  ).toBe('{"\\r":"CR","1":"one","b":[1,{"a":true,"z":null}],"€":"Euro"}');
});

test('any value is written as the reference implementation of RFC 8785 writes it', () => {
  const text = fc.string({ unit: 'binary' });
  const leaf = fc.oneof(text, fc.boolean(), fc.constant(null), fc.maxSafeInteger());
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value')),
      fc.dictionary(text, tie('value'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (one) => canonicalJson(one) === canonicalize(one)),
    {
      numRuns: 500,
    },
  );
});

test.each([
  ['an integer that a double cannot hold', 2 ** 53 + 2],
  ['a fraction, which would be money in a double', 0.1],
  ['not a number', Number.NaN],
  ['negative zero', -0],
  ['a bigint', 1n],
  ['a value that JSON drops', { a: undefined }],
  ['a map, which JSON empties', new Map([['a', 1]])],
  ['a date', new Date(0)],
  ['half of a surrogate pair', { a: '\ud800' }],
])('%s is refused', (_name, value) => {
  expect(() => canonicalJson(value as Json)).toThrow(TypeError);
});

test('the hash is that of the UTF-8 bytes', () => {
  expect(sha256Hex('€')).toBe(sha256Hex(Buffer.from([0xe2, 0x82, 0xac])));
});
