import * as path from 'node:path';
import { SystemClock, type Clock } from '../platform/clock';
import { loadConfig, type Config } from '../platform/config';
import { migrate } from '../platform/database/migrate';
import { openDatabase, type Database } from '../platform/database/open-database';
import { createLogger, type Logger } from '../platform/logger';
import type { Session } from './session';

/** What commands that need no database work with. */
export interface Setting {
  config: Config;
  clock: Clock;
  logger: Logger;
}

/** A setting with its database, migrated. */
export interface Workspace extends Setting {
  database: Database;
  /** Migrations applied when it was opened. */
  migrated: string[];
}

/** Reads the configuration; `level` counts where TIEOUT_LOG_LEVEL is not set. */
export function openSetting(file: string | undefined, level: Config['logLevel'] = 'warn'): Setting {
  return settingOf(loadConfig(undefined, file, level));
}

export const settingOf = (config: Config): Setting => ({
  config,
  clock: new SystemClock(),
  logger: createLogger({ level: config.logLevel }),
});

/** Opens and migrates the database of a setting; the session closes it. */
export async function openWorkspace(session: Session, setting: Setting): Promise<Workspace> {
  const database = await openDatabase(setting.config, setting);
  session.onClose(() => database.stop());
  const migrated = await migrate(database);
  return { ...setting, database, migrated };
}

export const controlsDir = ({ baseDir, controls }: Config): string =>
  path.resolve(baseDir, controls.path);

export const evidenceDir = ({ baseDir, data_dir: dataDir }: Config): string =>
  path.resolve(baseDir, dataDir, 'evidence');
