import type { Close } from '../../api/types';
import { standingOf } from './group-standing';
import { canTake, newestEnded, takeable, whyNot, type ClosePeriod } from './sign-off';

const part = (facts: Partial<ClosePeriod>): ClosePeriod => ({
  control_id: 'CA-01',
  period_key: '2026-06',
  start: '2026-06-01',
  end: '2026-07-01',
  run_id: null,
  outcome: 'passed',
  recorded_at: null,
  unsettled: { low: 0, medium: 0, high: 0, critical: 0 },
  state: 'unsigned',
  signed_run: null,
  prepared: null,
  reviewed: null,
  reopened_reason: null,
  blockers: [],
  ...facts,
});
const signed = { person_id: 'ann', name: 'Ann', at: '2026-07-06T00:00:00Z' };

test('what is blocked is not offered, and nobody reviews what they prepared', () => {
  expect(canTake('prepare', part({}), 'ann')).toBe(true);
  expect(canTake('prepare', part({ blockers: ['It has not been run.'] }), 'ann')).toBe(false);
  expect(canTake('prepare', part({ state: 'reviewed' }), 'ann')).toBe(false);
  const prepared = part({ state: 'prepared', prepared: signed });
  expect(canTake('review', prepared, 'ann')).toBe(false);
  expect(canTake('review', prepared, 'bob')).toBe(true);
  expect(canTake('reopen', prepared, 'ann')).toBe(true);
  expect(canTake('reopen', part({}), 'ann')).toBe(false);
});

test('a step is offered for each control and period it can be taken for', () => {
  const periods = [part({}), part({ period_key: '2026-06-30', blockers: ['x'] })];
  const close = { controls: [{ control_id: 'CA-01', periods }] } as Close;
  expect(takeable(close, 'prepare', null)).toEqual([{ control: 'CA-01', period: '2026-06' }]);
});

test('the month under close is the newest that ended', () => {
  const months = [
    { key: '2026-07', end: '2026-08-01' },
    { key: '2026-06', end: '2026-07-01' },
    { key: '2026-05', end: '2026-06-01' },
  ];
  expect(newestEnded(months, '2026-07-06')).toBe('2026-06');
  expect(newestEnded(months, '2026-01-01')).toBe('2026-07');
  expect(newestEnded([], '2026-07-06')).toBeNull();
});

test('periods of a daily control are added up, and those that did not run are told apart', () => {
  const standing = standingOf([
    part({ run_id: 'r1', state: 'reviewed' }),
    part({ run_id: 'r2', outcome: 'exceptions', blockers: ['Exceptions of severity high.'] }),
    part({ outcome: null, blockers: ['It has not been run.'] }),
  ]);
  expect(standing.outcomes).toEqual([
    ['not_run', 1],
    ['exceptions', 1],
    ['passed', 1],
  ]);
  expect(standing).toMatchObject({ notRun: 1, blocked: 1, prepared: 1, reviewed: 1 });
});

test('a reader who signs is told whose turn it is', () => {
  const prepared = part({ state: 'prepared', prepared: signed });
  expect(whyNot(prepared, ['prepare', 'review'], 'ann')).toMatch(/Somebody else must review/);
  expect(whyNot(prepared, ['prepare'], 'bob')).toBe('A reviewer signs next.');
  expect(whyNot(part({}), ['review'], 'bob')).toBe('A preparer signs first.');
  expect(whyNot(prepared, ['review'], 'bob')).toBeNull();
});
