import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseDocument, visit, type Node } from 'yaml';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { controlShapes, writeNewControl } from '../../src/catalog/new-control';
import { loadConfig, type Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { testCases } from '../../src/runs/cases/test-cases';
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
  [
    'just begun',
    () => ({ ...northwindAtRest(), controls: { path: begun } }),
    ['ZZ-01', 'ZZ-02', 'ZZ-03'],
  ],
] as const;

let copies: string;
let begun: string;
beforeAll(async () => {
  copies = mkdtempSync(path.join(tmpdir(), 'tieout-cases-'));
  begun = path.join(copies, 'begun');
  for (const [i, shape] of controlShapes.entries())
    await writeNewControl(begun, {
      ...{ id: `ZZ-0${i + 1}`, title: `A ${shape} holds`, process: 'trials' },
      ...{ shape, entity: 'ni-us' },
    });
});
afterAll(() => rmSync(copies, { recursive: true }));

/** The folder of controls once more, with the rows of every table in its cases the other way. */
function withRowsReversed(controls: string): string {
  const copy = mkdtempSync(path.join(copies, 'controls-'));
  cpSync(controls, copy, { recursive: true });
  const isCase = (file: string): boolean => path.basename(path.dirname(file)) === 'cases';
  for (const file of readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter(isCase)) {
    const document = parseDocument(readFileSync(path.join(copy, file), 'utf8'));
    visit(document.get('given') as Node, { Seq: (_key, rows) => void rows.items.reverse() });
    writeFileSync(path.join(copy, file), document.toString({ lineWidth: 0 }));
  }
  return copy;
}

/** Its entities at the far ends of the day: accounting dates come from the books, not from here. */
const turned = (config: Config): Config => ({
  ...config,
  entities: config.entities.map((one, i) => ({
    ...one,
    time_zone: (i + config.entities.length) % 2 === 0 ? 'Pacific/Kiritimati' : 'Etc/GMT+12',
  })),
});

/**
 * Cases say what follows from their rows, whatever the order in which these were landed and the
 * zone of whoever asks (CONTROLS §5.2). As they are written, their authors try them.
 */
const everyCase = async (
  _name: string,
  configOf: () => Config,
  ids: readonly string[],
): Promise<void> => {
  const config = turned(configOf());
  const catalog = await loadCatalog(
    withRowsReversed(path.resolve(config.baseDir, config.controls.path)),
  );
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
