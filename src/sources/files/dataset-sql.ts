import { isNativeError } from 'node:util/types';
import { quoteName, quoteText } from '../../core/sql-text';
import type { ColumnType, DatasetConfig } from '../../platform/config';
import { columnRules, CURRENCY_FORM } from './column-rules';

/** What to check in a file's column, and what to keep of it, as SQL. */
export interface ValueSql {
  /** True, never null, where a value may be kept; an absent value may. */
  isRight: string;
  /** The value as the column's type, null where it is absent; fails where it is wrong. */
  kept: string;
}

export interface ColumnSql extends ValueSql {
  name: string;
}

const FAIL = `error('wrong value')`;

/** Keeps a value under a condition, and fails without it. */
export function keptIf(condition: string, value: string): string {
  return `case when ${condition} then ${value} else ${FAIL} end`;
}

/** A column that the file holds as text, read by the rule of its type. */
export function textAs(type: ColumnType, raw: string): ValueSql {
  const { form, sqlType } = columnRules[type];
  if (form === null) {
    const isRight = `not coalesce(contains(${raw}, chr(0)), false)`;
    return { isRight, kept: keptIf(isRight, raw) };
  }
  const wide = `try_cast(${raw} as ${sqlType})`;
  // DuckDB reads text as a decimal of up to 18 digits some 30 times faster than as a wider one. A
  // value of the right form has no digits to round off, so the narrow type holds it exactly or not.
  const value = type === 'decimal' ? `coalesce(try_cast(${raw} as DECIMAL(18,6)), ${wide})` : wide;
  const matches = `regexp_full_match(${raw}, ${quoteText(form)})`;
  return {
    isRight: `(${raw} is null or (${matches} and ${value} is not null))`,
    kept:
      `case when ${raw} is null then null ` +
      `when ${matches} then coalesce(${value}, ${FAIL}) else ${FAIL} end`,
  };
}

/** Adds a column's currency rule, where it has one, to the rule of its type. */
export function withRule(sql: ValueSql, rule: string | null): ValueSql {
  if (rule === null) return sql;
  return { isRight: `(${sql.isRight} and ${rule})`, kept: keptIf(rule, sql.kept) };
}

/**
 * What a currency column must also satisfy: a three-letter code, there wherever the amount is; or,
 * under a declared constant, that constant. Null for every other column.
 */
export function currencyRule(
  dataset: DatasetConfig,
  name: string,
  rawOf: (column: string) => string,
): string | null {
  if (typeof dataset.currency === 'string') {
    const constant = quoteText(dataset.currency);
    return name === 'currency' ? `coalesce(${rawOf(name)} = ${constant}, false)` : null;
  }
  if (dataset.currency?.column !== name) return null;
  const absent = dataset.amount === undefined ? 'true' : `${rawOf(dataset.amount)} is null`;
  return `coalesce(regexp_full_match(${rawOf(name)}, ${quoteText(CURRENCY_FORM)}), ${absent})`;
}

/** What a wrong currency is told. */
export function currencyExpectation(dataset: DatasetConfig): string {
  return typeof dataset.currency === 'string'
    ? `${dataset.currency}, the currency declared for every amount`
    : 'a three-letter currency code, such as EUR, wherever there is an amount';
}

/** True when the declared currency is a constant that the table gets as a column of its own. */
export function addsCurrency(
  dataset: DatasetConfig,
): dataset is DatasetConfig & { currency: string } {
  return typeof dataset.currency === 'string' && !('currency' in dataset.columns);
}

/**
 * Writes the checked, typed rows of `relation` as Parquet. False when a value was wrong: DuckDB
 * stops at the first, and the caller then finds them all.
 */
export async function writeTyped(
  duck: { run(sql: string): Promise<void> },
  relation: string,
  columns: readonly ColumnSql[],
  dataset: DatasetConfig,
  typed: string,
): Promise<boolean> {
  const list = columns.map(({ name, kept }) => `${kept} as ${quoteName(name)}`);
  if (addsCurrency(dataset)) list.push(`${quoteText(dataset.currency)} as currency`);
  const options = `format parquet, compression zstd, row_group_size_bytes '${ROW_GROUP}'`;
  try {
    await duck.run(
      `copy (select ${list.join(', ')} from ${relation}) to ${quoteText(typed)} (${options})`,
    );
    return true;
  } catch (cause) {
    if (isAboutContent(cause)) return false;
    throw cause;
  }
}

// Bounds what a writer thread holds when rows are wide; narrow rows reach the default count first.
const ROW_GROUP = '16MB';

/** True for DuckDB errors that a file's content causes; others are faults of the machine. */
export function isAboutContent(cause: unknown): boolean {
  return isNativeError(cause) && /^(Invalid Input|Conversion|Invalid) Error/.test(cause.message);
}
