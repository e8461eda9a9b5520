import {
  groupWindows,
  isDue,
  windowsThrough,
  type KnownWindow,
  type ReadRule,
  type Serving,
} from './plan-windows';
import type { Changes } from './streams';

const spans = (
  since: string,
  known: [string, string][],
  now: string,
  changes: Changes = 'never',
): string[] =>
  windowsThrough(
    { since, changes },
    known.map(([from, to]) => ({ from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` })),
    now,
  ).map(({ from, to }) => `${from.slice(5, 10)}..${to.slice(5, 10)}`);

describe('windows that one reading serves', () => {
  const grouped = (days: [string, string][], serves: Serving): string[] =>
    groupWindows(
      days.map(([from, to]) => ({
        window: { from: `2026-${from}T00:00:00.000Z`, to: `2026-${to}T00:00:00.000Z` },
      })),
      serves,
    ).map((group) => group.map(({ window }) => window.from.slice(5, 10)).join(' '));

  test('are neighbours, up to so many days; a gap parts them', () => {
    const months: [string, string][] = [
      ['01-01', '02-01'],
      ['04-01', '05-01'],
      ['05-01', '05-02'],
      ['05-02', '05-03'],
    ];
    expect(grouped(months, { days: 45 })).toEqual(['01-01', '04-01 05-01 05-02']);
    expect(grouped(months, { days: 31 })).toEqual(['01-01', '04-01 05-01', '05-02']);
    expect(grouped(months, { days: 1 })).toEqual(['01-01', '04-01', '05-01', '05-02']);
  });

  test('are each by itself, or all', () => {
    const two: [string, string][] = [
      ['01-01', '02-01'],
      ['04-01', '05-01'],
    ];
    expect(grouped(two, 'one')).toEqual(['01-01', '04-01']);
    expect(grouped(two, 'all')).toEqual(['01-01 04-01']);
    expect(grouped([], 'all')).toEqual([]);
  });
});

describe('windows', () => {
  test('are past months, then days through today', () => {
    expect(spans('2026-04-01', [], '2026-06-03T09:00:00.000Z')).toEqual([
      '04-01..05-01',
      '05-01..06-01',
      '06-01..06-02',
      '06-02..06-03',
      '06-03..06-04',
    ]);
  });

  test('begin with what is left of the first month', () => {
    expect(spans('2026-04-20', [], '2026-05-01T00:00:00.000Z')).toEqual([
      '04-20..05-01',
      '05-01..05-02',
    ]);
    expect(spans('2026-05-20', [], '2026-05-21T10:00:00.000Z')).toEqual([
      '05-20..05-21',
      '05-21..05-22',
    ]);
  });

  test('of what may change for ever begin before the first day', () => {
    const first = windowsThrough(
      { since: '2026-05-20', changes: 'always' },
      [],
      '2026-05-20T10:00Z',
    );
    expect(first).toEqual([
      { from: '2011-01-01T00:00:00.000Z', to: '2026-05-20T00:00:00.000Z' },
      { from: '2026-05-20T00:00:00.000Z', to: '2026-05-21T00:00:00.000Z' },
    ]);
  });

  test('that were begun stay, and a gap is filled by days, then months', () => {
    const known: [string, string][] = [
      ['2026-03-01', '2026-04-01'],
      ['2026-04-01', '2026-04-29'],
    ];
    expect(spans('2026-03-01', known, '2026-06-01T10:00:00.000Z')).toEqual([
      '03-01..04-01',
      '04-01..04-29',
      '04-29..04-30',
      '04-30..05-01',
      '05-01..06-01',
      '06-01..06-02',
    ]);
  });
});

describe('what no window holds is read, whatever was recorded after it', () => {
  const now = '2026-06-02T10:00:00.000Z';
  const days = ['06-01..06-02', '06-02..06-03'];

  test('months and days in between', () => {
    const known: [string, string][] = [
      ['2026-03-10', '2026-04-01'],
      ['2026-05-01', '2026-05-30'],
      ['2026-06-01', '2026-06-02'],
    ];
    expect(spans('2026-03-10', known, now)).toEqual([
      '03-10..04-01',
      '04-01..05-01',
      '05-01..05-30',
      '05-30..05-31',
      '05-31..06-01',
      ...days,
    ]);
  });

  test('the first ones, and those of a day that was made earlier', () => {
    const known: [string, string][] = [['2026-05-01', '2026-06-01']];
    const whole = ['04-01..05-01', '05-01..06-01', ...days];
    expect(spans('2026-04-01', known, now)).toEqual(whole);
    expect(spans('2026-03-20', known, now)).toEqual(['03-20..04-01', ...whole]);
  });

  test('all that is older, of what may change for ever', () => {
    const known: [string, string][] = [['2026-05-01', '2026-06-01']];
    const all = ['01-01..04-20', '04-20..05-01', '05-01..06-01', ...days];
    expect(spans('2026-04-20', known, now, 'always')).toEqual(all);
    const earlier: [string, string][] = [['2011-01-01', '2026-04-20'], ...known];
    expect(spans('2026-04-20', earlier, now, 'always')).toEqual(all);
    const older: [string, string][] = [['2011-01-01', '2026-05-01'], ...known];
    const held = ['01-01..05-01', '05-01..06-01', ...days];
    expect(spans('2026-04-20', older, now, 'always')).toEqual(held);
  });

  test('windows that overlap or lie before the first day stay, and open no others', () => {
    const known: [string, string][] = [
      ['2026-04-01', '2026-05-01'],
      ['2026-04-10', '2026-04-11'],
      ['2026-05-01', '2026-06-01'],
    ];
    const same = ['04-01..05-01', '04-10..04-11', '05-01..06-01', ...days];
    expect(spans('2026-05-15', known, now)).toEqual(same);
  });
});

describe('a window is read', () => {
  const window = { from: '2026-05-01T00:00:00.000Z', to: '2026-06-01T00:00:00.000Z' };
  const rule: ReadRule = {
    changes: { days: 180 },
    settledOnly: false,
    now: '2026-06-10T09:00:00.000Z',
    safeThrough: '2026-06-10T08:45:00.000Z',
    full: false,
  };
  const last = (state: 'open' | 'closed', finishedAt: string): KnownWindow => ({
    ...window,
    state,
    readNo: 1,
    idSetSha256: '',
    finishedAt,
  });
  const night = '2026-06-09T23:00:00.000Z';
  const today = '2026-06-10T08:00:00.000Z';

  test.each<[string, boolean, KnownWindow | undefined, Partial<ReadRule>]>([
    ['at first', true, undefined, {}],
    ['not again within ten minutes', false, last('open', '2026-06-10T08:50:01.000Z'), {}],
    ['again after ten minutes while it is open', true, last('open', '2026-06-10T08:50:00Z'), {}],
    ['each night while its objects may change', true, last('closed', night), {}],
    ['once a day only', false, last('closed', today), {}],
    [
      'not each night once its objects are old',
      false,
      last('closed', night),
      { changes: { days: 5 } },
    ],
    [
      'not each night when its objects never change',
      false,
      last('closed', night),
      { changes: 'never' },
    ],
    [
      'each night when its objects always may change',
      true,
      last('closed', night),
      { changes: 'always' },
    ],
    [
      'once a week whatever it holds',
      true,
      last('closed', '2026-06-03T09:00:00Z'),
      { changes: 'never' },
    ],
    ['when all is read again', true, last('closed', today), { full: true }],
    ['while it is not settled', true, last('open', today), { safeThrough: '2026-05-30T00:00:00Z' }],
    [
      'not before it is settled where reading costs much',
      false,
      undefined,
      { safeThrough: '2026-05-30T00:00:00Z', settledOnly: true },
    ],
  ])('%s', (_, expected, known, more) => {
    expect(isDue(window, known, { ...rule, ...more })).toBe(expected);
  });
});
