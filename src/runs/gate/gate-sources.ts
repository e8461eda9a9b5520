import type { Knex } from 'knex';
import { closedThrough, landedTable, type LatestExtract } from '../../books/closed-through';
import { isOwnRecord } from '../../books/own-record';
import { dateInZone } from '../../platform/clock';
import type { SourcesConfig } from '../../platform/source-config';
import { gateWindows, type WindowProof } from './gate-windows';
import { contentOfOthers } from './whose-content';
import type { PreparedRun } from '../prepare-run';
import type { FrozenPopulation, SourceRead } from '../run-types';

type GatedRun = Pick<PreparedRun, 'loaded' | 'entity' | 'request' | 'period'>;

/**
 * Asks, before anything is read, whether the books know the as-of day whole: what was landed as a
 * whole was extracted late enough, and what is read in windows is closed that far (W-EXT, CONTROLS
 * §0.2). Files are asked once they are frozen.
 */
export async function gateSources(
  { loaded, entity, request, period }: GatedRun,
  declared: SourcesConfig,
  app: Knex,
): Promise<{ reasons: string[]; books: Map<string, SourceRead> }> {
  const relations = Object.values(loaded.populations)
    .flatMap((population) => population.relations)
    .filter((relation) => relation.startsWith('books.'));
  const reasons: string[] = [];
  const books = new Map<string, SourceRead>();
  const extracts = await closedThrough(app, relations);
  for (const relation of new Set(relations)) {
    if (isOwnRecord(relation)) {
      const verified = 'Tieout’s own record';
      books.set(relation, { relation, verified, facts: {}, files: [] });
      continue;
    }
    const found = extracts.filter(({ table }) => table === landedTable(relation));
    const question = { relation, entity, asOf: request.asOf, periodStart: period.start };
    const windows = await gateWindows(question, declared, app);
    reasons.push(...windows.reasons);
    if (found.length === 0 && !windows.isFilled)
      reasons.push(`${relation} was never landed; run tieout sync.`);
    else reasons.push(...neverLanded(relation, found, declared));
    if (found.length > 0 && !windows.isFilled) {
      const doubt = await contentOfOthers(app, { relation, entity }, found, declared);
      if (doubt !== null) reasons.push(doubt);
    }
    for (const extract of found) {
      // Rows landed without a control total are known at their landing at the latest.
      const known = extract.extractedAt ?? extract.landedAt;
      reasons.push(...staleness(relation, known, { entity, request }));
    }
    books.set(relation, {
      relation,
      verified: verifiedBy(found, windows),
      facts: {
        ...windows.facts,
        extracts: found.map(({ extractId }) => extractId).join(', '),
        extracted_at: found.map(({ extractedAt }) => extractedAt ?? 'unknown').join(', '),
        rows: found.map(({ rows }) => rows).join(', '),
      },
      files: [],
    });
  }
  return { reasons, books };
}

/**
 * Files and queries that are declared to fill the relation and never did: what others have landed
 * in it is not all that belongs there.
 */
function neverLanded(
  relation: string,
  found: readonly LatestExtract[],
  { files, warehouse }: SourcesConfig,
): string[] {
  const table = landedTable(relation);
  const datasets = Object.entries(files)
    .filter(([, { lands_in: into }]) => into === table)
    .map(([name]) => ({ source: 'files', account: '', object: name, said: `dataset ${name}` }));
  const queries = Object.entries(warehouse)
    .filter(([, { tables }]) => Object.hasOwn(tables, table))
    .map(([name]) => ({
      ...{ source: 'warehouse', account: name, object: table },
      said: `its query of warehouse ${name}`,
    }));
  const isLanded = (one: Omit<(typeof datasets)[number], 'said'>): boolean =>
    found.some(
      ({ source, account, object }) =>
        source === one.source && account === one.account && object === one.object,
    );
  return [...datasets, ...queries]
    .filter((one) => !isLanded(one))
    .map(({ said }) => `${relation}: ${said} was never landed; run tieout sync.`);
}

function verifiedBy(
  extracts: readonly Pick<LatestExtract, 'controlTotal'>[],
  { isFilled, isRead, withoutTotal }: WindowProof,
): string {
  const words: string[] = [];
  if (isFilled && !isRead) words.push('its sources have nothing of the kind');
  if (isRead)
    words.push(
      withoutTotal === 0
        ? 'closed windows, each agreed by its source'
        : `closed windows, ${withoutTotal} of them by two reads alone`,
    );
  if (extracts.length > 0)
    words.push(
      extracts.every(({ controlTotal }) => controlTotal === 'agrees')
        ? 'control total agrees'
        : 'no control total file: completeness unverified',
    );
  return words.length > 0 ? words.join('; ') : 'nothing was landed';
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
