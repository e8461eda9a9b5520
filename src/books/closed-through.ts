import type { Knex } from 'knex';
import { booksTables } from './books-tables';

/** The last landing of one source object in one table of the books. */
export interface LatestExtract {
  /** As controls name it, without the schema. */
  table: string;
  source: string;
  /** '' for files. */
  account: string;
  /** The dataset, for files. */
  object: string;
  extractId: string;
  fileSha256: string;
  rows: string;
  totals: { currency: string; rows: string; amount: string }[];
  /** When the source says it was extracted; null when it does not say. ISO 8601, UTC. */
  extractedAt: string | null;
  controlTotal: 'agrees' | 'absent';
  landedAt: string;
}

/**
 * How current tables of the books are: the last landing of every object that lands in them, by
 * table, account and object: two warehouses fill a table under the same name, each on its own. A
 * table that nothing was ever landed in has none. Relations are with or without `books.`;
 * `order_versions` is answered as the `orders` whose landings fill it.
 */
export async function closedThrough(
  database: Knex,
  relations: readonly string[],
): Promise<LatestExtract[]> {
  const names = relations.map(landedTable);
  const iso = (column: string): string =>
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const result = await database.raw<{ rows: LatestExtract[] }>(
    `select distinct on (table_name, source, account, object) table_name as "table", source,
       account, object,
       extract_id as "extractId", file_sha256 as "fileSha256", rows, totals,
       ${iso('extracted_at')} as "extractedAt", control_total as "controlTotal",
       ${iso('landed_at')} as "landedAt"
     from books.extracts where table_name = any (?::text[])
     order by table_name, source, account, object, landed_at desc`,
    [names],
  );
  return result.rows;
}

/** `books.order_versions` → `orders`: the table that landings of a relation are recorded under. */
export function landedTable(relation: string): string {
  const name = relation.replace(/^books\./, '');
  return booksTables.find((table) => table.versions === name)?.name ?? name;
}
