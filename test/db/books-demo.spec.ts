import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { SystemClock } from '../../src/platform/clock';
import { loadConfig, type Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { syncFiles } from '../../src/sources/sync-files-to-books';
import { createTestDatabase, type TestDatabase } from '../support/database';

const demo = path.resolve('src/sandbox/demo');
const clock = new SystemClock();
const logger = createLogger({ level: 'error' });

let database: TestDatabase;
let config: Config;

beforeAll(async () => {
  database = await createTestDatabase();
  const data_dir = mkdtempSync(path.join(tmpdir(), 'tieout-demo-'));
  config = { ...loadConfig({}, path.join(demo, 'tieout.demo.yaml')), data_dir };
  await syncFiles(config, database, { logger, clock });
});
afterAll(async () => {
  rmSync(config.data_dir, { recursive: true, force: true });
  await database.drop();
});

test('every file that lands is landed whole, and again without a change', async () => {
  const landings = await syncFiles(config, database, { logger, clock });
  expect(landings.map(({ table }) => table)).toEqual([
    'opportunities',
    'orders',
    'invoices',
    'invoice_lines',
    'invoice_payments',
  ]);
  for (const landing of landings)
    expect(landing).toMatchObject({
      inserted: '0',
      changed: '0',
      closed: '0',
      unchanged: landing.rows,
    });
});
