import assert from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { transactionClient } from '../platform/database/connect';
import { errorCode } from '../platform/database/error-code';
import { analyzeAfter } from './analyze-books';
import { columnsOf, type StagedPlace } from './check-columns';
import { holdings } from './holdings';
import { mergeContent } from './merge-content';
import { refuseEmptied } from './refuse-emptied';
import { claimLanding, stagingOf, type MergeCounts } from './merge-staged';
import type { CurrencyTotal } from './record-extract';

/** Everything that one origin holds for a table, ready to be copied as often as it is asked. */
export interface Content extends Omit<StagedPlace, 'columns'> {
  /** In front of what is wrong with it. */
  subject: string;
  /** Business columns that are given. */
  names: readonly string[];
  /** Column whose totals by currency are kept; null where there is no amount. */
  amount: string | null;
  /** Whether it may have no rows of an entity that it had rows of before. */
  mayBeEmpty?: boolean;
  /** About how many rows there are. */
  expectedRows: number;
  /** Runs one COPY of all its rows, from their beginning; gives the server's count. */
  copy(client: Client, target: ContentTarget): Promise<string>;
}

/** Where the content is copied: each row has its columns, source_id, payload_sha256, then these. */
export interface ContentTarget {
  table: string;
  /** Columns whose value is the same in every row, with that value. */
  constants: readonly (readonly [name: string, value: string])[];
}

export interface ContentLanding extends MergeCounts {
  extractId: string;
  landedAt: string;
  /** Of what the books now hold of the origin, by their own sums. */
  totals: CurrencyTotal[];
  stepMs: Record<string, number>;
}

/**
 * Makes rows the full content of their origin. An origin that never landed before goes straight
 * into the table, before its indexes where many rows fill it: every row of it begins. Otherwise, or
 * when the table refuses a row, the rows are staged, and merged by one comparison of keys and
 * hashes, or refused with all that is wrong. Either way the books are asked afterwards what they
 * hold of the origin.
 */
export async function landContent(
  trx: Knex.Transaction,
  content: Content,
  now: string,
): Promise<ContentLanding> {
  const { table } = content;
  const place = { ...content, columns: await columnsOf(trx, table) };
  const landedAt = await claimLanding(trx, [table], now);
  const extractId = randomUUID();
  // Estimates of rows just staged are far off, and a nested loop over them takes hours.
  await trx.raw('set local enable_nestloop = off');
  const steps = new Steps();
  const begun = { extractId, landedAt };
  const landed =
    (await landFirst(trx, content, begun, steps)) ??
    (await landMerged(trx, place, content, begun, steps));
  await analyzeAfter(trx, table, BigInt(landed.inserted) + BigInt(landed.changed));
  steps.end('analyze');
  return { ...landed, ...begun, stepMs: steps.ms };
}

/** What a landing has spent its time on. */
class Steps {
  readonly ms: Record<string, number> = {};
  private since = performance.now();

  end(step: string): void {
    const now = performance.now();
    this.ms[step] = (this.ms[step] ?? 0) + Math.round(now - this.since);
    this.since = now;
  }
}

interface Begun {
  extractId: string;
  landedAt: string;
}

type Landed = MergeCounts & { totals: CurrencyTotal[] };

/** Null, with nothing changed, when the origin has landed before or the rows are not all right. */
async function landFirst(
  trx: Knex.Transaction,
  content: Content,
  { extractId, landedAt }: Begun,
  steps: Steps,
): Promise<Landed | null> {
  const { table, origin } = content;
  if (await hasLanded(trx, content)) return null;
  const constants = [
    ['source', origin.source],
    ['source_account', origin.account],
    ['source_object', origin.object],
    ['extract_id', extractId],
    ['sys_from', landedAt],
  ] as const;
  await trx.raw('savepoint unlanded');
  const target = { table: `books.${table.versions}`, constants };
  const rows = await fill(trx, content, target, steps).catch((cause: unknown): null => {
    // A null where there must be none, a repeated key, a check of the table: staged, it is told.
    if (/^23(502|505|514)$/.test(errorCode(cause) ?? '')) return null;
    throw cause;
  });
  const held = rows === null ? null : await holdings(trx, content);
  steps.end('prove');
  if (held === null || held.strangers > 0n) {
    await trx.raw('rollback to savepoint unlanded');
    return null;
  }
  assert(held.rows === rows, `${held.rows} rows of ${rows} were landed`);
  const none = { changed: '0', unchanged: '0', closed: '0' };
  return { rows: held.rows, inserted: held.rows, ...none, totals: held.totals };
}

/** From so many rows on, an empty table is filled without its indexes (ADR 0017). */
const manyRows = 20_000;

async function fill(
  trx: Knex.Transaction,
  content: Content,
  target: ContentTarget,
  steps: Steps,
): Promise<string> {
  const { versions } = content.table;
  const isBare =
    content.expectedRows >= manyRows && (await beginFilling(trx, versions, target.constants));
  // What all rows share is a default of the table then: read in each, it is a third of the COPY.
  const given = isBare ? { ...target, constants: [] } : target;
  const rows = await content.copy(await transactionClient(trx), given);
  steps.end('copy');
  if (isBare) await trx.raw('select tieout.end_filling(?)', [versions]);
  steps.end('index');
  return rows;
}

async function beginFilling(
  trx: Knex,
  versions: string,
  shared: ContentTarget['constants'],
): Promise<boolean> {
  const begun = await trx.raw<{ rows: { isBare: boolean }[] }>(
    'select tieout.begin_filling(?, ?::jsonb) as "isBare"',
    [versions, JSON.stringify(Object.fromEntries(shared))],
  );
  return begun.rows[0]?.isBare === true;
}

async function landMerged(
  trx: Knex.Transaction,
  place: StagedPlace,
  content: Content,
  begun: Begun,
  steps: Steps,
): Promise<Landed> {
  const staging = stagingOf(content.table);
  await trx.raw(`truncate ${staging}`);
  const client = await transactionClient(trx);
  const staged = await content.copy(client, { table: staging, constants: [] });
  steps.end('stage');
  const task = { subject: content.subject, ...begun };
  const { totals, ...counts } = await mergeContent(trx, place, task, content);
  assert(staged === counts.rows, `${counts.rows} rows of ${staged} were merged`);
  const isLess = counts.closed !== '0' || counts.changed !== '0';
  if (isLess && content.mayBeEmpty !== true) await refuseEmptied(trx, content, begun.landedAt);
  await trx.raw(`truncate ${staging}`);
  steps.end('merge');
  return { ...counts, totals };
}

async function hasLanded(trx: Knex, { table, origin }: Content): Promise<boolean> {
  const found = await trx.raw<{ rows: unknown[] }>(
    `select from books.extracts
     where table_name = ? and source = ? and account = ? and object = ? limit 1`,
    [table.name, origin.source, origin.account, origin.object],
  );
  return found.rows.length > 0;
}
