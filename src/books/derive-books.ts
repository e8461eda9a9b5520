import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/open-database';
import { analyzeAfter } from './analyze-books';
import { booksTable } from './books-tables';
import { deriveBatch, noCounts, type DeriveCounts, type DeriveJob } from './derive-batch';
import type { ObjectMapping } from './mapping';
import { idsOfWaiting } from './mapping-problems';
import { idsOfExtract, pendingExtracts, type PendingExtract } from './raw-objects';

/** Objects mapped and merged in one transaction: some megabytes of payloads. */
const batchSize = 1000;

/** What deriving one extract did. Counts as text; inserted + changed + unchanged = rows. */
export type Derivation = { extractId: string; object: string } & Record<keyof DeriveCounts, string>;

export interface DeriveMeans {
  clock: Clock;
  /** Told after each batch, and at the end of each extract. */
  progress?: (object: string, counts: DeriveCounts) => void;
}

/**
 * Brings the books up to the raw objects of one account: maps the latest version of every object in
 * extracts not derived yet, in the order of their landing, and makes its rows the current ones of
 * that object. Objects that cannot be mapped are in books.mapping_problems and keep the rows they
 * had. Killed at any point, the next call goes on; a batch is done again without effect.
 */
export async function deriveBooks<Context>(
  database: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  means: DeriveMeans,
): Promise<Derivation[]> {
  const mappings = new Map<string, ObjectMapping<Context>>();
  for (const mapping of job.mappings) {
    mappings.set(mapping.object, mapping);
    for (const part of mapping.parts ?? []) mappings.set(`${mapping.object}.${part}`, mapping);
  }
  const { app } = database;
  const pending = await pendingExtracts(app, job, [...mappings.keys()], job.mappingVersion);
  const done: Derivation[] = [];
  const begun = new Map<string, bigint>();
  for (const extract of pending) {
    const mapping = mappings.get(extract.object);
    if (mapping) done.push(await deriveExtract(database, job, mapping, extract, means, begun));
  }
  if (done.length > 0) await deriveWaiting(database, job, means);
  return done;
}

/** Objects that gave a row which another one held are tried again: it may have been given up. */
async function deriveWaiting<Context>(
  { app }: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  { clock }: DeriveMeans,
): Promise<void> {
  for (const mapping of job.mappings) {
    const ids = await idsOfWaiting(app, job, mapping.object, batchSize);
    if (ids.length > 0) await app.transaction((trx) => deriveBatch(trx, job, mapping, ids, clock));
  }
}

async function deriveExtract<Context>(
  { app }: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  mapping: ObjectMapping<Context>,
  { extractId, object }: PendingExtract,
  { clock, progress }: DeriveMeans,
  begun: Map<string, bigint>,
): Promise<Derivation> {
  const counts = noCounts();
  for (let after = ''; ;) {
    const ids = await idsOfExtract(app, extractId, after, batchSize);
    const last = ids.at(-1);
    if (last === undefined) break;
    add(counts, await app.transaction((trx) => deriveBatch(trx, job, mapping, ids, clock)));
    progress?.(object, counts);
    after = last;
  }
  // Small extracts add up: none of them alone may be many rows beside those that there are.
  for (const name of mapping.tables) {
    const rows = (begun.get(name) ?? 0n) + counts.inserted + counts.changed;
    begun.set(name, (await analyzeAfter(app, booksTable(name), rows)) ? 0n : rows);
  }
  await app.raw(
    `insert into books.derivations (extract_id, mapping_version, objects, rows, inserted, changed,
       unchanged, closed, problems, derived_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[extractId, job.mappingVersion, String(counts.objects), String(counts.rows)],
      ...[String(counts.inserted), String(counts.changed), String(counts.unchanged)],
      ...[String(counts.closed), String(counts.problems), clock.now()],
    ],
  );
  return { extractId, object, ...asText(counts) };
}

export function add(total: DeriveCounts, more: DeriveCounts): void {
  for (const count of Object.keys(total) as (keyof DeriveCounts)[]) total[count] += more[count];
}

export function asText(counts: DeriveCounts): Record<keyof DeriveCounts, string> {
  const entries = Object.entries(counts).map(([name, count]) => [name, String(count)]);
  return Object.fromEntries(entries) as Record<keyof DeriveCounts, string>;
}
