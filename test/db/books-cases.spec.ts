import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { loadConfig } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { testCases } from '../../src/runs/test-cases';

const shipped = [
  ['of the product', 'src/sandbox/demo/tieout.demo.yaml', ['BK-01', 'CA-01', 'CA-04', 'IN-01']],
  ['of the Olist example', 'examples/olist/tieout.yaml', ['OLIST-01']],
] as const;

test.each(shipped)('controls %s load, and every case of them holds', async (_name, file, ids) => {
  const config = loadConfig({ OLIST_DIR: '/nowhere' }, file);
  const catalog = await loadCatalog(path.resolve(config.baseDir, config.controls.path));
  expect(catalog.problems).toEqual([]);
  expect(catalog.controls.map(({ control }) => control.id)).toEqual(ids);
  const results = await testCases(catalog, { config, logger: createLogger({ level: 'error' }) });
  const failed = results.filter((result) => !result.passed);
  expect(failed.map(({ file, differences, problems }) => [file, differences, problems])).toEqual(
    [],
  );
  expect(results.length).toBeGreaterThanOrEqual(2 * ids.length);
});
