import type { SourceWindow } from '../sources/sources.contract';
import { plainPaint } from './paint';
import { renderWindows, whyOpen } from './render-windows';

const page = { width: 100, paint: plainPaint };

const window = (part: Partial<SourceWindow>): SourceWindow => ({
  from_at: '2026-06-02T00:00:00.000Z',
  to_at: '2026-06-03T00:00:00.000Z',
  state: 'closed',
  state_reason: null,
  reads: '2',
  rows: '1204',
  pages: '13',
  id_set_sha256: 'a'.repeat(64),
  totals: [{ currency: 'USD', rows: '1204', amount: '98765.4' }],
  source_total: 'agrees',
  source_totals: [],
  source_total_query: 'by status',
  source_total_reason: null,
  query_text: 'GET /v1/charges',
  api_version: null,
  started_at: '2026-06-09T01:00:00.000Z',
  finished_at: '2026-06-09T01:01:00.000Z',
  closed_at: '2026-06-09T01:01:00.000Z',
  ...part,
});

test('each window says what was read, what the source says, and whether it is closed', () => {
  const open = window({
    ...{ from_at: '2026-06-03T00:00:00.000Z', to_at: '2026-06-03T10:20:30.000Z' },
    ...{ state: 'open', source_total: 'unavailable', rows: '0', totals: [], reads: '1' },
  });
  expect(renderWindows([open, window({})], page).join('\n')).toBe(`\
from               to                     rows         totals  by source  reads  requests  state
2026-06-03 00:00Z  2026-06-03 10:20:30Z      0                 not told       1        13  open
2026-06-02 00:00Z  2026-06-03 00:00Z     1,204  98,765.40 USD  agrees         2        13  closed`);
});

test('a reason that keeps many windows open is told once', () => {
  const once = { state: 'open', state_reason: 'it was read once' } as const;
  const late = { state: 'open', state_reason: 'it is not over' } as const;
  expect(
    whyOpen([
      window({ ...late, from_at: '2026-06-04T00:00:00.000Z' }),
      window({ ...once, from_at: '2026-06-03T00:00:00.000Z' }),
      window({}),
      window({ ...once, from_at: '2026-06-01T00:00:00.000Z' }),
    ]),
  ).toEqual([
    '1 window from 2026-06-04 00:00Z open, because it is not over.',
    '2 windows from 2026-06-01 00:00Z on open, because it was read once.',
  ]);
});
