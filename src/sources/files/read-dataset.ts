import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { normalizeAmount } from '../../core/money';
import type { ColumnType, DatasetConfig } from '../../platform/config';
import { quoteName, quoteText } from '../../core/sql-text';
import type { DuckDb } from '../../platform/duckdb';
import {
  checkControlTotal,
  readControlTotal,
  type ControlTotalFile,
  type DatasetFacts,
} from './control-total';
import { copySource, type SourceCopy } from './copy-source';
import { layOutColumns } from './csv-header';
import { CsvIntake, locateWrongValues, writeCsvTyped } from './csv-table';
import { addsCurrency } from './dataset-sql';
import { locateWrongRows, ParquetIntake, planParquet, writeParquetTyped } from './parquet-table';
import { ProblemList } from './problem-list';

export interface ReadDatasetInput {
  /** Its name in the configuration; the table becomes `files.<name>`. */
  name: string;
  dataset: DatasetConfig;
  /** Absolute path of the file. */
  path: string;
  /** The path as people know it, for problems and evidence; the declared one when absent. */
  displayPath?: string;
  /** Absolute path of a folder that DuckDB may write; must not hold this dataset's copy yet. */
  workDir: string;
}

/** A declared file as it was read: copied, hashed, checked, and a table of DuckDB. */
export interface FrozenDataset {
  name: string;
  /** As declared. */
  path: string;
  /** Absolute, in workDir: the very bytes whose hash this is. */
  copy: string;
  sha256: string;
  bytes: string;
  rows: string;
  /** As in the table: those declared, then `currency` where a constant was declared. */
  columns: { name: string; type: ColumnType }[];
  /** Columns of the file that are not declared, and so not in the table. */
  ignoredColumns: string[];
  /** Exact, by currency, in major units; empty when no amount is declared. */
  totals: { currency: string; rows: string; amount: string }[];
  controlTotal: ControlTotalResult;
}

export type ControlTotalResult =
  | {
      status: 'agrees';
      file: string;
      /** Absolute, in workDir. */
      copy: string;
      sha256: string;
      extractedAt: string | null;
      sourceSystem: string | null;
      extractedBy: string | null;
      queryText: string | null;
      /** Stated, but not checked: dates of a dataset without exactly one date column. */
      unchecked: ('min_date' | 'max_date')[];
    }
  | { status: 'absent' };

interface Reading {
  duck: DuckDb;
  input: ReadDatasetInput;
  displayPath: string;
  /** Byte for byte as the source wrote it. */
  copy: string;
  /** The checked rows as typed Parquet, which the table reads. */
  typed: string;
  controlCopy: string;
  problems: ProblemList;
}

/**
 * Reads a declared file: copies it byte for byte into workDir while hashing it, checks every value
 * against docs/files.md and the control total beside it, and creates the table `files.<name>`.
 * Throws InvalidInput with every problem, located, when anything is wrong; then nothing is kept.
 */
export async function readDataset(duck: DuckDb, input: ReadDatasetInput): Promise<FrozenDataset> {
  const { name, dataset, workDir } = input;
  const reading: Reading = {
    duck,
    input,
    displayPath: input.displayPath ?? dataset.path,
    copy: path.join(workDir, `${name}.${dataset.format}`),
    typed: path.join(workDir, `${name}.typed.parquet`),
    controlCopy: path.join(workDir, `${name}.ctl.json`),
    problems: new ProblemList(),
  };
  try {
    return await readAll(reading);
  } catch (cause) {
    for (const file of [reading.copy, reading.typed, reading.controlCopy])
      await rm(file, { force: true });
    throw cause;
  }
}

async function readAll(reading: Reading): Promise<FrozenDataset> {
  const { duck, input, problems, displayPath } = reading;
  const { name, dataset } = input;
  const required = dataset.control_total === 'required';
  const source = { path: input.path, displayPath, required };
  const control = await readControlTotal(source, reading.controlCopy, problems);
  const { file, rows, ignored } =
    dataset.format === 'csv' ? await readCsv(reading) : await readParquet(reading);
  await duck.run('create schema if not exists files');
  await duck.run(
    `create or replace view files.${quoteName(name)} as ` +
      `select * from read_parquet(${quoteText(reading.typed)})`,
  );
  const facts = await measure(reading, file);
  if (rows !== null && rows !== facts.rows)
    throw new Error(`${displayPath}: ${rows} records were scanned but ${facts.rows} were read`);
  if (control) for (const problem of checkControlTotal(control, facts)) problems.add(problem);
  if (problems.count > 0) await duck.run(`drop view files.${quoteName(name)}`);
  problems.throwIfAny(subjectOf(name));
  const columns = Object.entries(dataset.columns).map(([column, type]) => ({ name: column, type }));
  return {
    name,
    path: displayPath,
    copy: reading.copy,
    ...file,
    rows: facts.rows,
    columns: addsCurrency(dataset) ? [...columns, { name: 'currency', type: 'text' }] : columns,
    ignoredColumns: ignored,
    totals: [...facts.totals],
    controlTotal: control ? agreed(control, reading.controlCopy, facts) : { status: 'absent' },
  };
}

