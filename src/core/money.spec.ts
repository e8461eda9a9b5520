import fc from 'fast-check';
import {
  absoluteAmount,
  addAmounts,
  compareAmounts,
  formatAmount,
  minorUnit,
  normalizeAmount,
  subtractAmounts,
  subtractMoney,
  sumAmounts,
} from './money';

/** Decimals of up to 18 digits before and 6 after the point, as text and in millionths. */
const decimal = fc
  .bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
  .map((micro) => ({ micro, text: textOf(micro) }));

function textOf(micro: bigint): string {
  const digits = (micro < 0n ? -micro : micro).toString().padStart(7, '0');
  return `${micro < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

test('adding and subtracting are exact at every size a column can hold', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      expect(addAmounts(a.text, b.text)).toBe(normalizeAmount(textOf(a.micro + b.micro)));
      expect(subtractAmounts(a.text, b.text)).toBe(normalizeAmount(textOf(a.micro - b.micro)));
      expect(Math.sign(compareAmounts(a.text, b.text))).toBe(
        a.micro < b.micro ? -1 : a.micro > b.micro ? 1 : 0,
      );
    }),
  );
});

test('a printed amount says exactly what the amount says', () => {
  fc.assert(
    fc.property(decimal, ({ text }) => {
      expect(normalizeAmount(formatAmount(text, 'USD').replaceAll(',', ''))).toBe(
        normalizeAmount(text),
      );
    }),
  );
});

test.each([
  ['1234567.5', 'USD', '1,234,567.50'],
  ['-0.005', 'USD', '-0.005'],
  ['-0.000000', 'USD', '0.00'],
  ['1000', 'JPY', '1,000'],
  ['1000.5', 'JPY', '1,000.5'],
  ['12.3', 'KWD', '12.300'],
  ['007', 'EUR', '7.00'],
  ['5', '', '5.00'],
])('%s %s is printed as %s', (amount, currency, printed) => {
  expect(formatAmount(amount, currency)).toBe(printed);
});

test.each([
  ['USD', '0.01'],
  ['JPY', '1'],
  ['ISK', '1'],
  ['KWD', '0.001'],
  ['CLF', '0.0001'],
])('a minor unit of %s is %s', (currency, unit) => {
  expect(minorUnit(currency)).toBe(unit);
});

test('amounts have one written form', () => {
  expect(['1.50', '0.000', '-0', '1e3', '-2.10'].map(normalizeAmount)).toEqual([
    '1.5',
    '0',
    '0',
    '1000',
    '-2.1',
  ]);
  expect(absoluteAmount('-3.10')).toBe('3.1');
  expect(sumAmounts(['0.1', '0.2'])).toBe('0.3');
});

test('currencies are never mixed, and an unknown one has no minor unit', () => {
  const usd = { amount: '1', currency: 'USD' };
  expect(() => subtractMoney(usd, { amount: '1', currency: 'EUR' })).toThrow(
    /cannot be subtracted/,
  );
  expect(() => minorUnit('ZZZ')).toThrow(/not an ISO 4217 currency/);
});
