import { takenIn, without, type WorkUnderWay } from './live';

const work = (part: Partial<WorkUnderWay>): WorkUnderWay => ({
  work_id: 'a',
  kind: 'run',
  name: 'BK-01',
  entity_id: 'acme',
  period_key: '2026-06',
  step: 'freeze',
  items: '0',
  share: null,
  outcome: null,
  started_at: '2026-07-01T00:00:00.000Z',
  changed_at: '2026-07-01T00:00:00.000Z',
  change_no: '1',
  ...part,
});

test('a run is followed until it ends, and one that ended unseen is not news', () => {
  const known = takenIn(new Map(), work({ work_id: 'a' }));
  const both = takenIn(known, work({ work_id: 'b', step: 'gate' }));
  expect([...both.keys()]).toEqual(['a', 'b']);
  const ended = takenIn(both, work({ work_id: 'a', outcome: 'passed' }));
  expect(ended.get('a')?.outcome).toBe('passed');
  expect(takenIn(ended, work({ work_id: 'c', outcome: 'passed' }))).toBe(ended);
  expect([...without(ended, 'a').keys()]).toEqual(['b']);
});
