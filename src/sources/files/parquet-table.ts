import { isNativeError } from 'node:util/types';
import type { ColumnType, DatasetConfig } from '../../platform/config';
import { quoteName, quoteText } from '../../core/sql-text';
import type { DuckDb } from '../../platform/duckdb';
import { columnRules, showValue } from './column-rules';
import type { ByteCheck } from './copy-source';
import { headerName, layOutColumns } from './csv-header';
import {
  currencyExpectation,
  currencyRule,
  isAboutContent,
  keptIf,
  textAs,
  withRule,
  writeTyped,
  type ColumnSql,
  type ValueSql,
} from './dataset-sql';
import { MAX_PROBLEMS_SHOWN, type ProblemList } from './problem-list';

const MAGIC = 'PAR1';

/** Looks at both ends of a Parquet file as it is copied; a truncated file lacks its footer. */
export class ParquetIntake implements ByteCheck {
  private head = '';
  private tail = '';

  constructor(
    private readonly file: string,
    private readonly problems: ProblemList,
  ) {}

  push(chunk: Buffer): void {
    if (this.head.length < 4) this.head = (this.head + chunk.toString('latin1', 0, 4)).slice(0, 4);
    this.tail = (this.tail + chunk.subarray(-4).toString('latin1')).slice(-4);
  }

  end(): void {
    if (this.head === MAGIC && this.tail === MAGIC) return;
    const [message, remedy] =
      this.head === ''
        ? ['The file is empty.', 'Export it again.']
        : this.head === 'PARE'
          ? ['The Parquet file is encrypted.', 'Export it without encryption.']
          : this.head === MAGIC
            ? ['The Parquet file is cut off: its footer is missing.', 'Export it again.']
            : ['This is not a Parquet file.', 'Export it as Parquet, or declare format: csv.'];
    this.problems.add({ file: this.file, message, remedy });
  }
}

export interface ParquetFile {
  copy: string;
  displayPath: string;
  dataset: DatasetConfig;
}

/** A Parquet file whose columns fit the declared types. */
export interface ParquetPlan {
  columns: (ColumnSql & { raw: string })[];
  ignored: string[];
}

/** Matches a Parquet file's columns with the declared ones; adds a problem where one cannot be. */
export async function planParquet(
  duck: DuckDb,
  file: ParquetFile,
  problems: ProblemList,
): Promise<ParquetPlan | null> {
  const { dataset, displayPath } = file;
  const relation = `read_parquet(${quoteText(file.copy)})`;
  let found: { name: string; type: string }[];
  let names: string[];
  try {
    found = await duck.describe(`select * from ${relation}`);
    names = await topLevelNames(duck, file.copy);
  } catch (cause) {
    // DuckDB's words about a damaged footer help nobody, and name the copy instead of the file.
    if (isNativeError(cause) && /^(Out of Memory|INTERRUPT)/i.test(cause.message)) throw cause;
    problems.add({ file: displayPath, message: DAMAGED, remedy: 'Export it again.' });
    return null;
  }
  const layout = layOutColumns(names, dataset, { file: displayPath }, problems);
  const columns: ParquetPlan['columns'] = [];
  // By place: DuckDB takes names for the same that differ only by case, and renames the second.
  const places = new Map(layout.places.map(({ name, place }) => [name, place]));
  const rawOf = (column: string): string =>
    quoteName(found[places.get(column) ?? -1]?.name ?? column);
  for (const { name, place } of layout.places) {
    const [declared, physical] = [dataset.columns[name] ?? 'text', found[place]?.type ?? ''];
    const sql = parquetAs(declared, physical, rawOf(name));
    if (sql === null) {
      problems.add({
        file: displayPath,
        field: headerName(dataset, name),
        message: `The column is ${physical} in the file and declared ${declared}.`,
        remedy: remedyOf(declared, physical),
      });
      continue;
    }
    const rule = currencyRule(dataset, name, rawOf);
    columns.push({ name, raw: rawOf(name), ...withRule(sql, rule) });
  }
  return { columns, ignored: layout.ignored };
}

const DAMAGED = 'The Parquet file is damaged and cannot be read.';

/** As written in the file; DuckDB's own list renames columns whose names differ only by case. */
async function topLevelNames(duck: DuckDb, copy: string): Promise<string[]> {
  const rows = await duck.rows(`select name, num_children from parquet_schema(${quoteText(copy)})`);
  const names: string[] = [];
  let nested = 0;
  for (const { name, num_children: children } of rows.slice(1)) {
    if (nested === 0) names.push(name ?? '');
    else nested -= 1;
    nested += Number(children ?? '0');
  }
  return names;
}

const INTEGERS = 'U?(TINY|SMALL|BIG)INT|U?INTEGER';

