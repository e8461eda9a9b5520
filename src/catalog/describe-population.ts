import { DatabaseError, type Client, type QueryConfig } from 'pg';
import {
  bindParameters,
  lineAt,
  parameterValueOf,
  type ParameterValue,
} from '../core/bind-parameters';
import type { Control } from '../core/control';
import type { Problem } from '../core/problem';
import { quoteName } from '../core/sql-text';
import type { ColumnType, DatasetConfig } from '../platform/config';
import type { DuckDb } from '../platform/duckdb';
import { columnRules } from '../sources/files/column-rules';
import type { LoadedPopulation } from './catalog';
import { placeOfLine } from './composed-sql';
import { didYouMean } from './suggest';

/** A column as the database says it returns it. */
export interface PopulationColumn {
  name: string;
  /** Null when the evidence has no exact form for it, such as double precision. */
  type: ColumnType | null;
  /** The engine's own word for the type. */
  sqlType: string;
}

export interface PopulationDescription {
  /** Null when the engine would not take the SQL; then there are problems. */
  columns: PopulationColumn[] | null;
  problems: Problem[];
}

/** Values that only have to be of the right type: nothing is read. */
export function sampleValues(control: Control): Record<string, ParameterValue> {
  const own = Object.entries(control.parameters);
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, parameterValueOf(value)])),
    as_of: { type: 'date', value: '2026-06-30' },
    period_start: { type: 'date', value: '2026-06-01' },
    period_end: { type: 'date', value: '2026-07-01' },
    entity: { type: 'text', value: 'entity' },
  };
}

/** Types by PostgreSQL's fixed object ids; null: returned as is, it would lose something. */
const postgresTypes: Record<number, [sqlType: string, type: ColumnType | null]> = {
  16: ['boolean', 'boolean'],
  19: ['name', null],
  20: ['bigint', 'integer'],
  21: ['smallint', 'integer'],
  23: ['integer', 'integer'],
  25: ['text', 'text'],
  114: ['json', null],
  700: ['real', null],
  701: ['double precision', null],
  1042: ['character', null],
  1043: ['character varying', 'text'],
  1082: ['date', 'date'],
  1083: ['time', null],
  1114: ['timestamp', 'timestamp'],
  1184: ['timestamp with time zone', 'instant'],
  1186: ['interval', null],
  1700: ['numeric', 'decimal'],
  2950: ['uuid', null],
  3802: ['jsonb', null],
};

/**
 * The columns of a population over books, by asking PostgreSQL as the reader role in a read-only
 * transaction for none of its rows. A fault of the connection is thrown.
 */
export async function describeBooks(
  population: LoadedPopulation,
  values: Record<string, ParameterValue>,
  reader: Client,
): Promise<PopulationDescription> {
  const bound = bindParameters(population.query, values);
  const before = 'select * from (';
  // Extended protocol: the server itself refuses a second statement.
  const query: QueryConfig & { queryMode: 'extended' } = {
    text: `${before}${bound}\n) q limit 0`,
    queryMode: 'extended',
  };
  await reader.query('begin transaction read only');
  try {
    const { fields } = await reader.query(query);
    const columns = fields.map(({ name, dataTypeID }): PopulationColumn => {
      const [sqlType, type] = postgresTypes[dataTypeID] ?? [`type ${dataTypeID}`, null];
      return { name, type, sqlType };
    });
    return { columns, problems: [] };
  } catch (cause) {
    // 42: names and types; 22: values; 0A: not supported. Anything else is a fault of the server.
    if (!(cause instanceof DatabaseError) || !/^(42|22|0A)/.test(cause.code ?? ''))
      throw new Error(`describing population ${population.name}`, { cause });
    const offset = Math.max(Number(cause.position ?? 1) - 1 - before.length, 0);
    const message = `PostgreSQL says: ${cause.message}.`;
    await reader.query('rollback');
    const has = await whatThereIs(cause.code, population, reader);
    const remedy = [cause.hint ?? 'Correct the SQL here.', ...has].join(' ');
    return {
      columns: null,
      problems: [{ ...placeOfLine(population.parts, lineAt(bound, offset)), message, remedy }],
    };
  } finally {
    await reader.query('rollback');
  }
}

