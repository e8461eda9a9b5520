import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { periodOf, periodSoFar, type Period } from '../../core/calendar';
import { caseSchema, type ControlCase } from '../../core/case';
import { periodLength } from '../../core/control';
import type { FindingFacts } from '../../core/finding';
import { InvalidInput, type Problem } from '../../core/problem';
import type { Catalog, LoadedControl } from '../../catalog/catalog';
import { validateCatalog } from '../../catalog/validate-catalog';
import { YamlFile } from '../../catalog/yaml-file';
import type { Config, EntityConfig } from '../../platform/config';
import { DuckDb } from '../../platform/duckdb';
import type { Logger } from '../../platform/logger';
import { CaseBooks } from './case-books';
import { writeCaseFiles, type AddProblem, type CaseFiles } from './case-files';
import { compareCase, type CaseVerdict } from './compare-case';
import { evaluateProcedures } from '../evaluate/evaluate-procedures';
import { BooksSnapshot } from '../freeze/books-snapshot';
import { boundValues, freezePopulations, PopulationTooLarge } from '../freeze/freeze-populations';
import type { SourceRead } from '../run-types';

export interface CaseResult {
  /** Id of the control. */
  control: string;
  /** The case file, as the reader knows it. */
  file: string;
  name: string;
  passed: boolean;
  /** What the case expects and the control does not say, one line each. */
  differences: string[];
  /** Why the case could not be tried at all, located in its file. */
  problems: Problem[];
  durationMs: number;
}

export interface TestCasesOptions {
  config: Config;
  logger: Logger;
  /** Ids of controls; all of them when absent. */
  only?: readonly string[];
  /** Told after each case. */
  progress?: (result: CaseResult, done: number, total: number) => void;
}

/** A case with everything it names looked up. */
interface PreparedCase {
  loaded: LoadedControl;
  value: ControlCase;
  entity: EntityConfig;
  period: Period;
  relations: string[];
  dir: string;
}

interface Means {
  config: Config;
  /** Used for every case in turn: opening one costs more than most cases do. */
  duck: Record<'freeze' | 'evaluate', DuckDb>;
  /** Starts with the first case that needs it. */
  books: () => Promise<CaseBooks>;
}

/**
 * Tries the cases of controls, in the order of their ids and files: given rows become files, or
 * rows of a throw-away database, and from there on everything is what a run does: freeze by the
 * same roles, evaluate in the same engine. Nothing is recorded, and no live data is read. Throws
 * InvalidInput where one of the controls names what its SQL does not return: every one of its cases
 * would say so, and worse.
 */
export async function testCases(
  catalog: Catalog,
  options: TestCasesOptions,
): Promise<CaseResult[]> {
  const { config, logger, only, progress } = options;
  const controls = catalog.controls.filter(
    ({ control }) => only === undefined || only.includes(control.id),
  );
  const cases = controls.flatMap((loaded) => loaded.cases.map((file) => ({ loaded, file })));
  const results: CaseResult[] = [];
  const root = mkdtempSync(path.join(tmpdir(), `tieout-cases-${process.pid}-`));
  const duck = { freeze: await openDuckDb(config, root), evaluate: await openDuckDb(config, root) };
  let opened: Promise<CaseBooks> | undefined;
  const statementMs = config.limits.statement_timeout_s * 1000;
  const books = (): Promise<CaseBooks> => (opened ??= CaseBooks.open({ logger, statementMs }));
  try {
    await validate({ ...catalog, controls }, config, { root, books });
    for (const [index, { loaded, file }] of cases.entries()) {
      const dir = path.join(root, String(index));
      const result = await tryCase(loaded, file, dir, { config, duck, books });
      rmSync(dir, { recursive: true, force: true });
      results.push(result);
      progress?.(result, results.length, cases.length);
    }
    return results;
  } finally {
    for (const one of Object.values(duck)) one.close();
    rmSync(root, { recursive: true, force: true });
    const database = await opened?.catch(() => null);
    await database?.remove();
  }
}

async function validate(
  catalog: Catalog,
  config: Config,
  { root, books }: Pick<Means, 'books'> & { root: string },
): Promise<void> {
  const readsBooks = catalog.controls
    .flatMap(({ populations }) => Object.values(populations))
    .some(({ source }) => source === 'books');
  const duck = await openDuckDb(config, root);
  try {
    const reader = readsBooks ? await (await books()).reader() : null;
    const { problems } = await validateCatalog(catalog, { config, reader, duck }).finally(() =>
      reader?.end(),
    );
    if (problems.length > 0) throw new InvalidInput('controls', problems);
  } finally {
    duck.close();
  }
}

