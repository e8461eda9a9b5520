import { renderReplay } from './controls-replay';
import { plainPaint } from './paint';

const page = { width: 100, paint: plainPaint };
const verdict = { outcome: 'exceptions', reason: null, findings: '2' } as const;

test('a replay is told by period, then by what differs in each', () => {
  const lines = renderReplay(
    {
      replay_id: '1b0d2a10-0000-4000-8000-000000000001',
      control_id: 'CA-90',
      version: 'a'.repeat(64),
      against: 'b'.repeat(64),
      requested_by: 'cli:ann',
      recorded_at: '2026-07-06T00:00:00Z',
      periods: [
        {
          entity_id: 'acme',
          period_key: '2026-06',
          as_of: '2026-07-01',
          run_id: '1b0d2a10-0000-4000-8000-000000000002',
          basis: 'frozen_anew',
          before: verdict,
          after: { outcome: 'not_evaluated', reason: 'Payments is empty.', findings: '0' },
          gained: '0',
          lost: '3',
          changed: '0',
          impacts: [],
          findings: [
            {
              change: 'lost',
              procedure: 'orders-to-payments',
              code: 'CA90-UNPAID',
              key: { order_id: 'c' },
              currency: 'USD',
              severity: 'low',
              impact: '30',
              explanation: 'Order c is not paid.',
              explanation_before: null,
            },
          ],
        },
      ],
    },
    page,
  );
  expect(lines).toEqual([
    `CA-90  version ${'a'.repeat(12)} against ${'b'.repeat(12)}`,
    '',
    'entity  period   from           approved   this version  gained  lost  changed',
    'acme    2026-06  frozen anew  2 findings  not evaluated       0     3        0',
    '',
    'Frozen anew: the populations ask something else; both judged today’s books.',
    '',
    'acme 2026-06',
    '  Payments is empty.',
    '  lost    CA90-UNPAID  30 USD  Order c is not paid.',
    '  and 2 more differences',
    '',
    'Nothing was recorded as a run, and no exception was opened.',
  ]);
});
