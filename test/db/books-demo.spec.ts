import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { compareAmounts } from '../../src/core/money';
import { SystemClock } from '../../src/platform/clock';
import { loadConfig, type Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import type { RecordedRun } from '../../src/runs/run-types';
import type { ExpectedRun } from '../../src/sandbox/demo/expected-runs';
import { syncFiles } from '../../src/sources/sync-files-to-books';
import { createTestDatabase, type TestDatabase } from '../support/database';

const demo = path.resolve('src/sandbox/demo');
const expected = JSON.parse(
  readFileSync(path.join(demo, 'expected-findings.json'), 'utf8'),
) as ExpectedRun[];
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

async function run({ control, entity, period, as_of: asOf }: ExpectedRun): Promise<RecordedRun> {
  const catalog = await loadCatalog(path.resolve(demo, config.controls.path));
  const parts = { config, database, catalog, clock, logger };
  const cause = { cause: 'requested', reason: null, requestedBy: 'a test' } as const;
  const progress = { step: () => undefined, frozen: () => undefined };
  const request = { control, entity, period, asOf, ...cause };
  return runControl(request, runDependencies(parts), progress);
}

interface FoundRow {
  code: string;
  key: Record<string, string>;
  currency: string;
  impact: string;
}

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

test.each(expected.map((run) => [run.control, run.entity, run] as const))(
  '%s of %s finds what was planted, and nothing else',
  async (_control, _entity, truth) => {
    const recorded = await run(truth);
    expect([recorded.outcome, recorded.reason]).toEqual([truth.outcome, null]);
    const { rows } = await database.app.raw<{ rows: FoundRow[] }>(
      `select e.code, e.key, e.currency, e.impact from tieout.exceptions e
       join tieout.exception_events v using (exception_id) where v.run_id = ?`,
      [recorded.runId],
    );
    const name = ({ code, key, currency }: Omit<FoundRow, 'impact'>): string =>
      [code, ...Object.values(key), currency].join(' ');
    expect(rows.map(name).sort()).toEqual(truth.findings.map(name).sort());
    for (const finding of truth.findings) {
      const found = rows.find((row) => name(row) === name(finding));
      expect(compareAmounts(found?.impact ?? '-1', finding.impact)).toBe(0);
    }
  },
);

test('timing and reconciling items stand on the statements, and not as exceptions', async () => {
  const amountsOf = async (control: string, category: string): Promise<string[]> => {
    const { rows } = await database.app.raw<{ rows: { amount: string }[] }>(
      `select distinct s.left_amount + s.right_amount as amount from tieout.statement_lines s
       join tieout.runs r using (run_id)
       where r.control_id = ? and r.entity_id = 'ni-us' and s.category = ?`,
      [control, category],
    );
    return rows.map(({ amount }) => amount);
  };
  expect(await amountsOf('BK-01', 'timing')).toEqual(['42300.000000']);
  expect(await amountsOf('BK-01', 'tolerance')).not.toEqual([]);
  expect((await amountsOf('CA-04', 'reconciling')).length).toBeGreaterThanOrEqual(2);
});
