import type { ControlVersion } from '../../api/types';
import { standingOf } from './version-standing';

const version = (part: Partial<ControlVersion>): ControlVersion => ({
  control_id: 'BK-01',
  version: 'a'.repeat(64),
  title: 'Every won deal becomes an activated order',
  state: 'submitted',
  current: true,
  registered_at: '2026-06-01T00:00:00.000Z',
  submitted_by: { person_id: 'ana', name: 'Ana' },
  submitted_at: '2026-06-02T00:00:00.000Z',
  approved_by: null,
  approved_at: null,
  approved_on_replay: null,
  ...part,
});
const ana = { person: 'ana', submits: true, approves: true };
const ben = { person: 'ben', submits: false, approves: true };

test('who put a version forward is not offered to approve it, and another reviewer is', () => {
  expect(standingOf(version({}), ana)?.step).toBeNull();
  expect(standingOf(version({}), ben)?.step).toBe('approve');
  expect(standingOf(version({}), { ...ben, approves: false })?.step).toBeNull();
});

test('only an author is offered to put one forward, and what is decided needs nobody', () => {
  const fresh = version({ state: 'registered', submitted_by: null, submitted_at: null });
  expect(standingOf(fresh, ana)?.step).toBe('submit');
  expect(standingOf(fresh, ben)?.step).toBeNull();
  expect(standingOf(version({ state: 'initial' }), ana)).toBeNull();
  expect(standingOf(version({ state: 'approved' }), ben)).toBeNull();
});
