import { unreadRanges } from './unread-ranges';

const day = (n: number): string => `2026-06-${String(n).padStart(2, '0')}T00:00:00.000Z`;
const range = (from: number, to: number) => ({ from: day(from), to: day(to) });

const cases: [string, number, [number, number][], [number, number][]][] = [
  ['nothing was read', 1, [], [[1, 20]]],
  [
    'it goes on after the last window',
    1,
    [
      [1, 5],
      [5, 9],
    ],
    [[9, 20]],
  ],
  [
    'reading is to begin earlier than it did',
    1,
    [[5, 9]],
    [
      [1, 5],
      [9, 20],
    ],
  ],
  [
    'a sync died between two windows',
    1,
    [
      [1, 3],
      [8, 12],
    ],
    [
      [3, 8],
      [12, 20],
    ],
  ],
  [
    'windows overlap',
    1,
    [
      [1, 12],
      [3, 5],
      [14, 15],
    ],
    [
      [12, 14],
      [15, 20],
    ],
  ],
  [
    'reading is to begin later than it did',
    6,
    [
      [1, 5],
      [5, 9],
    ],
    [[9, 20]],
  ],
  ['all is read', 1, [[1, 20]], []],
];

test.each(cases)('what lies in no window is read: %s', (_what, since, known, unread) => {
  const ranges = unreadRanges(
    day(since),
    known.map(([from, to]) => range(from, to)).reverse(),
    day(20),
  );
  expect(ranges).toEqual(unread.map(([from, to]) => range(from, to)));
});
