import type { Knex } from 'knex';
import { closedThrough, landedTable } from '../books/closed-through';
import { dateInZone } from '../platform/clock';
import type { PreparedRun } from './prepare-run';
import type { SourceRead } from './run-types';

/**
 * Asks, before anything is read, whether the books were landed late enough to know the as-of day
 * whole (control total window W-EXT, CONTROLS §0.2). Files are checked where they are read.
 */
export async function gateSources(
  { loaded, entity, request }: PreparedRun,
  app: Knex,
): Promise<{ reasons: string[]; books: Map<string, SourceRead> }> {
  const relations = Object.values(loaded.populations)
    .flatMap((population) => population.relations)
    .filter((relation) => relation.startsWith('books.'));
  const reasons: string[] = [];
  const books = new Map<string, SourceRead>();
  const extracts = await closedThrough(app, relations);
  for (const relation of new Set(relations)) {
    const found = extracts.filter(({ table }) => table === landedTable(relation));
    if (found.length === 0) reasons.push(`${relation} was never landed; run tieout sync.`);
    for (const extract of found) {
      const known = extract.extractedAt && dateInZone(extract.extractedAt, entity.time_zone);
      if (known !== null && known <= request.asOf)
        reasons.push(
          `${relation} was extracted on ${known}, ` +
            `which is not after the as-of day ${request.asOf}.`,
        );
    }
    books.set(relation, {
      relation,
      verified: found.every(({ controlTotal }) => controlTotal === 'agrees')
        ? 'control total agrees'
        : 'no control total file: completeness unverified',
      facts: {
        extracts: found.map(({ extractId }) => extractId).join(', '),
        extracted_at: found.map(({ extractedAt }) => extractedAt ?? 'unknown').join(', '),
        rows: found.map(({ rows }) => rows).join(', '),
      },
      files: [],
    });
  }
  return { reasons, books };
}
