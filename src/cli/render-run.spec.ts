import { plainPaint } from './paint';
import { renderRun } from './render-run';
import type { RunReport } from './run-report';

const page = { width: 80, paint: plainPaint };
const words = { entityName: 'Northwind Intelligence, Inc.', meaningOf: () => null };

const run: RunReport['run'] = {
  run_id: '1b0d2a10-0000-4000-8000-000000000001',
  control_id: 'CA-04',
  control_title: 'Every payout reaches the bank',
  control_version: '0'.repeat(64),
  entity_id: 'ni-us',
  period: { key: '2026-06', start: '2026-06-01', end: '2026-07-01' },
  seq: 2,
  cause: 'requested',
  reason: null,
  requested_by: 'ann',
  as_of: '2026-07-06',
  outcome: 'not_evaluated',
  outcome_reason: 'payments.csv:2 amount: The value is not a number. Correct it.\nAnd another.',
  findings: '0',
  started_at: '2026-07-06T00:00:00Z',
  recorded_at: '2026-07-06T00:00:01Z',
  attempts: 1,
  parameters: {},
  canaries: null,
  step_ms: {},
  findings_sha256: null,
  manifest_sha256: '0'.repeat(64),
  previous_manifest_sha256: null,
  populations: [],
};
const nothing = { opened: 0, reopened: 0, cleared: 0, open: [], gravest: [] };

const population = (label: string, verified: string): RunReport['run']['populations'][number] => ({
  procedure: 'p',
  side: 'left',
  population: label,
  label,
  source: 'files',
  items: '1',
  file_sha256: '0'.repeat(64),
  file_bytes: '1',
  verified,
  totals: [],
});

test('a run without a verdict says why, every reason on a line of its own', () => {
  const lines = renderRun({ run, procedures: [], exceptions: nothing }, words, page);
  expect(lines).toEqual([
    'CA-04  Every payout reaches the bank                               NOT EVALUATED',
    '  Northwind Intelligence, Inc. · 2026-06 · as of 2026-07-06 · run 2',
    '  payments.csv:2 amount: The value is not a number. Correct it.',
    '  And another.',
  ]);
});

test('what proves the populations is said once where it is the same, else for each', () => {
  const shown = (second: string): string[] => {
    const populations = [population('Payouts', 'control total agrees'), population('Bank', second)];
    const report = { run: { ...run, outcome_reason: null, populations }, procedures: [] };
    return renderRun({ ...report, exceptions: nothing }, words, page).slice(2);
  };
  expect(shown('control total agrees')).toEqual(['    populations: all 2: control total agrees']);
  expect(shown('no control total file: completeness unverified')).toEqual([
    '    populations: Payouts: control total agrees',
    '                 Bank: no control total file: completeness unverified',
  ]);
});

test('exceptions are listed with impact, words and key, and the rest is counted', () => {
  const report: RunReport = {
    run: { ...run, outcome: 'exceptions', outcome_reason: null },
    procedures: [],
    exceptions: {
      opened: 1,
      reopened: 0,
      cleared: 3,
      open: [
        { currency: 'USD', exceptions: '6', impact: '9000' },
        { currency: null, exceptions: '1', impact: null },
      ],
      gravest: [
        {
          exception_id: '1b0d2a10-0000-4000-8000-000000000002',
          control_id: 'CA-04',
          entity_id: 'ni-us',
          period_key: '2026-06',
          procedure: 'payouts-in-the-bank',
          code: 'CA04-NOT_IN_BANK',
          key: { trace_id: '091000036948221' },
          state: 'open',
          severity: 'medium',
          currency: 'USD',
          impact: '8412.37',
          explanation:
            'Payout po_1 of 8,412.37 USD arrived by\u001b[31m Stripe; the bank shows no receipt.',
          first_seen_run: run.run_id,
        },
      ],
    },
  };
  expect(renderRun(report, words, page).slice(2)).toEqual([
    '',
    '    7 exceptions open (1 new, 3 cleared)',
    '      medium   CA04-NOT_IN_BANK                                     8,412.37 USD',
    '               Payout po_1 of 8,412.37 USD arrived by [31m Stripe; the bank',
    '               shows no receipt.',
    '               trace_id 091000036948221',
    '      … and 6 more: tieout exceptions --control CA-04 --entity ni-us --period 2026-06',
  ]);
});
