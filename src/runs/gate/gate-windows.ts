import type { Knex } from 'knex';
import { landedTable } from '../../books/closed-through';
import { openMappingProblems } from '../../books/mapping-problems';
import { sourceAccounts, type SourceAccount } from '../../books/source-accounts';
import { lastSyncThatRead } from '../../books/source-syncs';
import { closedCoverage, type StreamCoverage } from '../../books/source-windows';
import { dateInZone, startOfDay } from '../../platform/clock';
import type { EntityConfig } from '../../platform/config';
import type { SourcesConfig } from '../../platform/source-config';
import { streamsOfTable, type TableStream } from '../../sources/streams-of-table';

/** What the windows of a relation's sources prove. */
export interface WindowProof {
  reasons: string[];
  /** A line for people per stream: what it is closed through, or that there is none of it. */
  facts: Record<string, string>;
  /** Closed windows whose source could not be asked for a total of its own. */
  withoutTotal: number;
  /** Whether any declared API source fills the relation. */
  isFilled: boolean;
  /** Whether any was read; not where none has such objects. */
  isRead: boolean;
}

export interface WindowQuestion {
  relation: string;
  entity: EntityConfig;
  /** The day that must be known whole. */
  asOf: string;
  /** First day of the period under judgement: sources must be read from then on. */
  periodStart: string;
}

/** Problems told one by one before the rest is counted. */
const mostProblems = 3;

/**
 * Asks of every API source that is declared for the entity and fills the relation whether it was
 * read in closed windows through the as-of day. A source that was never read, an open window, an
 * object that could not be mapped: each is a reason to give no verdict.
 */
export async function gateWindows(
  question: WindowQuestion,
  declared: Pick<SourcesConfig, 'stripe' | 'salesforce'>,
  app: Knex,
): Promise<WindowProof> {
  const { relation, entity } = question;
  const table = landedTable(relation);
  const known = await sourceAccounts(app);
  const proof: WindowProof = {
    ...{ reasons: [], facts: {}, withoutTotal: 0, isFilled: false, isRead: false },
  };
  for (const stream of streamsOfTable(table)) {
    for (const name of sourcesFor(stream, entity.id, declared)) {
      proof.isFilled = true;
      const account = known.find((one) => one.source === stream.source && one.name === name);
      if (account === undefined) {
        proof.reasons.push(`${relation}: source ${name} was never read; run tieout sync.`);
        continue;
      }
      const { fact, reasons, withoutTotal, isRead } = await streamProof(
        app,
        { stream, name, account },
        question,
      );
      proof.facts[`${name} ${stream.object}`] = fact;
      proof.reasons.push(...reasons);
      proof.withoutTotal += withoutTotal;
      proof.isRead ||= isRead;
    }
  }
  proof.reasons = [...new Set(proof.reasons)];
  if (proof.isFilled) proof.reasons.push(...(await mappingReasons(app, relation, table)));
  return proof;
}

interface SourceStream {
  stream: TableStream;
  /** Of the source, as in tieout.yaml. */
  name: string;
  account: SourceAccount;
}

/** One kind of object of one source: how far it is closed, or that there is none of it. */
async function streamProof(
  app: Knex,
  from: SourceStream,
  question: WindowQuestion,
): Promise<Pick<WindowProof, 'reasons' | 'withoutTotal' | 'isRead'> & { fact: string }> {
  const { relation, entity, asOf, periodStart } = question;
  const { stream, name, account } = from;
  const said = `${relation}: ${stream.object} of ${name}`;
  const begun = startOfDay(periodStart, entity.time_zone);
  if (stream.readSince === null && Date.parse(account.since) > Date.parse(begun)) {
    const fact = `read since ${account.since}`;
    const reason =
      `${said} is read since ${account.since} (UTC), and the period began ` +
      `${periodStart} in ${entity.time_zone}.`;
    return { reasons: [reason], withoutTotal: 0, isRead: true, fact };
  }
  const coverage = await coverageOf(app, from);
  if (stream.isOptional && coverage.windows === 0) {
    const doubt = await absenceDoubt(app, from, question);
    const reasons = doubt === null ? [] : [`${said} ${doubt}.`];
    return { reasons, withoutTotal: 0, isRead: false, fact: 'none was there to be read' };
  }
  const { closedThrough, stoppedBy, withoutTotal } = coverage;
  const isThrough = dateInZone(closedThrough, entity.time_zone) > asOf;
  const reason =
    `${said} is proven only before ${closedThrough}, ` +
    `and the as-of day is ${asOf}: ${stoppedBy}.`;
  const fact = `closed through ${closedThrough}`;
  return { reasons: isThrough ? [] : [reason], withoutTotal, isRead: true, fact };
}

/**
 * A source may do without some objects, which then leave no window; but so does one that is hidden,
 * refused or not reached yet. Why it is not known that there is none; null where it is.
 */
async function absenceDoubt(
  app: Knex,
  { stream, name }: SourceStream,
  { entity, asOf }: WindowQuestion,
): Promise<string | null> {
  const sync = await lastSyncThatRead(app, { source: stream.source, name });
  if (sync === null) return 'was looked for by no sync that came to its end; run tieout sync';
  const unread = sync.unread.find(({ object }) => object === null || object === stream.object);
  if (unread !== undefined) return `could not be read: ${unread.message.replace(/\.$/, '')}`;
  const day = dateInZone(sync.startedAt, entity.time_zone);
  return day > asOf
    ? null
    : `was last looked for on ${day}, which is not after the as-of day ${asOf}`;
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
  { stream: { source, object, readSince }, account: { account, since } }: SourceStream,
): Promise<StreamCoverage> =>
  closedCoverage(app, { source, account, object }, `${readSince ?? since}T00:00:00Z`);

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
