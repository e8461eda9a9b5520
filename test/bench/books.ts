import { booksTables } from '../../src/books/books-tables';
import type { WorldWish } from '../../src/sandbox/world/world-request';
import { benchArguments } from './bench-arguments';
import { comparedTables, selectOf } from './books/books-selects';
import { truthRows } from './books/truth-rows';
import { listedTables, recordsIn } from './books/world-files';
import { openBenchBooks, type BenchBooks } from './detection/open-bench-books';

const usage = `npm run bench:books -- [--seeds 1,2,3] [--scale 0.001] [--now INSTANT] [--work DIR]
  Reads worlds through the SDKs, as a production is read, and holds the books against the truth that
  the worlds were made from: row by row where the truth has rows, else by the number of records.`;

interface Compared {
  table: string;
  rows: number;
  /** Of the truth, and not in the books; in the books alone; in both, with other values. */
  missing: string[];
  extra: string[];
  differing: string[];
}

/** Holds every row of a table against the truth. */
async function compare(
  { database }: BenchBooks,
  table: string,
  truth: ReadonlyMap<string, string>,
): Promise<Compared> {
  const found = await database.app.raw<{ rows: { key: string; said: string }[] }>(selectOf(table));
  const books = new Map(found.rows.map(({ key, said }) => [key, said]));
  const missing = [...truth.keys()].filter((key) => !books.has(key));
  const extra = [...books.keys()].filter((key) => !truth.has(key));
  const differing = [...truth]
    .filter(([key, said]) => books.has(key) && books.get(key) !== said)
    .map(([key, said]) => `${key}: true ${said}; books ${books.get(key) ?? ''}`);
  return { table, rows: truth.size, missing, extra, differing };
}

/** Holds the number of a table's rows against the records of the world. */
async function count(books: BenchBooks, listed: (typeof listedTables)[number]): Promise<Compared> {
  const { table, where, files, holding } = listed;
  const filter = where === undefined ? '' : ` where ${where}`;
  const sql = `select count(*)::int as n from books.${table}${filter}`;
  const found = await books.database.app.raw<{ rows: { n: number }[] }>(sql);
  const have = found.rows[0]?.n ?? 0;
  const rows = files.reduce((sum, file) => sum + recordsIn(books.world, file, holding), 0);
  const off = (n: number): string[] => Array.from({ length: Math.max(0, n) }, () => table);
  const name = where === undefined ? table : `${table} (${where})`;
  return { table: name, rows, missing: off(rows - have), extra: off(have - rows), differing: [] };
}

async function benchSeed(wish: WorldWish, workDir: string | null): Promise<boolean> {
  const books = await openBenchBooks(wish, { workDir, reads: 1 });
  try {
    const truth = truthRows(wish);
    const unknown = [...truth.keys()].filter((table) => !comparedTables.includes(table));
    if (unknown.length > 0) throw new RangeError(`nobody compares ${unknown.join(', ')}`);
    const byRow: Compared[] = [];
    for (const table of comparedTables)
      byRow.push(await compare(books, table, truth.get(table) ?? new Map<string, string>()));
    const byCount: Compared[] = [];
    for (const listed of listedTables) byCount.push(await count(books, listed));
    print(wish, books.took, byRow, byCount);
    return [...byRow, ...byCount].every(isEqual);
  } finally {
    await books.close();
  }
}

const isEqual = ({ missing, extra, differing }: Compared): boolean =>
  missing.length + extra.length + differing.length === 0;

/** Tables of the books that neither the truth nor a file of the world has one by one. */
function notCompared(): string[] {
  const compared = new Set([...comparedTables, ...listedTables.map(({ table }) => table)]);
  return booksTables.map(({ name }) => name).filter((name) => !compared.has(name));
}

const shown = 3;

function print(
  { seed, scale, now }: WorldWish,
  took: Record<string, number>,
  byRow: readonly Compared[],
  byCount: readonly Compared[],
): void {
  const lines = [`World seed ${seed}, scale ${scale}, until ${now}  ${JSON.stringify(took)} ms`];
  const head = ['table', 'rows', 'missing', 'extra', 'differing'];
  const table = (all: readonly Compared[]): string[] =>
    all.map(({ table: name, rows, missing, extra, differing }) =>
      row(name, rows, missing.length, extra.length, differing.length),
    );
  lines.push('', row(...(head as [string, ...string[]])), ...table(byRow));
  lines.push('', row('by number of records', ...head.slice(1)), ...table(byCount), '');
  for (const { table: name, missing, extra, differing } of byRow) {
    for (const key of missing.slice(0, shown)) lines.push(`  ${name} ${key} is missing`);
    for (const key of extra.slice(0, shown)) lines.push(`  ${name} ${key} is not true`);
    for (const text of differing.slice(0, shown)) lines.push(`  ${name} ${text}`);
  }
  lines.push(`  not compared: ${notCompared().join(', ') || 'none'}`);
  const sum = (all: readonly Compared[], of: (one: Compared) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  const wrong = (one: Compared): number =>
    one.missing.length + one.extra.length + one.differing.length;
  lines.push(
    `  ${sum(byRow, ({ rows }) => rows)} rows of ${byRow.length} tables compared by value, ` +
      `${sum(byRow, wrong)} wrong; ${sum(byCount, ({ rows }) => rows)} records of ` +
      `${byCount.length} tables counted, ${sum(byCount, wrong)} wrong`,
  );
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

const row = (name: string, ...cells: (number | string)[]): string =>
  name.padEnd(36) + cells.map((cell) => String(cell).padStart(11)).join('');

async function main(): Promise<void> {
  const given = benchArguments(usage, {
    seeds: { type: 'string', default: '1,2,3' },
    scale: { type: 'string', default: '0.001' },
    now: { type: 'string', default: '2024-10-02T13:05:00Z' },
    work: { type: 'string' },
  });
  if (given === null) return;
  const { values } = given;
  let isTrue = true;
  for (const seed of values.seeds.split(',')) {
    const plain = {
      lookAlikes: true,
      injections: [],
      magnitude: 'high',
      where: 'anywhere',
    } as const;
    const wish: WorldWish = { seed, scale: Number(values.scale), now: values.now, ...plain };
    isTrue = (await benchSeed(wish, values.work ?? null)) && isTrue;
  }
  if (!isTrue) process.exitCode = 1;
}

main().catch((cause: unknown) => {
  process.stderr.write(
    `${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`,
  );
  process.exitCode = 1;
});
