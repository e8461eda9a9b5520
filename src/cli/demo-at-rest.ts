import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { configFileName, type Config } from '../platform/config';
import { northwindAtRest } from '../sandbox/northwind/northwind-config';
import type { GlobalOptions, Means } from './command';
import { demoDataDir } from './demo-company';
import { openSetting, settingOf, type Setting } from './open-workspace';

/** Where the demo keeps its data unless it is told otherwise. */
export const demoData = path.join('data', 'demo');

/** Whether there is a configuration here, or one was named that must be. */
function hasOwnConfig({ config }: GlobalOptions): boolean {
  const file = configFileName(undefined, config);
  return config !== undefined || file !== 'tieout.yaml' || existsSync(file);
}

/** Without a tieout.yaml of one's own, the controls that come along are looked at. */
export function openControlsSetting({ globals, terminal }: Means): Setting {
  if (hasOwnConfig(globals)) return openSetting(globals.config);
  terminal.note('No tieout.yaml here: using the configuration of the demo.');
  return settingOf(northwindAtRest());
}

/**
 * For whoever looks at what is recorded, or runs a control once more: without a tieout.yaml of
 * one's own, the books of the demo, where it was started here. None of its systems need answer.
 */
export function openBooksSetting({ globals, terminal }: Means): Setting {
  const dataDir = demoDataDir(demoData);
  if (hasOwnConfig(globals) || !existsSync(path.join(dataDir, 'postgres')))
    return openSetting(globals.config);
  terminal.note(`No tieout.yaml here: using the books of the demo (${demoData}).`);
  return settingOf(demoBooks(northwindAtRest(), dataDir));
}

/** The books of the demo are its own, whatever database the environment names for others. */
export const demoBooks = (config: Config, dataDir: string): Config => ({
  ...config,
  database: null,
  data_dir: dataDir,
});
