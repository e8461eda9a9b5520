import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { loadConfig, type Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { testCases } from '../../src/runs/test-cases';
import { northwindAtRest } from '../../src/sandbox/northwind/northwind-config';

const product = [
  ...['BK-01', 'BK-02', 'BK-03', 'BK-04', 'BK-05', 'BK-06'],
  ...['CA-01', 'CA-02', 'CA-03', 'CA-04', 'CA-05', 'CTRL-00', 'IN-01', 'IN-02', 'IN-03'],
  ...['IPE-01', 'IPE-02', 'MD-01', 'MD-02', 'SU-01', 'SU-02', 'US-01', 'US-02'],
];

const shipped = [
  ['of the product', () => northwindAtRest(), product],
  [
    'of the Olist example',
    () => loadConfig({ OLIST_DIR: '/nowhere' }, 'examples/olist/tieout.yaml'),
    ['OLIST-01'],
  ],
] as const;

const everyCase = async (
  _name: string,
  configOf: () => Config,
  ids: readonly string[],
): Promise<void> => {
  const config = configOf();
  const catalog = await loadCatalog(path.resolve(config.baseDir, config.controls.path));
  expect(catalog.problems).toEqual([]);
  expect(catalog.controls.map(({ control }) => control.id)).toEqual(ids);
  const results = await testCases(catalog, { config, logger: createLogger({ level: 'error' }) });
  const failed = results.filter((result) => !result.passed);
  expect(failed.map(({ file, differences, problems }) => [file, differences, problems])).toEqual(
    [],
  );
  expect(results.length).toBeGreaterThanOrEqual(2 * ids.length);
};

test.each(shipped)('controls %s load, and every case of them holds', everyCase, 400_000);
