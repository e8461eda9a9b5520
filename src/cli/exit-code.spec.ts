import { exitCodeOf } from './exit-code';

test('the worst outcome decides: no verdict before exceptions before passed', () => {
  expect(exitCodeOf(['passed', 'passed'])).toBe(0);
  expect(exitCodeOf(['passed', 'exceptions'])).toBe(2);
  expect(exitCodeOf(['exceptions', 'not_evaluated'])).toBe(3);
  expect(exitCodeOf(['errored', 'passed'])).toBe(3);
});
