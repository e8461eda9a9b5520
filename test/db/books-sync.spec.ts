import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { InvalidInput } from '../../src/core/problem';
import { loadConfig, type Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { syncFiles } from '../../src/sources/sync-files-to-books';
import { createTestDatabase, type TestDatabase } from '../support/database';

const configuration = `
entities:
  - { id: acme, name: Acme, currency: EUR, time_zone: UTC, calendar: plain }
calendars: { plain: {} }
sources:
  files:
    bank_lines:
      path: bank.csv
      format: csv
      lands_in: bank_transactions
      amount: amount
      currency: { column: currency }
      columns: { bank_account: text, txn_id: text, entity_id: text, value_date: date,
        amount: decimal, currency: text }
    money_out:
      path: payouts.csv
      format: csv
      lands_in: payouts
      columns: { payout_id: text, entity_id: text, amount: decimal, currency: text, status: text,
        automatic: boolean, created_at: instant, created_on: date, arrival_date: date }
    stays_a_file: { path: absent.csv, format: csv, columns: { id: text } }
`;
const bank = [
  'bank_account,txn_id,entity_id,value_date,amount,currency',
  'A,1,acme,2026-06-01,10.00,EUR',
  'A,2,acme,2026-06-02,20.00,EUR',
];
const payouts = [
  'payout_id,entity_id,amount,currency,status,automatic,created_at,created_on,arrival_date',
  'po_1,acme,10.00,EUR,paid,true,2026-06-01T10:00:00Z,2026-06-01,2026-06-03',
];
const clock = { now: () => '2026-07-07T10:00:00.000Z' };
const logger = createLogger({ level: 'error' });

let database: TestDatabase;
let dir: string;
let config: Config;

beforeEach(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-sync-'));
  write('tieout.yaml', [configuration]);
  write('bank.csv', bank);
  write('payouts.csv', payouts);
  config = loadConfig({}, path.join(dir, 'tieout.yaml'));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await database.drop();
});

const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(path.join(dir, name), `${lines.join('\n')}\n`);

async function count(table: string): Promise<string> {
  const { rows } = await database.app.raw<{ rows: { n: string }[] }>(
    `select count(*) as n from books.${table}`,
  );
  return rows[0]?.n ?? '';
}

test('every file that lands is landed, told step by step, and nothing is left behind', async () => {
  const told: string[] = [];
  const progress = {
    advance: (done: number, total: number, doing: string) =>
      void told.push(`${done}/${total} ${doing}`),
  };
  const landings = await syncFiles(config, database, { logger, clock, progress });
  expect(landings).toMatchObject([
    { dataset: 'bank_lines', table: 'bank_transactions', rows: '2', inserted: '2' },
    { dataset: 'money_out', table: 'payouts', rows: '1', inserted: '1' },
  ]);
  expect(told).toEqual([
    '0/4 reading bank.csv',
    '1/4 reading payouts.csv',
    '2/4 landing bank.csv in books.bank_transactions',
    '3/4 landing payouts.csv in books.payouts',
    '4/4 landed',
  ]);
  expect(readdirSync(path.join(dir, 'data', 'work'))).toEqual([]);
});

test('one malformed file: the problems of all of them are told, and none is landed', async () => {
  write('bank.csv', [...bank, 'A,3,acme,2026-06-31,x,EUR']);
  write('payouts.csv', [...payouts, 'po_2,acme,1.00,EUR,paid,perhaps,2026-06-01T10:00:00Z,,']);
  const error = await syncFiles(config, database, { logger, clock }).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof InvalidInput)) throw new Error('expected InvalidInput', { cause: error });
  expect(error.problems.map(({ file, line, field }) => [file, line, field])).toEqual([
    ['bank.csv', 4, 'value_date'],
    ['bank.csv', 4, 'amount'],
    ['payouts.csv', 3, 'automatic'],
  ]);
  expect([await count('bank_transactions'), await count('extracts')]).toEqual(['0', '0']);
  expect(readdirSync(path.join(dir, 'data', 'work'))).toEqual([]);
});
