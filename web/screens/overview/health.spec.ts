import type { ControlHealth, ControlSummary } from '../../api/types';
import { healthRows } from './health';
import { riskSeries } from './risk-series';

const control = (id: string, process: string, ...assertions: ControlSummary['assertions']) =>
  ({ id, process, assertions }) as ControlSummary;

const ran = (id: string, entity: string, outcome: 'passed' | 'exceptions'): ControlHealth => ({
  control_id: id,
  entity_id: entity,
  open: 0,
  newest: {
    run_id: '00000000-0000-4000-8000-000000000000',
    period_key: '2026-06',
    outcome,
    outcome_reason: null,
    as_of: '2026-07-06',
    recorded_at: '2026-07-06T00:00:00Z',
  },
});

test('a cell is as bad as its worst control, and counts each entity', () => {
  const controls = [
    control('BK-01', 'bookings', 'completeness', 'accuracy'),
    control('BK-02', 'bookings', 'accuracy'),
    control('CA-01', 'cash', 'existence'),
  ];
  const rows = healthRows(controls, [
    ran('BK-01', 'us', 'passed'),
    ran('BK-01', 'ie', 'passed'),
    ran('BK-02', 'us', 'exceptions'),
    { control_id: 'CA-01', entity_id: 'us', newest: null, open: 0 },
  ]);
  expect(rows).toEqual([
    {
      process: 'bookings',
      cells: {
        completeness: { worst: 'passed', passed: 2, all: 2 },
        accuracy: { worst: 'exceptions', passed: 2, all: 3 },
      },
      whole: { worst: 'exceptions', passed: 2, all: 3 },
    },
    {
      process: 'cash',
      cells: { existence: { worst: 'never run', passed: 0, all: 1 } },
      whole: { worst: 'never run', passed: 0, all: 1 },
    },
  ]);
});

test('each currency has a line of its own, which starts at nothing and reaches today', () => {
  const point = (on: string, currency: string, impact: string) => ({
    on,
    currency,
    impact,
    exceptions: '1',
  });
  const [eur, usd] = riskSeries(
    [
      point('2026-07-01', 'EUR', '10'),
      point('2026-07-01', 'USD', '4'),
      point('2026-07-03', 'USD', '8'),
    ],
    '2026-07-05',
  );
  expect(eur?.points.map(({ on, height }) => [on, height])).toEqual([
    ['2026-06-24', 0],
    ['2026-07-01', 1000],
    ['2026-07-05', 1000],
  ]);
  expect(usd?.points.map(({ height }) => height)).toEqual([0, 500, 1000, 1000]);
  expect(usd?.impact).toBe('8');
});
