import { keyMeaning } from './list-keys';

test.each([
  ['ArrowDown', 0, { kind: 'move', to: 1 }],
  ['j', 9, { kind: 'move', to: 9 }],
  ['k', 0, { kind: 'move', to: 0 }],
  ['PageUp', 4, { kind: 'move', to: 0 }],
  ['End', 2, { kind: 'move', to: 9 }],
  [' ', 2, { kind: 'select' }],
  ['Enter', 2, { kind: 'open' }],
  ['a', 2, null],
])('%s at row %i', (key, current, meaning) => {
  expect(keyMeaning(key, current, 10)).toEqual(meaning);
});

test('a question mark asks what the keys mean', () => {
  expect(keyMeaning('?', 3, 10)).toEqual({ kind: 'help' });
});
