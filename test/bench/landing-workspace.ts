import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { loadConfig, type Config } from '../../src/platform/config';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/platform/database/embedded-postgres';
import { migrate } from '../../src/platform/database/migrate';
import { openDatabase, type Database } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import {
  shapes,
  warehouseName,
  warehouseReader,
  type LandingKind,
  type LandingTable,
} from './landing-data';

export interface LandingWorkspace {
  config: Config;
  database: Database;
  server: EmbeddedPostgres;
}

const entity = `
entities:
  - { id: bench, name: Bench, currency: USD, time_zone: UTC, calendar: plain, materiality: {} }
calendars: { plain: {} }
`;

/** One declared source with one table, as a production has it, and the embedded Postgres. */
export async function openLandingWorkspace(
  dir: string,
  kind: LandingKind,
  table: LandingTable,
): Promise<LandingWorkspace> {
  mkdirSync(path.join(dir, 'data'), { recursive: true });
  const server = await startEmbeddedPostgres(path.join(dir, 'data', 'postgres'));
  const sources = kind === 'warehouse' ? warehouseYaml(server, table) : fileYaml(kind, table);
  const file = path.join(dir, `${kind}-${table}.yaml`);
  writeFileSync(file, `${entity}\nsources:\n${sources}`);
  const config = loadConfig({}, file);
  const database = await openDatabase(config, { logger: createLogger({ level: 'error' }) });
  await migrate(database);
  return { config, database, server };
}

function warehouseYaml({ connection }: EmbeddedPostgres, table: LandingTable): string {
  const place = `host=${encodeURIComponent(connection.host)}&port=${connection.port}`;
  const url = `postgres://${warehouseReader}@/${warehouseName}?${place}`;
  const amount = table === 'gl_lines' ? 'amount: debit, currency: { column: currency }, ' : '';
  return `  warehouse:
    dwh:
      url: "${url}"
      statement_timeout_s: 600
      tables:
        ${table}: { ${amount}query: "select * from dwh.${table}" }\n`;
}

function fileYaml(format: 'csv' | 'parquet', table: LandingTable): string {
  const columns = Object.entries(shapes[table].columns)
    .map(([name, type]) => `${name}: ${type}`)
    .join(', ');
  const amount = table === 'gl_lines' ? 'amount: debit, currency: { column: currency }, ' : '';
  return `  files:
    ${table}: { path: ${table}.${format}, format: ${format}, columns: { ${columns} }, ${amount}
      control_total: required, lands_in: ${table} }\n`;
}
