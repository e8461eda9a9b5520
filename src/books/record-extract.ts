import type { Knex } from 'knex';
import type { BooksTable } from './books-tables';
import type { MergeCounts, Origin } from './merge-staged';

/** Totals by currency, as text. */
export interface CurrencyTotal {
  currency: string;
  rows: string;
  amount: string;
}

/** A landing of the full content of an origin, as books.extracts keeps it. */
export interface ExtractRecord {
  extractId: string;
  table: BooksTable;
  origin: Origin;
  landedAt: string;
  counts: MergeCounts;
  sourceSystem: string | null;
  sha256: string;
  totals: readonly CurrencyTotal[];
  /** When the source says it was extracted; ISO 8601. */
  extractedAt: string | null;
  controlTotal: 'agrees' | 'absent';
}

export async function recordExtract(trx: Knex, record: ExtractRecord): Promise<void> {
  const { table, origin, counts } = record;
  await trx
    .withSchema('books')
    .table('extracts')
    .insert({
      extract_id: record.extractId,
      table_name: table.name,
      source: origin.source,
      account: origin.account,
      object: origin.object,
      source_system: record.sourceSystem,
      file_sha256: record.sha256,
      rows: counts.rows,
      inserted: counts.inserted,
      changed: counts.changed,
      unchanged: counts.unchanged,
      closed: counts.closed,
      totals: JSON.stringify(record.totals),
      extracted_at: record.extractedAt,
      control_total: record.controlTotal,
      landed_at: record.landedAt,
    });
}
