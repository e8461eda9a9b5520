import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { bindParameters, parameterValueOf, type ParameterValue } from '../../core/bind-parameters';
import type { Period } from '../../core/calendar';
import { sidesOf, type Control } from '../../core/control';
import { quoteText } from '../../core/sql-text';
import { kindOf } from '../../catalog/describe-population';
import type { LoadedControl, LoadedPopulation } from '../../catalog/catalog';
import { sha256OfFile } from '../../evidence/evidence-store';
import type { Config, ColumnType, DeclaredFiles } from '../../platform/config';
import type { DuckDb } from '../../platform/duckdb';
import { readDataset, type FrozenDataset } from '../../sources/files/read-dataset';
import type { BooksSnapshot } from './books-snapshot';
import type { FrozenPopulation, SourceRead } from '../run-types';
import { stat } from 'node:fs/promises';

/** What the run asks its populations: typed, and bound into the SQL as literals. */
export function boundValues(
  control: Control,
  run: { period: Period; asOf: string; entity: string },
  overrides: Control['parameters'] = {},
): Record<string, ParameterValue> {
  const own = Object.entries({ ...control.parameters, ...overrides });
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, parameterValueOf(value)])),
    as_of: { type: 'date', value: run.asOf },
    period_start: { type: 'date', value: run.period.start },
    period_end: { type: 'date', value: run.period.end },
    entity: { type: 'text', value: run.entity },
  };
}

export interface FreezeInput {
  loaded: LoadedControl;
  values: Record<string, ParameterValue>;
  config: DeclaredFiles & Pick<Config, 'baseDir' | 'limits'>;
  /** The moment at which books are read; null where no population reads them. */
  snapshot: BooksSnapshot | null;
  /** A DuckDB that may use workDir and nothing else. */
  duck: DuckDb;
  workDir: string;
  /** What the gate learnt of each books table, by relation. */
  books: ReadonlyMap<string, SourceRead>;
  /** Told of each population that is frozen, how many items it has. */
  onItems: (items: number) => void;
}

/**
 * Writes every population of a control to Parquet, each once, and hashes it: from here on the run
 * sees nothing but these files. Throws InvalidInput when a declared file cannot be used.
 */
export async function freezePopulations(
  input: FreezeInput,
): Promise<Map<string, FrozenPopulation>> {
  const names = new Set(
    input.loaded.control.procedures.flatMap(sidesOf).map(({ ref }) => ref.population),
  );
  const populations = [...names].map((name) => populationOf(input.loaded, name));
  await mkdir(path.join(input.workDir, 'populations'), { recursive: true });
  const frozen = [
    ...(await freezeBooks(
      input,
      populations.filter(({ source }) => source === 'books'),
    )),
    ...(await freezeFiles(
      input,
      populations.filter(({ source }) => source === 'files'),
    )),
  ];
  const limit = input.config.limits.population_rows;
  const over = frozen.find(({ items }) => BigInt(items) > BigInt(limit));
  if (over) throw new PopulationTooLarge(over.population, limit);
  return new Map(frozen.map((population) => [population.population, population]));
}

/** More items than limits.population_rows: the run ends without a verdict, never with a part. */
export class PopulationTooLarge extends Error {
  constructor(population: string, limit: number) {
    super(`${population} has more items than limits.population_rows (${limit}).`);
    this.name = 'PopulationTooLarge';
  }
}

function populationOf(loaded: LoadedControl, name: string): LoadedPopulation {
  const population = loaded.populations[name];
  if (!population) throw new Error(`control ${loaded.control.id} has no population ${name}`);
  return population;
}

const parquetOf = (input: FreezeInput, name: string): string =>
  path.join(input.workDir, 'populations', `${name}.parquet`);

/** Copies run side by side on one snapshot. */
async function freezeBooks(
  input: FreezeInput,
  populations: LoadedPopulation[],
): Promise<FrozenPopulation[]> {
  if (populations.length === 0) return [];
  const { snapshot } = input;
  if (!snapshot) throw new Error('books are read without a snapshot');
  const copies = populations.map(async (population) => {
    const boundSql = bindParameters(population.query, input.values);
    const file = parquetOf(input, population.name);
    const { population_rows: most } = input.config.limits;
    const { columns, items, written } = await snapshot.copyTo(file, boundSql, most);
    return { population, facts: { boundSql, columns: columns.map(nameAndType), items }, written };
  });
  // Every copy must have ended before the snapshot is let go, even when one of them failed.
  const settled = await Promise.allSettled(copies);
  const frozen: FrozenPopulation[] = [];
  for (const one of settled) {
    if (one.status === 'rejected') throw one.reason;
    const { population, facts, written } = one.value;
    frozen.push(await frozenFrom(input, population, facts, written.sha256));
  }
  return frozen;
}

