import { closest, didYouMean } from './suggest';

test.each([
  ['amuont', 'amount'],
  ['amoun', 'amount'],
  ['currancy', 'currency'],
  ['Amount', 'amount'],
  ['zebra', null],
  ['a', null],
])('for %s the suggestion is %s', (written, expected) => {
  expect(closest(written, ['amount', 'currency', 'order_id'])).toBe(expected);
});

test('no suggestion adds no words', () => {
  expect(didYouMean('zebra', ['amount'])).toBe('');
  expect(didYouMean('amont', ['amount'])).toBe(" Did you mean 'amount'?");
});
