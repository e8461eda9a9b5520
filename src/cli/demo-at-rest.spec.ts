import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { InvalidInput } from '../core/problem';
import { demoData, openBooksSetting } from './demo-at-rest';
import { demoDataDir } from './demo-company';
import { Session } from './session';
import { openTerminal } from './terminal';

const home = process.cwd();
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-at-rest-'));
  process.chdir(dir);
});

afterEach(() => {
  process.chdir(home);
  rmSync(dir, { recursive: true });
});

const open = (config?: string) =>
  openBooksSetting({
    session: new Session(),
    terminal: openTerminal({ json: false, quiet: true, color: false }),
    globals: { color: false, ...(config !== undefined && { config }) },
  });

const startDemo = (): void => {
  mkdirSync(path.join(demoDataDir(demoData), 'postgres'), { recursive: true });
};

test('without a configuration the books of a demo that was started here are looked at', () => {
  startDemo();
  const { config } = open();
  expect(config).toMatchObject({ database: null, data_dir: demoDataDir(demoData) });
  expect(config.entities.map(({ id }) => id)).toEqual(['ni-us', 'ni-ie']);
});

test('a configuration of one’s own counts before them, and one that is named must exist', () => {
  startDemo();
  writeFileSync(
    'tieout.yaml',
    `entities: [{ id: acme, name: Acme, currency: USD, time_zone: UTC, calendar: plain,
       materiality: { USD: { high: "5", medium: "1" } } }]\ncalendars: { plain: {} }\n`,
  );
  expect(open().config.entities.map(({ id }) => id)).toEqual(['acme']);
  expect(() => open('other.yaml')).toThrow(InvalidInput);
});

test('where neither is, the configuration is asked for', () => {
  expect(() => open()).toThrow(InvalidInput);
});
