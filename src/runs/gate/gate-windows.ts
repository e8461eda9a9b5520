import type { Knex } from 'knex';
import { landedTable } from '../../books/closed-through';
import { openMappingProblems } from '../../books/mapping-problems';
import { sourceAccounts, type SourceAccount } from '../../books/source-accounts';
import { closedCoverage, type StreamCoverage } from '../../books/source-windows';
import { dateInZone } from '../../platform/clock';
import type { EntityConfig } from '../../platform/config';
import type { SourcesConfig } from '../../platform/source-config';
import { streamsOfTable, type TableStream } from '../../sources/streams-of-table';

/** What the windows of a relation's sources prove. */
export interface WindowProof {
  reasons: string[];
  /** A line for people per stream: what it is closed through. */
  facts: Record<string, string>;
  /** Closed windows whose source could not be asked for a total of its own. */
  withoutTotal: number;
  /** Whether any declared API source fills the relation. */
  isFilled: boolean;
}

export interface WindowQuestion {
  relation: string;
  entity: EntityConfig;
  /** The day that must be known whole. */
  asOf: string;
}

/** Problems told one by one before the rest is counted. */
const mostProblems = 3;

/**
 * Asks of every API source that is declared for the entity and fills the relation whether it was
 * read in closed windows through the as-of day. A source that was never read, an open window, an
 * object that could not be mapped: each is a reason to give no verdict.
 */
export async function gateWindows(
  { relation, entity, asOf }: WindowQuestion,
  declared: Pick<SourcesConfig, 'stripe' | 'salesforce'>,
  app: Knex,
): Promise<WindowProof> {
  const table = landedTable(relation);
  const known = await sourceAccounts(app);
  const proof: WindowProof = { reasons: [], facts: {}, withoutTotal: 0, isFilled: false };
  for (const stream of streamsOfTable(table)) {
    for (const name of sourcesFor(stream, entity.id, declared)) {
      proof.isFilled = true;
      const account = known.find((one) => one.source === stream.source && one.name === name);
      if (account === undefined) {
        proof.reasons.push(`${relation}: source ${name} was never read; run tieout sync.`);
        continue;
      }
      const coverage = await coverageOf(app, stream, account);
      if (stream.isOptional && coverage.windows === 0) continue;
      proof.withoutTotal += coverage.withoutTotal;
      proof.facts[`${name} ${stream.object}`] = `closed through ${coverage.closedThrough}`;
      if (dateInZone(coverage.closedThrough, entity.time_zone) > asOf) continue;
      proof.reasons.push(
        `${relation}: ${stream.object} of ${name} is proven only before ` +
          `${coverage.closedThrough}, and the as-of day is ${asOf}: ${coverage.stoppedBy}.`,
      );
    }
  }
  proof.reasons = [...new Set(proof.reasons)];
  if (proof.isFilled) proof.reasons.push(...(await mappingReasons(app, relation, table)));
  return proof;
}

/** Declared sources of this kind that hold records of the entity. */
function sourcesFor(
  { source }: TableStream,
  entityId: string,
  { stripe, salesforce }: Pick<SourcesConfig, 'stripe' | 'salesforce'>,
): string[] {
  if (source === 'stripe')
    return Object.entries(stripe)
      .filter(([, { entity }]) => entity === entityId)
      .map(([name]) => name);
  return Object.entries(salesforce)
    .filter(([, { entity }]) => Object.values(entity.values).includes(entityId))
    .map(([name]) => name);
}

const coverageOf = (
  app: Knex,
  { source, object }: TableStream,
  { account, since }: SourceAccount,
): Promise<StreamCoverage> =>
  closedCoverage(app, { source, account, object }, `${since}T00:00:00Z`);

async function mappingReasons(app: Knex, relation: string, table: string): Promise<string[]> {
  const problems = await openMappingProblems(app, [table]);
  const told = problems
    .slice(0, mostProblems)
    .map(
      ({ object, objectId, field, message }) =>
        `${relation}: ${object} ${objectId} cannot be mapped, ${field}: ${message}`,
    );
  const more = problems.length - told.length;
  return more > 0 ? [...told, `${relation}: ${more} more objects cannot be mapped.`] : told;
}
