import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Client } from 'pg';
import type { ParameterValue } from '../core/bind-parameters';
import { isTieOut, sidesOf, type Procedure, type Side } from '../core/control';
import type { Problem } from '../core/problem';
import type { ColumnType, DeclaredFiles } from '../platform/config';
import type { DuckDb } from '../platform/duckdb';
import type { Catalog, LoadedControl, LoadedPopulation } from './catalog';
import {
  describeBooks,
  describeFiles,
  sampleValues,
  type PopulationColumn,
  type PopulationDescription,
} from './describe-population';
import { pairedColumns, passColumns } from './check-passes';
import { ExpressionCheck, missingColumn, type SideColumns } from './check-expressions';
import { YamlFile } from './yaml-file';

export interface ValidationMeans {
  config: DeclaredFiles;
  /** A connection as the reader role; null: populations over books stay undescribed. */
  reader: Client | null;
  /** One of its own: empty tables of schema files are made in it. */
  duck: DuckDb;
}

export interface CatalogValidation {
  problems: Problem[];
  /** Ids of the controls of the catalogue in which nothing was found wrong. */
  sound: string[];
  /** Populations that nobody could be asked about: `BK-01 won_deals`. */
  undescribed: string[];
}

/**
 * Asks the databases what every population of a loaded catalogue returns, and holds the controls
 * against it: columns that do not exist, types that cannot be compared, amounts that are not exact.
 * Nothing is read or run. So a wrong name fails validation, and never a run.
 */
export async function validateCatalog(
  catalog: Catalog,
  means: ValidationMeans,
): Promise<CatalogValidation> {
  const problems = new Map<string, Problem>();
  const sound: string[] = [];
  const undescribed: string[] = [];
  for (const control of catalog.controls) {
    const found = await validateControl(control, means);
    undescribed.push(...found.undescribed.map((name) => `${control.control.id} ${name}`));
    if (found.problems.length === 0) sound.push(control.control.id);
    // Once each, though several controls share a population.
    for (const problem of found.problems) problems.set(JSON.stringify(problem), problem);
  }
  return { problems: [...problems.values()], sound, undescribed };
}

/** The same for one control. */
export async function validateControl(
  loaded: LoadedControl,
  means: ValidationMeans,
): Promise<{ problems: Problem[]; undescribed: string[] }> {
  const problems: Problem[] = [];
  const undescribed: string[] = [];
  const file = path.join(loaded.folder, 'control.yaml');
  const yaml = YamlFile.parse(file, await readFile(file, 'utf8'), problems);
  if (!yaml) return { problems, undescribed };
  const values = sampleValues(loaded.control);
  const described = new Map<string, PopulationColumn[]>();
  for (const population of Object.values(loaded.populations)) {
    const description = await describe(population, values, means);
    if (description === null) {
      undescribed.push(population.name);
      continue;
    }
    problems.push(...description.problems);
    if (description.columns === null) continue;
    described.set(population.name, description.columns);
    problems.push(...columnProblems(population, description.columns));
  }
  for (const [i, procedure] of loaded.control.procedures.entries()) {
    const columns: SideColumns = new Map();
    for (const { side, ref } of sidesOf(procedure)) {
      const known = described.get(ref.population);
      if (known) columns.set(side, known);
    }
    problems.push(...procedureProblems(procedure, ['procedures', i], columns, yaml));
    const expressions = new ExpressionCheck({ duck: means.duck, yaml, values, columns });
    problems.push(...(await expressions.check(procedure, ['procedures', i])));
  }
  return { problems, undescribed };
}

async function describe(
  population: LoadedPopulation,
  values: Record<string, ParameterValue>,
  { config, reader, duck }: ValidationMeans,
): Promise<PopulationDescription | null> {
  if (population.source === 'files')
    return describeFiles(population, values, duck, config.sources.files);
  return reader === null ? null : describeBooks(population, values, reader);
}

const exactForms =
  'Cast it to text, numeric(24,6), bigint, boolean, date, timestamp or timestamptz.';

/** What every population owes, whatever names it. */
function columnProblems(
  { file, name }: LoadedPopulation,
  columns: readonly PopulationColumn[],
): Problem[] {
  const problems = columns
    .filter((column) => column.type === null)
    .map((column) => ({
      file,
      field: column.name,
      message: `is ${column.sqlType}, which the evidence cannot keep exactly.`,
      remedy: exactForms,
    }));
  const text = (column: string, required: boolean): void => {
    const found = columns.find((one) => one.name === column);
    if (!found && required)
      problems.push({
        file,
        field: column,
        message: `The population ${name} does not return ${column}.`,
        remedy: `Add … as ${column}: 'system:object:id', where a person finds the item.`,
      });
    else if (found?.type && found.type !== 'text')
      problems.push({
        file,
        field: column,
        message: `is ${found.sqlType}, and must be text.`,
        remedy: `Cast it: …::text as ${column}.`,
      });
  };
  text('source_ref', true);
  text('reconciling', false);
  return problems;
}

type Path = readonly (string | number)[];

const castOf: Partial<Record<ColumnType, string>> = {
  decimal: 'numeric(24,6)',
  text: 'text',
  date: 'date',
  instant: 'timestamptz',
};

/** Key, amount, currency and timing of a procedure, held against what its sides return. */
function procedureProblems(
  procedure: Procedure,
  at: Path,
  columns: SideColumns,
  yaml: YamlFile,
): Problem[] {
  const problems: Problem[] = [];
  const need = (side: Side, name: string, field: Path, type?: ColumnType): void => {
    const known = columns.get(side);
    if (!known) return;
    const found = known.find((column) => column.name === name);
    if (!found) problems.push(missingColumn(yaml, [...at, ...field], side, name, known));
    else if (type && found.type !== null && found.type !== type)
      problems.push(
        yaml.problem(
          [...at, ...field],
          `names ${side}.${name}, which is ${found.sqlType} and must be ${type}.`,
          `Cast it in the SQL of ${side}: ${name}::${castOf[type] ?? type}.`,
        ),
      );
  };
  const { key, amount } = procedure;
  procedure.findings.forEach(({ drifted_at: column }, i) => {
    if (column !== undefined) need('item', column, ['findings', i, 'drifted_at'], 'instant');
  });
  for (const { side } of sidesOf(procedure)) {
    key.forEach((name, i) => need(side, name, ['key', i]));
    if (amount) {
      need(side, amount.column, ['amount', 'column'], 'decimal');
      need(side, amount.currency, ['amount', 'currency'], 'text');
    }
    const timing = isTieOut(procedure) ? procedure.timing : undefined;
    if (timing && (timing.side === 'both' || timing.side === side))
      need(side, timing.from, ['timing', 'from'], 'date');
  }
  for (const { side, name, at: field, type } of passColumns(procedure))
    need(side, name, field, type);
  for (const { name, at: field } of pairedColumns(procedure)) {
    const [left, right] = (['left', 'right'] as const).map((side) =>
      columns.get(side)?.find((column) => column.name === name),
    );
    if (left?.type && right?.type && left.type !== right.type)
      problems.push(
        yaml.problem(
          [...at, ...field],
          `${name} is ${left.sqlType} on the left and ${right.sqlType} on the right.`,
          'Cast one side in its SQL, so that both are of one type.',
        ),
      );
  }
  return problems;
}