const subjectOf = (name: string): string => `dataset ${name}`;

interface FileRead {
  file: SourceCopy;
  /** Records counted by a second reader, where there is one. */
  rows: string | null;
  ignored: string[];
}

async function readCsv(reading: Reading): Promise<FileRead> {
  const { duck, input, displayPath, copy, typed, problems } = reading;
  const { name, dataset } = input;
  const told = problems.count;
  const intake = new CsvIntake(displayPath, problems);
  const file = await copySource({ path: input.path, displayPath }, copy, intake, problems);
  const names = intake.header;
  const place = { file: displayPath, line: 1 };
  const layout = names === null ? null : layOutColumns(names, dataset, place, problems);
  if (file !== null && layout !== null && problems.count === told) {
    const csv = { copy, displayPath, dataset, layout };
    if (await writeCsvTyped(duck, csv, typed))
      return { file, rows: String(intake.records - 1), ignored: layout.ignored };
    await locateWrongValues(csv, problems);
  }
  problems.throwIfAny(subjectOf(name));
  throw new Error(`${displayPath}: DuckDB refused a file in which nothing wrong was found`);
}

async function readParquet(reading: Reading): Promise<FileRead> {
  const { duck, input, displayPath, copy, typed, problems } = reading;
  const { name, dataset } = input;
  const told = problems.count;
  const intake = new ParquetIntake(displayPath, problems);
  const file = await copySource({ path: input.path, displayPath }, copy, intake, problems);
  const parquet = { copy, displayPath, dataset };
  const plan = problems.count === told ? await planParquet(duck, parquet, problems) : null;
  if (file !== null && plan !== null && problems.count === told) {
    if (await writeParquetTyped(duck, parquet, plan, typed))
      return { file, rows: null, ignored: plan.ignored };
    await locateWrongRows(duck, parquet, plan, problems);
  }
  problems.throwIfAny(subjectOf(name));
  throw new Error(`${displayPath}: DuckDB refused a file in which nothing wrong was found`);
}

/** Counts and totals of the table itself, so that they are of what controls will read. */
async function measure(reading: Reading, file: SourceCopy): Promise<DatasetFacts> {
  const { duck, input, displayPath } = reading;
  const { name, dataset } = input;
  const table = `files.${quoteName(name)}`;
  const [count] = await duck.rows(`select count(*) as rows from ${table}`);
  return {
    displayPath,
    sha256: file.sha256,
    rows: count?.rows ?? '0',
    totals: await totalsOf(duck, table, dataset),
    dates: await datesOf(duck, table, dataset),
  };
}

async function totalsOf(
  duck: DuckDb,
  table: string,
  dataset: DatasetConfig,
): Promise<FrozenDataset['totals']> {
  if (dataset.amount === undefined || dataset.currency === undefined) return [];
  const currency =
    typeof dataset.currency === 'string'
      ? quoteText(dataset.currency)
      : quoteName(dataset.currency.column);
  const rows = await duck.rows(
    `select ${currency} as currency, count(*) as rows, ` +
      `coalesce(sum(${quoteName(dataset.amount)}), 0) as amount ` +
      `from ${table} where ${currency} is not null group by 1 order by 1`,
  );
  return rows.map((row) => ({
    currency: row.currency ?? '',
    rows: row.rows ?? '0',
    amount: normalizeAmount(row.amount ?? '0'),
  }));
}

async function datesOf(
  duck: DuckDb,
  table: string,
  dataset: DatasetConfig,
): Promise<DatasetFacts['dates']> {
  const columns = Object.entries(dataset.columns).filter(([, type]) => type === 'date');
  const [only] = columns;
  if (columns.length !== 1 || !only) return null;
  const column = quoteName(only[0]);
  const [range] = await duck.rows(`select min(${column}) as a, max(${column}) as b from ${table}`);
  return range?.a && range.b ? { column: only[0], min: range.a, max: range.b } : null;
}

function agreed(control: ControlTotalFile, copy: string, facts: DatasetFacts): ControlTotalResult {
  const { total } = control;
  const stated = (['min_date', 'max_date'] as const).filter((field) => total[field] !== undefined);
  return {
    status: 'agrees',
    file: control.file,
    copy,
    sha256: control.sha256,
    extractedAt: total.extracted_at ?? null,
    sourceSystem: total.source_system ?? null,
    extractedBy: total.extracted_by ?? null,
    queryText: total.query_text ?? null,
    unchecked: facts.dates === null ? stated : [],
  };
}
