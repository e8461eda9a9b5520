import type { Run } from '../../api/types';
import { timelineOf } from './timeline';

const run = (entity: string, month: string, seq: number): Run => ({
  run_id: `${entity} ${month} ${seq}`,
  control_id: 'BK-01',
  control_title: 'Every won deal becomes an activated order',
  control_version: 'a'.repeat(64),
  entity_id: entity,
  period: { key: month, start: `${month}-01`, end: `${month}-28` },
  seq,
  cause: 'scheduled',
  reason: null,
  requested_by: 'schedule',
  as_of: `${month}-28`,
  outcome: 'passed',
  outcome_reason: null,
  findings: '0',
  started_at: '2026-07-01T00:00:00Z',
  recorded_at: '2026-07-01T00:00:00Z',
});

test('periods go by time, and the newest run of each stands for it', () => {
  const { periods, rows } = timelineOf([
    run('us', '2026-02', 1),
    run('us', '2026-01', 2),
    run('us', '2026-01', 1),
    run('ie', '2026-02', 1),
  ]);
  expect(periods).toEqual(['2026-01', '2026-02']);
  expect(rows.map(({ entity }) => entity)).toEqual(['ie', 'us']);
  expect(rows[1]?.cells.get('2026-01')?.seq).toBe(2);
  expect(rows[0]?.cells.has('2026-01')).toBe(false);
});
