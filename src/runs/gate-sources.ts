import type { Knex } from 'knex';
import { closedThrough, landedTable } from '../books/closed-through';
import { dateInZone } from '../platform/clock';
import type { PreparedRun } from './prepare-run';
import type { FrozenPopulation, SourceRead } from './run-types';

/**
 * Asks, before anything is read, whether the books were landed late enough to know the as-of day
 * whole (control total window W-EXT, CONTROLS §0.2). Files are asked once they are frozen.
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
      // Rows landed without a control total are known at their landing at the latest.
      const known = extract.extractedAt ?? extract.landedAt;
      reasons.push(...staleness(relation, known, { entity, request }));
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

/** The same of files, by their control totals; without one it is unknown, and shown as such. */
export function staleFiles(
  prepared: Pick<PreparedRun, 'entity' | 'request'>,
  populations: ReadonlyMap<string, FrozenPopulation>,
): string[] {
  const files = [...populations.values()]
    .filter(({ source }) => source === 'files')
    .flatMap(({ sources }) => sources);
  const reasons = files.flatMap(({ relation, facts }) =>
    facts.extracted_at ? staleness(relation, facts.extracted_at, prepared) : [],
  );
  return [...new Set(reasons)];
}

function staleness(
  relation: string,
  extractedAt: string,
  { entity, request }: Pick<PreparedRun, 'entity' | 'request'>,
): string[] {
  const known = dateInZone(extractedAt, entity.time_zone);
  if (known > request.asOf) return [];
  return [
    `${relation} was extracted on ${known}, which is not after the as-of day ${request.asOf}.`,
  ];
}