/** Parquet types that hold a declared type exactly; text in its written form also does. */
const COMPATIBLE: Record<ColumnType, RegExp> = {
  text: /^(UUID|ENUM\(.*\))$/s,
  decimal: new RegExp(`^(DECIMAL\\(.*\\)|${INTEGERS})$`),
  integer: new RegExp(`^(DECIMAL\\(.*\\)|${INTEGERS})$`),
  date: /^DATE$/,
  timestamp: /^TIMESTAMP(_S|_MS|_NS)?$/,
  instant: /^TIMESTAMP WITH TIME ZONE$/,
  boolean: /^BOOLEAN$/,
};

/** Right is what comes back unchanged from the declared type: no rounding, no overflow. */
function parquetAs(declared: ColumnType, physical: string, raw: string): ValueSql | null {
  if (physical === 'VARCHAR') return textAs(declared, raw);
  if (!COMPATIBLE[declared].test(physical)) return null;
  const value = `try_cast(${raw} as ${columnRules[declared].sqlType})`;
  if (declared === 'text') return { isRight: 'true', kept: value };
  const same = `coalesce(try_cast(${value} as ${physical}) = ${raw}, false)`;
  const dated = declared === 'date' || declared === 'timestamp' || declared === 'instant';
  // year() takes the calendar of ICU for an instant, and costs as much as all the rest.
  const years =
    declared === 'instant'
      ? `(${raw} >= '1000-01-01 00:00:00+00' and ${raw} < '10000-01-01 00:00:00+00')`
      : `coalesce(year(${raw}) >= 1000 and year(${raw}) <= 9999, false)`;
  const isRight = `(${raw} is null or (${dated ? `${same} and ${years}` : same}))`;
  return { isRight, kept: keptIf(isRight, value) };
}

function remedyOf(declared: ColumnType, physical: string): string {
  if (/^(DOUBLE|FLOAT)$/.test(physical))
    return 'Write it as DECIMAL or as text: binary floating point does not hold it exactly.';
  if (declared === 'timestamp' && physical === 'TIMESTAMP WITH TIME ZONE')
    return 'Declare it instant: its values are points in time already.';
  if (declared === 'instant' && physical.startsWith('TIMESTAMP'))
    return 'Declare it timestamp, with the time_zone of the dataset.';
  return `Declare its own type, or write it as text: ${columnRules[declared].expects}.`;
}

/** Writes a planned Parquet file as typed Parquet; false when a value is wrong. */
export async function writeParquetTyped(
  duck: DuckDb,
  file: ParquetFile,
  plan: ParquetPlan,
  typed: string,
): Promise<boolean> {
  const relation = `read_parquet(${quoteText(file.copy)})`;
  return writeTyped(duck, relation, plan.columns, file.dataset, typed);
}

/** Adds a problem, with its row, for every wrong value of a Parquet file. */
export async function locateWrongRows(
  duck: DuckDb,
  file: ParquetFile,
  plan: ParquetPlan,
  problems: ProblemList,
): Promise<void> {
  const { dataset, displayPath } = file;
  const relation = `read_parquet(${quoteText(file.copy)}, file_row_number = true)`;
  for (const { name, isRight, raw } of plan.columns) {
    const header = headerName(dataset, name);
    const type = dataset.columns[name] ?? 'text';
    const sql =
      `select file_row_number + 1 as number, cast(${raw} as varchar) as value, ` +
      `count(*) over () as total from ${relation} where not ${isRight} ` +
      `order by number limit ${MAX_PROBLEMS_SHOWN}`;
    const rows = await duck.rows(sql).catch((cause: unknown) => {
      if (!isAboutContent(cause)) throw cause;
      problems.add({ file: displayPath, message: DAMAGED, remedy: 'Export it again.' });
      return [];
    });
    for (const { number, value } of rows) {
      problems.add({
        file: displayPath,
        field: header,
        message: `Row ${number}: ${wrongValue(dataset, name, type, value ?? null)}.`,
        remedy: 'Correct the value, or the declared type of its column.',
      });
    }
    problems.addUntold(Number(rows[0]?.total ?? rows.length) - rows.length);
  }
}

/** What is wrong with a value, without showing text. */
function wrongValue(
  dataset: DatasetConfig,
  name: string,
  type: ColumnType,
  value: string | null,
): string {
  if (type !== 'text' && value !== null)
    return `${showValue(value)} is not ${columnRules[type].expects}`;
  if (value?.includes('\0')) return 'the value holds a NUL byte, which text never does';
  return name === 'currency' || typeof dataset.currency === 'object'
    ? `the value is not ${currencyExpectation(dataset)}`
    : `the value is not ${columnRules[type].expects}`;
}