const nameAndType = ({ name, type }: { name: string; type: ColumnType }) => ({ name, type });

async function freezeFiles(
  input: FreezeInput,
  populations: LoadedPopulation[],
): Promise<FrozenPopulation[]> {
  const relations = new Set(populations.flatMap((population) => population.relations));
  const datasets = new Map<string, FrozenDataset>();
  for (const relation of relations) {
    const name = relation.slice('files.'.length);
    const dataset = input.config.sources.files[name];
    if (!dataset) throw new Error(`${relation} is not declared`);
    const workDir = path.join(input.workDir, 'sources', name);
    await mkdir(workDir, { recursive: true });
    const file = path.resolve(input.config.baseDir, dataset.path);
    datasets.set(
      relation,
      await readDataset(input.duck, {
        name,
        dataset,
        path: file,
        displayPath: dataset.path,
        workDir,
      }),
    );
  }
  const frozen: FrozenPopulation[] = [];
  for (const population of populations) {
    const boundSql = bindParameters(population.query, input.values);
    const described = await input.duck.describe(`select * from (${boundSql}\n) q`);
    const columns = described.map(({ name, type }) => ({ name, type: exactKind(name, type) }));
    const parquet = quoteText(parquetOf(input, population.name));
    const [copied] = await input.duck.rows(
      `copy (select * from (${boundSql}\n) q) to ${parquet}
       (format parquet, compression zstd, compression_level 1)`,
    );
    const items = copied?.Count ?? '';
    const sha256 = await sha256OfFile(parquetOf(input, population.name));
    const facts = { boundSql, columns, items };
    frozen.push(await frozenFrom(input, population, facts, sha256, datasets));
  }
  return frozen;
}

function exactKind(name: string, duckType: string): ColumnType {
  const kind = kindOf(duckType);
  if (!kind) throw new Error(`column ${name} has a type (${duckType}) without an exact form`);
  return kind;
}

async function frozenFrom(
  input: FreezeInput,
  population: LoadedPopulation,
  facts: Pick<FrozenPopulation, 'boundSql' | 'columns' | 'items'>,
  sha256: string,
  datasets: ReadonlyMap<string, FrozenDataset> = new Map(),
): Promise<FrozenPopulation> {
  const file = parquetOf(input, population.name);
  const [row] = await input.duck.rows(`select count(*) as n from read_parquet(${quoteText(file)})`);
  // What PostgreSQL says it sent, or DuckDB that it wrote, must be what the evidence holds.
  if (row?.n !== facts.items)
    throw new Error(`${population.name}: ${facts.items} items were read and ${row?.n} written`);
  input.onItems(Number(facts.items));
  return {
    ...facts,
    population: population.name,
    source: population.source,
    sql: population.sql,
    file,
    sha256,
    bytes: String((await stat(file)).size),
    sources: population.relations.map(
      (relation) => sourceOfDataset(relation, datasets.get(relation)) ?? bookOf(input, relation),
    ),
  };
}

function bookOf(input: FreezeInput, relation: string): SourceRead {
  const book = input.books.get(relation);
  if (!book) throw new Error(`the gate knows nothing of ${relation}`);
  return book;
}

function sourceOfDataset(relation: string, dataset: FrozenDataset | undefined): SourceRead | null {
  if (!dataset) return null;
  const { controlTotal } = dataset;
  const files = [{ path: dataset.copy, name: path.basename(dataset.path), sha256: dataset.sha256 }];
  if (controlTotal.status === 'agrees')
    files.push({
      path: controlTotal.copy,
      name: path.basename(controlTotal.file),
      sha256: controlTotal.sha256,
    });
  return {
    relation,
    verified:
      controlTotal.status === 'agrees'
        ? 'control total agrees'
        : 'no control total file: completeness unverified',
    facts: {
      path: dataset.path,
      sha256: dataset.sha256,
      rows: dataset.rows,
      totals: dataset.totals.map((total) => `${total.currency} ${total.amount}`).join(', ') || null,
      control_total: controlTotal.status,
      extracted_at: controlTotal.status === 'agrees' ? controlTotal.extractedAt : null,
      extracted_by: controlTotal.status === 'agrees' ? controlTotal.extractedBy : null,
      query_text: controlTotal.status === 'agrees' ? controlTotal.queryText : null,
    },
    files,
  };
}