/** What the tables have that a population reads: PostgreSQL rarely guesses what was meant. */
async function whatThereIs(
  code: string | undefined,
  { relations }: LoadedPopulation,
  reader: Client,
): Promise<string[]> {
  const { rows } = await reader.query<{ relation: string; columns: string }>(
    `select 'books.' || c.relname as relation,
       string_agg(a.attname, ', ' order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = 'books'::regnamespace and c.relkind in ('v', 'r', 'p')
       and not a.attisdropped and has_table_privilege(c.oid, 'select')
     group by c.oid`,
  );
  const known = rows.map(({ relation }) => relation);
  if (code === '42P01')
    return relations
      .filter((relation) => !known.includes(relation))
      .map((relation) => `There is no ${relation}.${didYouMean(relation, known)}`);
  if (code !== '42703') return [];
  return rows
    .filter(({ relation }) => relations.includes(relation))
    .map(({ relation, columns }) => `${relation} has ${columns}.`);
}

const duckTypes: [pattern: RegExp, type: ColumnType][] = [
  [/^VARCHAR$/, 'text'],
  [/^DECIMAL\(/, 'decimal'],
  [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, 'integer'],
  [/^DATE$/, 'date'],
  [/^TIMESTAMP$/, 'timestamp'],
  [/^TIMESTAMP WITH TIME ZONE$/, 'instant'],
  [/^BOOLEAN$/, 'boolean'],
];

/** The kind of a DuckDB type; null when the evidence has no exact form for it. */
export const kindOf = (duckType: string): ColumnType | null =>
  duckTypes.find(([pattern]) => pattern.test(duckType))?.[1] ?? null;

/**
 * The columns of a population over files, by asking DuckDB over empty tables of the declared types.
 * `duck` must be one that holds no tables of its own in schema files.
 */
export async function describeFiles(
  population: LoadedPopulation,
  values: Record<string, ParameterValue>,
  duck: DuckDb,
  datasets: Record<string, DatasetConfig>,
): Promise<PopulationDescription> {
  const { query, parts, relations } = population;
  const problems: Problem[] = [];
  for (const relation of relations) {
    const name = relation.slice('files.'.length);
    const dataset = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
    if (dataset) await createEmpty(duck, name, dataset);
    else
      problems.push({
        ...placeOfLine(parts, lineAt(query, Math.max(query.toLowerCase().indexOf(relation), 0))),
        message: `There is no dataset '${name}'.${didYouMean(name, Object.keys(datasets))}`,
        remedy: `Declare ${name} under sources.files in tieout.yaml, or correct the name.`,
      });
  }
  if (problems.length > 0) return { columns: null, problems };
  try {
    const described = await duck.describe(`select * from (${bindParameters(query, values)}\n) q`);
    const columns = described.map(({ name, type }) => ({
      name,
      type: kindOf(type),
      sqlType: type,
    }));
    return { columns, problems };
  } catch (cause) {
    const { message, line } = duckError(cause, `describing population ${population.name}`);
    const at = placeOfLine(parts, line);
    return { columns: null, problems: [{ ...at, message, remedy: 'Correct the SQL here.' }] };
  }
}

async function createEmpty(duck: DuckDb, name: string, dataset: DatasetConfig): Promise<void> {
  const columns = Object.entries(dataset.columns).map(
    ([column, type]) => `${quoteName(column)} ${columnRules[type].sqlType}`,
  );
  // A currency declared once for the whole file is a column of the table too.
  if (typeof dataset.currency === 'string' && !Object.hasOwn(dataset.columns, 'currency'))
    columns.push('currency VARCHAR');
  await duck.run('create schema if not exists files');
  await duck.run(`create or replace table files.${quoteName(name)} (${columns.join(', ')})`);
}

/** What DuckDB found wrong with SQL, with its line. Throws when the fault is DuckDB's own. */
export function duckError(cause: unknown, doing: string): { message: string; line: number } {
  // Errors of the native module may come from another realm, where instanceof says no.
  const text =
    typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : '';
  const match =
    /^(Binder|Catalog|Parser|Conversion|Not implemented|Invalid Input) Error: (.*)/.exec(text);
  if (!match?.[2]) throw new Error(doing, { cause });
  const said = match[2].trim().replace(/[!.]$/, '');
  return {
    message: `DuckDB says: ${said}.`,
    line: Number(/LINE (\d+):/.exec(text)?.[1] ?? 1),
  };
}
