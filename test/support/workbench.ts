import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import type { Catalog } from '../../src/catalog/catalog';
import type { Clock } from '../../src/platform/clock';
import { loadConfig, type Config } from '../../src/platform/config';
import type { Database } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import type { RecordedRun, RunProgress, RunRequest } from '../../src/runs/run-types';

/** A folder with a configuration, files and one control, ready to run against a real database. */
export interface Workbench {
  dir: string;
  config: Config;
  write(file: string, content: string): void;
  catalog(): Promise<Catalog>;
  run(request?: Partial<RunRequest>, progress?: RunProgress): Promise<RecordedRun>;
  remove(): void;
}

const configuration = `
entities:
  - { id: acme, name: Acme, currency: USD, time_zone: UTC, calendar: plain,
      materiality: { USD: { high: "1000", medium: "100" } } }
calendars: { plain: {} }
sources:
  files:
    orders:
      path: orders.csv
      format: csv
      amount: amount
      currency: USD
      columns: { order_id: text, amount: decimal }
    payments:
      path: payments.csv
      format: csv
      amount: amount
      currency: USD
      columns: { payment_id: text, order_id: text, amount: decimal }
`;

const control = `
id: CA-90
title: Every order is paid
process: cash
objective: Every order is paid in full.
risk: An order is not paid and nobody notices.
assertions: [completeness]
key_control: true
frequency: monthly
owner: finance
reviewer: controller
parameters: { least: "0.01" }
procedures:
  - name: orders-to-payments
    left: { population: orders, label: Orders }
    right: { population: payments, label: Payments }
    key: [order_id]
    cardinality: one_to_many
    amount: { column: amount, currency: currency, tolerance: { minor_units: 1, per: line } }
    findings:
      - { code: CA90-UNPAID, when: left_only }
      - { code: CA90-NO_ORDER, when: right_only }
      - { code: CA90-AMOUNT, when: amount_differs }
runbook: Ask the customer.
`;

const caseOf = (name: string, code: string | null, orders: string, payments: string): string => `
name: ${name}
entity: acme
period: 2026-06
as_of: "2026-07-01"
given: { files.orders: [${orders}], files.payments: [${payments}] }
expect:
  outcome: ${code ? 'exceptions' : 'passed'}
  findings: [${code ? `{ code: ${code}, key: { order_id: a } }` : ''}]
`;

const anOrder = '{ order_id: a, amount: "1" }';
const aPayment = '{ payment_id: p, order_id: a, amount: "1" }';

/** `clock` decides what now is; the database is the caller's to drop. */
export function openWorkbench(database: Database, clock: Clock): Workbench {
  const dir = mkdtempSync(path.join(tmpdir(), 'tieout-bench-'));
  const write = (file: string, content: string): void => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), content);
  };
  const folder = 'controls/cash/CA-90-every-order-is-paid';
  write('tieout.yaml', configuration);
  write(`${folder}/control.yaml`, control);
  write(
    `${folder}/orders.sql`,
    `select order_id, amount, currency, 'shop:order:' || order_id as source_ref\n` +
      'from files.orders\nwhere amount >= :least\n',
  );
  write(
    `${folder}/payments.sql`,
    `select order_id, amount, currency, 'bank:payment:' || payment_id as source_ref\n` +
      'from files.payments\n',
  );
  write(
    `${folder}/cases/clean.yaml`,
    caseOf('A paid order is no finding', null, anOrder, aPayment),
  );
  write(`${folder}/cases/unpaid.yaml`, caseOf('An order nobody paid', 'CA90-UNPAID', anOrder, ''));
  write(`${folder}/cases/no-order.yaml`, caseOf('Paid for nothing', 'CA90-NO_ORDER', '', aPayment));
  write(
    `${folder}/cases/amount.yaml`,
    caseOf('Paid twice', 'CA90-AMOUNT', anOrder, `${aPayment}, ${aPayment}`),
  );
  const config = loadConfig({}, path.join(dir, 'tieout.yaml'));
  const catalog = (): Promise<Catalog> => loadCatalog(path.join(dir, 'controls'));
  const logger = createLogger({ level: 'error' });
  return {
    dir,
    config,
    write,
    catalog,
    run: async (request = {}, progress = { step: () => undefined, frozen: () => undefined }) => {
      const parts = { config, database, catalog: await catalog(), clock, logger };
      return runControl(
        {
          control: 'CA-90',
          entity: 'acme',
          period: '2026-06',
          asOf: '2026-07-01',
          cause: 'requested',
          reason: null,
          requestedBy: 'a test',
          ...request,
        },
        runDependencies(parts),
        progress,
      );
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
}

/** CSV of `name,amount` rows with the header of the workbench's files. */
export const ordersCsv = (rows: [id: string, amount: string][]): string =>
  ['order_id,amount', ...rows.map((row) => row.join(','))].join('\n') + '\n';
export const paymentsCsv = (rows: [id: string, order: string, amount: string][]): string =>
  ['payment_id,order_id,amount', ...rows.map((row) => row.join(','))].join('\n') + '\n';