async function tryCase(
  loaded: LoadedControl,
  file: string,
  dir: string,
  means: Means,
): Promise<CaseResult> {
  const started = performance.now();
  const problems: Problem[] = [];
  const yaml = YamlFile.parse(file, await readFile(file, 'utf8'), problems);
  const value = yaml?.read(caseSchema, problems) ?? null;
  const add: AddProblem = (at, message, remedy) => {
    if (yaml) problems.push(yaml.problem(at, message, remedy));
  };
  const prepared = value && prepareCase(loaded, value, dir, means.config, add);
  const verdict = prepared && (await judgeCase(prepared, means, problems, add));
  const differences = value && verdict ? compareCase(value.expect, verdict) : [];
  return {
    control: loaded.control.id,
    file,
    name: value?.name ?? path.basename(file),
    passed: problems.length === 0 && differences.length === 0,
    differences,
    problems,
    durationMs: Math.round(performance.now() - started),
  };
}

function prepareCase(
  loaded: LoadedControl,
  value: ControlCase,
  dir: string,
  config: Config,
  add: AddProblem,
): PreparedCase | null {
  const relations = Object.values(loaded.populations).flatMap((one) => one.relations);
  for (const relation of Object.keys(value.given))
    if (!relations.includes(relation))
      add(['given', relation], `No population of ${loaded.control.id} reads it.`, 'Remove it.');
  const entity = config.entities.find(({ id }) => id === value.entity);
  if (!entity) {
    const known = config.entities.map(({ id }) => id).join(', ');
    add(['entity'], `There is no entity '${value.entity}'.`, `Use one of ${known}.`);
    return null;
  }
  try {
    const period = periodOf(periodLength(loaded.control), value.period);
    return { loaded, value, entity, period, relations: [...new Set(relations)], dir };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    add(['period'], `${cause.message}.`, 'Use a period of the frequency of the control.');
    return null;
  }
}

/** Null when the rows of the case could not be put in place; the problems then say why. */
async function judgeCase(
  prepared: PreparedCase,
  means: Means,
  problems: readonly Problem[],
  add: AddProblem,
): Promise<CaseVerdict | null> {
  const { value, entity, period, relations, dir } = prepared;
  await mkdir(dir, { recursive: true });
  const files = await writeCaseFiles(dir, relations, value.given, means.config, add);
  const needsBooks = relations.some((relation) => relation.startsWith('books.'));
  const books = needsBooks ? await means.books() : null;
  const fillers = { entity: entity.id, currency: entity.currency, periodStart: period.start };
  await books?.fill(value.given, fillers, add);
  if (problems.length > 0) return null;
  try {
    return await freezeAndEvaluate(prepared, files, books, means);
  } catch (cause) {
    const nothing = { findings: [], statements: [] };
    if (cause instanceof InvalidInput) {
      const reason = cause.problems.map((problem) => files.describe(problem)).join('\n');
      return { outcome: 'not_evaluated', reason, ...nothing };
    }
    if (cause instanceof PopulationTooLarge)
      return { outcome: 'not_evaluated', reason: cause.message, ...nothing };
    return { outcome: 'errored', reason: messageOf(cause), ...nothing };
  }
}

/** The rows of a case are invented, so unlike a run's its faults may be told in full. */
function messageOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'message' in cause
    ? String(cause.message)
    : String(cause);
}

async function freezeAndEvaluate(
  { loaded, value, entity, period, dir, relations }: PreparedCase,
  files: CaseFiles,
  books: CaseBooks | null,
  { config, duck }: Means,
): Promise<CaseVerdict> {
  const { control } = loaded;
  const calendar = config.calendars[entity.calendar];
  if (!calendar) throw new Error(`entity ${entity.id} has no calendar`);
  const run = { period: periodSoFar(period, value.as_of), asOf: value.as_of, entity: entity.id };
  const values = boundValues(control, run, value.parameters);
  const snapshot = books ? await BooksSnapshot.open(() => books.reader()) : null;
  const populations = await freezePopulations({
    loaded,
    values,
    config: { ...files.config, limits: config.limits },
    snapshot,
    duck: duck.freeze,
    workDir: dir,
    books: new Map(relations.map((relation) => [relation, givenRows(relation)])),
    onItems: () => undefined,
  }).finally(() => snapshot?.close());
  const draft = await evaluateProcedures({
    control,
    values,
    scope: { entity: entity.id, period: period.key },
    asOf: value.as_of,
    calendar,
    materiality: entity.materiality,
    populations,
    duck: duck.evaluate,
    salt: 'case',
    limits: config.limits,
    workDir: dir,
  });
  const { outcome, reason, statements } = draft;
  const findings = draft.findings ? await readFindings(draft.findings.file) : [];
  return { outcome, reason, statements, findings };
}

const givenRows = (relation: string): SourceRead => ({
  relation,
  verified: 'given by the case',
  facts: {},
  files: [],
});

async function readFindings(file: string): Promise<FindingFacts[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as FindingFacts);
}

function openDuckDb({ limits }: Config, root: string): Promise<DuckDb> {
  // A case is a handful of rows: a second thread would cost more than it saves.
  const reach = { tempDir: root, readWriteDirs: [root] };
  return DuckDb.open({ memoryMb: limits.duckdb_memory_mb, threads: 1, ...reach });
}
