import { appendFileSync } from 'node:fs';
import * as path from 'node:path';
import { ControlVersions } from '../../src/catalog/control-versions';
import { SystemClock } from '../../src/platform/clock';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openApiBench, type ApiBench } from './api-bench';
import { addPerson, signIn, type Browser } from './signed-in';

let database: TestDatabase;
let api: ApiBench;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

test('a changed control waits for its author and for another person', async () => {
  const browserOf = async (...roles: Parameters<typeof addPerson>[1][]): Promise<Browser> =>
    signIn(api, database, (await addPerson(database, ...roles)).email);
  const author = await browserOf({ role: 'control_author' }, { role: 'reviewer' });
  const reviewer = await browserOf({ role: 'reviewer' });
  const folder = path.join(api.bench.dir, 'controls/cash/CA-90-every-order-is-paid');
  appendFileSync(path.join(folder, 'control.yaml'), '# reviewed\n');
  const kept = new ControlVersions(database.app, new SystemClock(), await api.bench.catalog());
  await kept.register();
  await kept.register();
  const listed = (await reviewer.get('controls/CA-90/versions')).body.versions as {
    version: string;
    state: string;
  }[];
  expect(listed.map(({ state }) => state)).toEqual(['registered', 'initial']);
  expect(await kept.approvedControls()).toEqual(new Set());

  const at = `controls/CA-90/versions/${listed[0]?.version}`;
  const { body } = await reviewer.get(`${at}/difference`);
  expect(body.files).toMatchObject([{ path: expect.stringContaining('control.yaml') }]);
  expect(body.files[0].after).toBe(`${body.files[0].before}# reviewed\n`);
  const decide = (who: Browser, step: string) => who.post(`${at}/${step}`, { reason: 'a remark' });
  expect((await decide(reviewer, 'approve')).body.code).toBe('illegal_move');
  expect((await decide(reviewer, 'submit')).body.code).toBe('forbidden');
  expect((await decide(author, 'submit')).status).toBe(200);
  expect((await decide(author, 'approve')).body.code).toBe('same_person');
  await api.run({ period: '2026-05', asOf: '2026-06-01' });
  const replayed = await reviewer.post(`${at}/replays`, { periods: 2 });
  expect(replayed.status).toBe(201);
  expect(replayed.body.periods).toMatchObject([
    { period_key: '2026-05', basis: 'evidence', gained: '0', lost: '0', changed: '0' },
  ]);
  expect((await reviewer.get(`${at}/replays`)).body.replays).toEqual([replayed.body]);
  await expect(
    database.app.raw(`update tieout.control_versions set approved_by = submitted_by,
      approved_at = submitted_at, approved_event = submitted_event where not initial`),
  ).rejects.toThrow('need_two_people');
  expect((await decide(reviewer, 'approve')).body.versions[0]).toMatchObject({
    state: 'approved',
    approved_on_replay: replayed.body.replay_id,
  });
  expect((await author.post(`${at}/replays`, {})).body.code).toBe('illegal_move');
  expect(await kept.approvedControls()).toEqual(new Set(['CA-90']));
});
