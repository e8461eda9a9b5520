import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Client } from 'pg';
import { openDatabase, type Database } from '../../src/platform/database/open-database';
import { migrate } from '../../src/platform/database/migrate';
import { loadConfig, type Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';

/** Of a hundred keys one differs: missing on the left, on the right, or in its amount, in turn. */
const SHARE = 100;

const configuration = `
entities:
  - { id: bench, name: Bench, currency: USD, time_zone: UTC, calendar: plain,
      materiality: { USD: { high: "50000", medium: "5000" } } }
calendars: { plain: {} }
`;

const control = `
id: BN-01
title: Both sides agree
process: bench
objective: Both sides agree.
risk: They do not.
assertions: [completeness, accuracy]
key_control: false
frequency: monthly
owner: bench
reviewer: bench
procedures:
  - name: left-to-right
    left: { population: left_side, label: Left }
    right: { population: right_side, label: Right }
    key: [invoice_id]
    cardinality: one_to_one
    amount: { column: amount, currency: currency }
    findings:
      - { code: BN01-LEFT, when: left_only }
      - { code: BN01-RIGHT, when: right_only }
      - { code: BN01-AMOUNT, when: amount_differs }
runbook: None.
`;

const populationSql = (table: string): string =>
  `select invoice_id, amount, currency, 'stripe:invoice:' || invoice_id as source_ref
    from books.${table}\n`;

const caseText = (code: string | null): string =>
  `name: ${code ?? 'clean'}\nentity: bench\nperiod: 2026-06\nas_of: "2026-07-01"\ngiven: {}\n` +
  `expect: { outcome: ${code ? 'exceptions' : 'passed'}, findings: [` +
  `${code ? `{ code: ${code}, key: { invoice_id: a } }` : ''}] }\n`;

/** A configuration, a control and an embedded Postgres below one folder. */
export async function openBenchWorkspace(
  dir: string,
): Promise<{ config: Config; database: Database }> {
  const folder = path.join(dir, 'controls/bench/BN-01-both-sides-agree');
  mkdirSync(path.join(folder, 'cases'), { recursive: true });
  writeFileSync(path.join(dir, 'tieout.yaml'), configuration);
  writeFileSync(path.join(folder, 'control.yaml'), control);
  writeFileSync(path.join(folder, 'left_side.sql'), populationSql('bench_left'));
  writeFileSync(path.join(folder, 'right_side.sql'), populationSql('bench_right'));
  [null, 'BN01-LEFT', 'BN01-RIGHT', 'BN01-AMOUNT'].forEach((code, index) => {
    writeFileSync(path.join(folder, 'cases', `case-${index}.yaml`), caseText(code));
  });
  const config = loadConfig({}, path.join(dir, 'tieout.yaml'));
  const database = await openDatabase(config, { logger: createLogger({ level: 'error' }) });
  await migrate(database);
  return { config, database };
}

/** Two tables of invoices, the same on every machine; keys as long as Stripe's. */
export async function loadPopulations(owner: Client, rows: number): Promise<void> {
  for (const [table, side] of [
    ['bench_left', 0],
    ['bench_right', 1],
  ] as const) {
    await owner.query(`drop table if exists books.${table}`);
    await owner.query(
      `create table books.${table} (invoice_id text not null, amount numeric(24, 6) not null,
         currency text not null)`,
    );
    await owner.query(
      `insert into books.${table}
       select 'in_' || substr(md5(i::text), 1, 24),
         ((i * 7919) % 1000000)::numeric / 100
           + case when ${side} = 1 and i % ${SHARE} = 0 and i / ${SHARE} % 3 = 0 then 1 else 0 end,
         'USD'
       from generate_series(1::bigint, ${rows}) i
       where not (i % ${SHARE} = 0 and i / ${SHARE} % 3 = ${side + 1})`,
    );
    await owner.query(`vacuum (freeze, analyze) books.${table}`);
    await owner.query(
      `insert into books.extracts (extract_id, table_name, source, object, file_sha256, rows,
         inserted, changed, unchanged, closed, totals, control_total, landed_at)
       select gen_random_uuid(), '${table}', 'bench', '${table}', repeat('0', 64), n, n, 0, 0, 0,
         '[]', 'absent', clock_timestamp() from (select count(*) as n from books.${table})`,
    );
  }
  await owner.query('checkpoint').catch(() => undefined);
}

/**
 * What a team would write that needs the answer of the run, though nothing of its evidence: items
 * and amounts by category and currency, and each differing item as it stands on either side.
 */
export const sameAnswerSql = [
  `select case when r.invoice_id is null then 'left only'
      when l.invoice_id is null then 'right only'
      when l.amount <> r.amount then 'amount differs' else 'matched' end as category,
    coalesce(l.currency, r.currency) as currency, count(l.invoice_id) as left_items,
    sum(l.amount) as left_amount, count(r.invoice_id) as right_items, sum(r.amount) as right_amount
  from books.bench_left l full join books.bench_right r using (invoice_id, currency)
  group by 1, 2`,
  `select invoice_id, currency, l.amount as left_amount, r.amount as right_amount,
    l.amount - r.amount as difference, 'stripe:invoice:' || l.invoice_id as left_source,
    'stripe:invoice:' || r.invoice_id as right_source
  from books.bench_left l full join books.bench_right r using (invoice_id, currency)
  where l.amount is distinct from r.amount`,
];

/** What any team would write first: one join, the totals and the number of differing keys. */
export const rawJoinSql = `
  select count(*) as keys, sum(l.amount) as left_amount, sum(r.amount) as right_amount,
    count(*) filter (where l.amount is distinct from r.amount) as differing
  from books.bench_left l full join books.bench_right r using (invoice_id, currency)`;
