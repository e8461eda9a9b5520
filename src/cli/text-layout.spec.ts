import {
  clip,
  counted,
  duration,
  padLeft,
  pageWidth,
  spread,
  textWidth,
  wrapText,
} from './text-layout';
import { colourPaint } from './paint';

test('text is wrapped at spaces, and a word that is too long where it must be', () => {
  expect(wrapText('three blind mice', 11)).toEqual(['three blind', 'mice']);
  expect(wrapText('a po_1RkNX3zs9D b', 6)).toEqual(['a', 'po_1Rk', 'NX3zs9', 'D b']);
  expect(wrapText('one\ntwo', 10)).toEqual(['one', 'two']);
});

test('colours take no columns, wide characters take two', () => {
  expect(textWidth(colourPaint.bad('abc'))).toBe(3);
  expect(textWidth('東京')).toBe(4);
  expect(padLeft(colourPaint.good('x'), 3)).toBe(`  ${colourPaint.good('x')}`);
});

test('left and right share a line when they fit, and stand below each other otherwise', () => {
  expect(spread('left', 'right', 12)).toEqual(['left   right']);
  expect(spread('left', 'right', 10)).toEqual(['left', '     right']);
});

test('a cut is shown by an ellipsis', () => {
  expect(clip('payouts', 4)).toBe('pay…');
  expect(clip('payouts', 7)).toBe('payouts');
});

test.each([
  [undefined, 100],
  [40, 80],
  [97, 97],
  [200, 110],
])('a terminal of %s columns is laid out in %s', (columns, width) => {
  expect(pageWidth(columns)).toBe(width);
});

test.each([
  [0, '0.0 s'],
  [849, '0.8 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 0 s'],
  [72_400, '1 min 12 s'],
])('%s milliseconds are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('counts have their digits grouped and their noun numbered', () => {
  expect(counted(1, 'exception')).toBe('1 exception');
  expect(counted('1204233', 'item')).toBe('1,204,233 items');
  expect(counted(2, 'entity', 'entities')).toBe('2 entities');
});
