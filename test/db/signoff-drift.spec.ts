import type { Caller } from '../../src/access/caller';
import { SystemClock } from '../../src/platform/clock';
import { SignoffDesk } from '../../src/signoff/signoff-desk';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { castOf } from '../support/model-people';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

const control = `
id: CA-91
title: Orders stay as they were judged
process: cash
objective: An order does not change once it was judged.
risk: A signature stands over what is no longer so.
assertions: [accuracy]
key_control: true
frequency: monthly
owner: finance
reviewer: controller
procedures:
  - name: orders-stand
    item: { population: changes, label: Changed orders, empty_ok: true }
    key: [order_id]
    findings:
      - { code: CA91-DRIFT, when: item.order_id <> '', severity: high, drifted_at: changed_at }
    explain: { CA91-DRIFT: "Order {item.order_id} changed." }
runbook: Run again what judged it.
`;
const caseOf = (name: string, given: string, findings: string): string => `
name: ${name}
entity: acme
period: 2026-06
as_of: "2026-07-01"
given: { files.changes: [${given}] }
expect: { outcome: ${findings ? 'exceptions' : 'passed'}, findings: [${findings}] }
`;

const clock = new SystemClock();
let database: TestDatabase;
let bench: Workbench;
let people: Caller[];

beforeAll(async () => {
  database = await createTestDatabase();
  bench = openWorkbench(database, clock);
  people = await castOf(database);
  const folder = 'controls/cash/CA-91-orders-stay';
  bench.write(`${folder}/control.yaml`, control);
  bench.write(
    `${folder}/changes.sql`,
    `select order_id, changed_at, 'shop:order:' || order_id as source_ref from files.changes\n`,
  );
  const changed = '{ order_id: b, changed_at: "2026-07-01T00:00:00Z" }';
  bench.write(`${folder}/cases/clean.yaml`, caseOf('No order changed', '', ''));
  bench.write(
    `${folder}/cases/drift.yaml`,
    caseOf('One changed', changed, '{ code: CA91-DRIFT, key: { order_id: b } }'),
  );
  bench.config.sources.files['changes'] = {
    path: 'changes.csv',
    format: 'csv',
    columns: { order_id: 'text', changed_at: 'instant' },
    control_total: 'optional',
  };
});
afterAll(async () => {
  bench.remove();
  await database.drop();
});

/** A run of one order, paid, and the signatures of two people over it. */
async function signedRun(period: string, asOf: string, order: string): Promise<void> {
  bench.write('orders.csv', ordersCsv([[order, '20.00']]));
  bench.write('payments.csv', paymentsCsv([['p1', order, '20.00']]));
  await bench.run({ period, asOf });
  await sign('prepare', period);
  await sign('review', period);
}

async function sign(step: 'prepare' | 'review', period: string): Promise<void> {
  const role = step === 'prepare' ? 'preparer' : 'reviewer';
  const caller = people.find(({ grants }) => grants.every((grant) => grant.role === role));
  if (caller === undefined) throw new Error(`nobody is only a ${role}`);
  const desk = new SignoffDesk(database.app, clock, 'high');
  const items = [{ control: 'CA-90', period }];
  const { refused } = await desk.sign(caller, { step, entity: 'acme', items, statement: 'seen' });
  expect(refused).toEqual([]);
}

/** CA-91 finds that these orders changed just now. */
async function findChanged(...orders: string[]): Promise<void> {
  const at = new Date().toISOString();
  const lines = orders.map((order) => `${order},${at}`);
  bench.write('changes.csv', ['order_id,changed_at', ...lines, ''].join('\n'));
  const { outcome, reason } = await bench.run({ control: 'CA-91', reason: 'again' });
  expect([outcome, reason]).toEqual([orders.length > 0 ? 'exceptions' : 'passed', null]);
}

async function states(): Promise<string[]> {
  const { rows } = await database.app.raw<{ rows: { text: string }[] }>(
    `select concat_ws(' ', period_key, step, case step when 'reopened' then reason end) as text
     from tieout.signoff_states order by period_key`,
  );
  return rows.map(({ text }) => text);
}

test('an item that changed after it was signed opens what rests on it again, once', async () => {
  await signedRun('2026-05', '2026-06-01', 'a');
  await signedRun('2026-06', '2026-07-01', 'b');
  await findChanged('c');
  expect(await states()).toEqual(['2026-05 reviewed', '2026-06 reviewed']);

  await findChanged('b', 'c');
  const reason = 'What it rests on changed after it was signed. CA-91: Order b changed.';
  expect(await states()).toEqual(['2026-05 reviewed', `2026-06 reopened ${reason}`]);
  const { rows } = await database.app.raw<{ rows: unknown[] }>(
    `select actor, person_id from tieout.audit_events
     join tieout.signoffs on audit_event = event_id where action = 'signoff.reopened'`,
  );
  expect(rows).toEqual([{ actor: 'system', person_id: null }]);

  // Whoever signs it again knows of the change: the same exception does not open it twice.
  await sign('prepare', '2026-06');
  await sign('review', '2026-06');
  await findChanged('b');
  expect(await states()).toEqual(['2026-05 reviewed', '2026-06 reviewed']);
});
