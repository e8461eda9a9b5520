import type { Knex } from 'knex';
import type { Problem } from '../core/problem';
import { quoteName, quoteText } from '../core/sql-text';
import type { ColumnType } from '../platform/config';
import { provenanceColumns, type BooksTable } from './books-tables';
import { stagingOf, type Origin } from './merge-staged';

/** A business column as Postgres declares it. */
export interface TableColumn {
  name: string;
  /** Such as numeric(24,6). */
  type: string;
  /** A row cannot be without it, and nothing else fills it. */
  required: boolean;
}

/** Types of declared columns, and the types of Postgres that hold their values exactly. */
const holds: Record<ColumnType, RegExp> = {
  text: /^text$/,
  decimal: /^numeric/,
  integer: /^(bigint|numeric)/,
  date: /^date$/,
  instant: /^timestamp with time zone$/,
  boolean: /^boolean$/,
  // Without an offset it is no instant, and the books keep no other time.
  timestamp: /^$/,
};

/** The business columns of a table, in its order. */
export async function columnsOf(trx: Knex, table: BooksTable): Promise<TableColumn[]> {
  const result = await trx.raw<{ rows: TableColumn[] }>(
    `select attname as name, format_type(atttypid, atttypmod) as type,
       attnotnull and not atthasdef as required
     from pg_catalog.pg_attribute
     where attrelid = ?::text::regclass and attnum > 0 and not attisdropped
       and attname <> all (?::text[])
     order by attnum`,
    [`books.${table.versions}`, [...provenanceColumns]],
  );
  return result.rows;
}

/** How the columns of a dataset differ from those of the table it is to land in. */
export function columnProblems(
  dataset: { name: string; path: string; columns: readonly { name: string; type: ColumnType }[] },
  table: BooksTable,
  columns: readonly TableColumn[],
): Problem[] {
  const file = dataset.path;
  const at = (name: string): string => `sources.files.${dataset.name}.columns.${name}`;
  const names = columns.map((column) => column.name);
  const missing = columns
    .filter(({ required, name }) => required && !dataset.columns.some((c) => c.name === name))
    .map(({ name, type }) => ({
      file,
      field: at(name),
      message: `is missing; every row of books.${table.name} has one (${type}).`,
      remedy: `Declare ${name} for this dataset, and have the source write it.`,
    }));
  const others = dataset.columns.flatMap(({ name, type }): Problem[] => {
    const known = columns.find((column) => column.name === name);
    if (!known)
      return [
        {
          file,
          field: at(name),
          message: `is not a column of books.${table.name}.`,
          remedy: `Remove it, or use one of ${names.join(', ')}.`,
        },
      ];
    if (holds[type].test(known.type)) return [];
    const right = (Object.keys(holds) as ColumnType[]).filter((t) => holds[t].test(known.type));
    return [
      {
        file,
        field: at(name),
        message: `is ${type}, and books.${table.name} keeps ${known.type}.`,
        remedy: `Declare it as ${right.join(' or ')}.`,
      },
    ];
  });
  return [...missing, ...others];
}

/** What is to be counted in a staging table to know that its rows may become versions. */
interface RowRule {
  field: string;
  condition: string;
  says: (rows: string) => string;
  remedy: string;
}

function rowRules(
  table: BooksTable,
  columns: readonly TableColumn[],
  entities?: readonly string[],
): RowRule[] {
  const required = columns
    .filter((column) => column.required)
    .map(({ name }): RowRule => ({
      field: name,
      condition: `${quoteName(name)} is null`,
      says: (rows) => `is empty in ${rows} rows; books.${table.name} needs it in each.`,
      remedy: 'Have the source write it in every row.',
    }));
  const currency: RowRule = {
    field: 'currency',
    condition: `currency !~ '^[A-Z]{3}$'`,
    says: (rows) => `is no three-letter code in ${rows} rows.`,
    remedy: 'Write ISO 4217 codes in capitals, such as EUR.',
  };
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  const rules = has('currency') ? [...required, currency] : required;
  if (!entities || !has('entity_id')) return rules;
  const entity: RowRule = {
    field: 'entity_id',
    condition: `entity_id not in (${quoteList(entities)})`,
    says: (rows) => `names no declared entity in ${rows} rows, so no control would cover them.`,
    remedy: `Use ${entities.join(', ')}, or declare the entity in tieout.yaml.`,
  };
  return [...rules, entity];
}

/** Rows in the staging table of a table of the books, and what is known of where they come from. */
export interface StagedPlace {
  table: BooksTable;
  columns: readonly TableColumn[];
  /** As people know the source of the rows. */
  path: string;
  origin: Origin;
  /** The only ones that rows may belong to, where given. */
  entities?: readonly string[];
}

const quoteList = (texts: readonly string[]): string => texts.map(quoteText).join(', ');

/** True when staged rows belong to entities that were not given; no table refuses those. */
export async function namesOtherEntities(
  trx: Knex,
  { table, columns, entities }: StagedPlace,
): Promise<boolean> {
  if (!entities || !columns.some(({ name }) => name === 'entity_id')) return false;
  const found = await trx.raw<{ rows: unknown[] }>(
    `select from ${stagingOf(table)} where entity_id <> all (?::text[]) limit 1`,
    [[...entities]],
  );
  return found.rows.length > 0;
}

/**
 * What is wrong in the staged rows: absent values, currencies, unknown entities, repeated keys, and
 * keys that came from elsewhere. Says how many rows, never what stands in them.
 */
export async function stagedProblems(trx: Knex, place: StagedPlace): Promise<Problem[]> {
  const { table, origin, path: file } = place;
  const staging = stagingOf(table);
  const rules = rowRules(table, place.columns, place.entities);
  const counts = [
    'count(*) as staged',
    ...rules.map((rule, i) => `count(*) filter (where ${rule.condition}) as c${i}`),
  ];
  const counted = await trx.raw<{ rows: Record<string, string>[] }>(
    `select ${counts.join(', ')} from ${staging}`.replaceAll('?', '\\?'),
  );
  const problems = rules.flatMap(({ field, says, remedy }, i): Problem[] => {
    const rows = counted.rows[0]?.[`c${i}`] ?? '0';
    return rows === '0' ? [] : [{ file, field, message: says(rows), remedy }];
  });
  const key = table.key.map(quoteName);
  const repeated = await trx.raw<{ rows: { n: string }[] }>(
    `select count(*) as n from
       (select from ${staging} group by ${key.join(', ')} having count(*) > 1) as twice`,
  );
  const taken = await trx.raw<{ rows: { n: string }[] }>(
    `select count(*) as n from ${staging} s join books.${table.versions} v
       on ${key.map((name) => `v.${name} = s.${name}`).join(' and ')}
     where v.sys_to = 'infinity'
       and (v.source, v.source_account, v.source_object) <> (?, ?, ?)`,
    [origin.source, origin.account, origin.object],
  );
  const field = table.key.join(', ');
  if (repeated.rows[0]?.n !== '0')
    problems.push({
      file,
      field,
      message: `has ${repeated.rows[0]?.n} values that occur in more than one row.`,
      remedy: `Have the source write each row of books.${table.name} once.`,
    });
  if (taken.rows[0]?.n !== '0')
    problems.push({
      file,
      field,
      message: `has ${taken.rows[0]?.n} values that books.${table.name} holds from another source.`,
      remedy: 'Let each object reach the books in one way only.',
    });
  return problems;
}
