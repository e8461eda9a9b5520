import * as path from 'node:path';
import { loadCatalog } from '../../catalog/load-catalog';
import { formatProblem, InvalidInput, type Problem } from '../../core/problem';
import { loadConfig, type Config } from '../../platform/config';
import { openDatabase, type Database } from '../../platform/database/open-database';
import { describeFailure } from '../describe-failure';
import { openCatalog } from '../open-catalog';
import { controlsDir, evidenceDir, settingOf, type Setting } from '../open-workspace';
import type { Session } from '../session';
import { counted } from '../text-layout';
import { fail, ok, type Diagnosis } from './diagnosis';
import { examineClocks, examineMigrations, examineReader, examineRoles } from './examine-database';
import {
  examineBinaries,
  examineDatasets,
  examineFolder,
  examineNode,
  examineTimeZones,
} from './examine-machine';
import { examineSlack } from './examine-slack';
import { examineSources } from './examine-sources';

/** Looks at everything that a run needs and changes nothing; what fails does not stop the rest. */
export async function* examine(
  configFile: string | undefined,
  session: Session,
): AsyncIterable<Diagnosis> {
  yield examineNode(process.versions.node);
  const configured = readConfig(configFile);
  if (Array.isArray(configured)) {
    yield* configured;
    return;
  }
  const setting = settingOf(configured);
  yield ok('configuration', describeConfig(configured));
  yield examineTimeZones(configured);
  yield examineBinaries(configured);
  yield await examineFolder('data', path.resolve(configured.baseDir, configured.data_dir));
  yield await examineFolder('evidence', evidenceDir(configured));
  yield* await examineDatasets(configured);
  const database = await openAs(setting, session);
  if ('status' in database) yield database;
  else yield* examineOpened(database, setting);
  yield* await examineControls(configured, 'status' in database ? null : database);
  yield* examineSources(configured, setting.clock);
  yield await attempted('Slack', () => examineSlack(configured));
}

function readConfig(file: string | undefined): Config | Diagnosis[] {
  try {
    return loadConfig(undefined, file, 'warn');
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    return cause.problems.map((problem) => ofProblem('configuration', problem));
  }
}

const describeConfig = ({ file, entities, sources }: Config): string => {
  const files = counted(Object.keys(sources.files).length, 'file');
  return `${file}: ${counted(entities.length, 'entity', 'entities')}, ${files}`;
};

const ofProblem = (about: string, problem: Problem): Diagnosis =>
  fail(about, formatProblem({ ...problem, remedy: '' }).trimEnd(), problem.remedy);

async function openAs(setting: Setting, session: Session): Promise<Database | Diagnosis> {
  try {
    const database = await openDatabase(setting.config, setting);
    session.onClose(() => database.stop());
    return database;
  } catch (cause) {
    const { message, problems } = describeFailure(cause);
    const [problem] = problems;
    if (problem) return ofProblem('database', problem);
    return fail('database', `${message}.`, 'See the log: TIEOUT_LOG_LEVEL=debug.');
  }
}

async function* examineOpened(database: Database, { clock }: Setting): AsyncIterable<Diagnosis> {
  yield ok('database', database.location);
  yield await attempted('roles', () => examineRoles(database));
  yield await attempted('reader', () => examineReader(database));
  yield await attempted('migrations', () => examineMigrations(database));
  yield await attempted('clocks', () => examineClocks(database, clock));
}

/** An examination that cannot be made is a failed one. */
async function attempted(about: string, look: () => Promise<Diagnosis>): Promise<Diagnosis> {
  try {
    return await look();
  } catch (cause) {
    const { message } = describeFailure(cause);
    return fail(about, `Cannot be examined: ${message}.`, 'Correct what failed before it.');
  }
}

/** Against the columns of the books where these are there, else by reading the folders alone. */
async function examineControls(config: Config, database: Database | null): Promise<Diagnosis[]> {
  const about = 'controls';
  const readable = database !== null && (await hasBooks(database));
  const { catalog, problems } = readable
    ? await openCatalog(config, database)
    : await loadedOnly(config);
  if (problems.length > 0) return problems.map((problem) => ofProblem(about, problem));
  const unasked = readable ? '' : ', columns not asked for: the books are not there';
  return [ok(about, `${counted(catalog.controls.length, 'control')}, nothing wrong${unasked}`)];
}

async function loadedOnly(config: Config): ReturnType<typeof openCatalog> {
  const catalog = await loadCatalog(controlsDir(config));
  return { catalog, problems: catalog.problems };
}

async function hasBooks({ app }: Database): Promise<boolean> {
  const { rows } = await app.raw<{ rows: { there: boolean }[] }>(
    `select to_regclass('books.extracts') is not null as there`,
  );
  return rows[0]?.there ?? false;
}
