import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/open-database';
import { analyzeAfter } from './analyze-books';
import { booksTable } from './books-tables';
import { deriveBatch, noCounts, type DeriveCounts, type DeriveJob } from './derive-batch';
import type { ObjectMapping } from './mapping';
import { idsOfWaiting } from './mapping-problems';
import { idsOfExtract, pendingExtracts, type PendingExtract } from './raw-objects';

/** Objects mapped and merged in one transaction, and what they weigh: at most so much of either. */
const batchSize = 5000;
const batchBytes = 8_000_000;
/** Extracts that are derived together: after a kill, at most so many are derived again. */
const extractsAtOnce = 50;
/** Objects that are tried again because another one may have given up their row. */
const mostWaiting = 1000;

/**
 * What deriving an extract did. Counts as text; inserted + changed + unchanged = rows. What
 * extracts that were derived together did is counted with the last of them.
 */
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
 * had. Killed at any point, the next call goes on; a batch is done again without effect. `only`
 * names the extracts to be looked at, where it is not all.
 */
export async function deriveBooks<Context>(
  database: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  means: DeriveMeans,
  only: readonly string[] | null = null,
): Promise<Derivation[]> {
  const mappings = new Map<string, ObjectMapping<Context>>();
  for (const mapping of job.mappings) {
    mappings.set(mapping.object, mapping);
    for (const part of mapping.parts ?? []) mappings.set(`${mapping.object}.${part}`, mapping);
  }
  const objects = [...mappings.keys()];
  const pending = await pendingExtracts(database.app, job, objects, only);
  const done: Derivation[] = [];
  const begun = new Map<string, bigint>();
  for (const [mapping, extracts] of byMapping(pending, mappings))
    for (let at = 0; at < extracts.length; at += extractsAtOnce) {
      const together = extracts.slice(at, at + extractsAtOnce);
      done.push(...(await deriveExtracts(database, job, mapping, together, means, begun)));
    }
  if (done.length > 0) await deriveWaiting(database, job, means);
  return done;
}

/** Extracts of an object and of its parts together, in the order of the first landing of each. */
function byMapping<Context>(
  pending: readonly PendingExtract[],
  mappings: ReadonlyMap<string, ObjectMapping<Context>>,
): Map<ObjectMapping<Context>, PendingExtract[]> {
  const groups = new Map<ObjectMapping<Context>, PendingExtract[]>();
  for (const extract of pending) {
    const mapping = mappings.get(extract.object);
    if (mapping) groups.set(mapping, [...(groups.get(mapping) ?? []), extract]);
  }
  return groups;
}

/** Objects that gave a row which another one held are tried again: it may have been given up. */
async function deriveWaiting<Context>(
  { app }: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  { clock }: DeriveMeans,
): Promise<void> {
  for (const mapping of job.mappings) {
    const ids = await idsOfWaiting(app, job, mapping.object, mostWaiting);
    if (ids.length > 0) await app.transaction((trx) => deriveBatch(trx, job, mapping, ids, clock));
  }
}

async function deriveExtracts<Context>(
  { app }: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  mapping: ObjectMapping<Context>,
  extracts: readonly PendingExtract[],
  { clock, progress }: DeriveMeans,
  begun: Map<string, bigint>,
): Promise<Derivation[]> {
  const counts = noCounts();
  for await (const ids of batchesOf(app, extracts)) {
    add(counts, await app.transaction((trx) => deriveBatch(trx, job, mapping, ids, clock)));
    progress?.(mapping.object, counts);
  }
  // Small extracts add up: none of them alone may be many rows beside those that there are.
  for (const name of mapping.tables) {
    const rows = (begun.get(name) ?? 0n) + counts.inserted + counts.changed;
    begun.set(name, (await analyzeAfter(app, booksTable(name), rows)) ? 0n : rows);
  }
  const last = extracts.at(-1);
  const done = extracts.map(({ extractId, object }) => ({
    ...{ extractId, object },
    ...asText(extractId === last?.extractId ? counts : noCounts()),
  }));
  await recordDerivations(app, job, done, clock.now());
  return done;
}

/** Ids of the objects of some extracts, each once in a batch. */
async function* batchesOf(
  app: Knex,
  extracts: readonly PendingExtract[],
): AsyncGenerator<string[]> {
  let batch = new Set<string>();
  let bytes = 0;
  for (const { extractId } of extracts) {
    let after = '';
    for (;;) {
      const found = await idsOfExtract(app, extractId, after, batchSize);
      for (const { id, bytes: own } of found) {
        batch.add(id);
        bytes += Number(own);
        after = id;
        if (batch.size < batchSize && bytes < batchBytes) continue;
        yield [...batch];
        [batch, bytes] = [new Set(), 0];
      }
      if (found.length < batchSize) break;
    }
  }
  if (batch.size > 0) yield [...batch];
}

async function recordDerivations<Context>(
  app: Knex,
  { mappingVersion }: DeriveJob<Context>,
  done: readonly Derivation[],
  derivedAt: string,
): Promise<void> {
  await app.raw(
    `insert into books.derivations (extract_id, mapping_version, objects, rows, inserted, changed,
       unchanged, closed, problems, derived_at)
     select "extractId", ?, objects, rows, inserted, changed, unchanged, closed, problems,
       ?::timestamptz
     from json_to_recordset(?::json) as d ("extractId" uuid, objects bigint, rows bigint,
       inserted bigint, changed bigint, unchanged bigint, closed bigint, problems bigint)`,
    [mappingVersion, derivedAt, JSON.stringify(done)],
  );
}

export function add(total: DeriveCounts, more: DeriveCounts): void {
  for (const count of Object.keys(total) as (keyof DeriveCounts)[]) total[count] += more[count];
}

export function asText(counts: DeriveCounts): Record<keyof DeriveCounts, string> {
  const entries = Object.entries(counts).map(([name, count]) => [name, String(count)]);
  return Object.fromEntries(entries) as Record<keyof DeriveCounts, string>;
}
