import { setTimeout as sleepMs } from 'node:timers/promises';
import { deriveBooks, type Derivation } from '../../books/derive-books';
import type { DeriveJob } from '../../books/derive-batch';
import { mappingVersion } from '../../books/mapping';
import { InvalidInput } from '../../core/problem';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/open-database';
import type { SalesforceConfig } from '../../platform/source-config';
import {
  inspectOrg,
  signInRefused,
  type OrgEntity,
  type SalesforceCheck,
} from './check-salesforce';
import { lostFields } from './lost-fields';
import { salesforceMappings, salesforceMappingVersion } from './mapping/salesforce-mappings';
import type { SalesforceContext } from './mapping/salesforce-values';
import { salesforceSource, usualLimits, type ReadLimits } from './object-job';
import { IncompleteQuery } from './read-query';
import { SalesforceConnection, type ApiUsage } from './salesforce-connection';
import { salesforceContext } from './salesforce-context';
import { SalesforceFault } from './salesforce-fault';
import { firstOfAll, salesforceObjects } from './salesforce-objects';
import { syncObject, type ObjectSync } from './sync-object';

/** Told as objects are read; a bar on a terminal. */
export interface SalesforceProgress {
  /** `done` of `total` objects, and what is happening: `Opportunity: 12,000 records`. */
  advance(done: number, total: number, doing: string): void;
}

/** So many objects without an answer one after the other end the sync. */
const unavailableInARow = 3;

export interface SalesforceMeans {
  clock: Clock;
  /** Every configured entity. */
  entities: readonly OrgEntity[];
  progress?: SalesforceProgress;
  /** Waits between attempts; a test passes its own. */
  sleep?: (ms: number) => Promise<void>;
  limits?: Partial<ReadLimits>;
  /** Compare all ids now; without it this happens once a week. */
  compareIds?: boolean;
}

export interface SalesforceSync {
  /** Id of the org; what the books call the account. */
  account: string;
  check: SalesforceCheck;
  /** One for each object of the org, those that could not be read with the reason. */
  objects: ObjectSync[];
  derivations: Derivation[];
  requests: number;
  usage: ApiUsage | null;
  /** Why reading ended before the last object: the API calls of the day; else null. */
  stoppedBy: string | null;
}

/**
 * Brings the books up to one Salesforce org: reads every object's new windows, re-reads open ones,
 * derives the rows. An object that cannot be read in full is named with the reason, its windows
 * stay open and the others go on. Killed at any point, the next call goes on. Throws InvalidInput
 * when the user cannot sign in or cannot see all data, and SalesforceFault when Salesforce cannot
 * be reached.
 */
export async function syncSalesforce(
  database: Pick<Database, 'app'>,
  config: SalesforceConfig,
  means: SalesforceMeans,
): Promise<SalesforceSync> {
  const { clock, entities } = means;
  const sleep = means.sleep ?? ((ms: number) => sleepMs(ms));
  const connection = await openConnection(config, { clock, sleep });
  const check = await inspectOrg(connection, config, { clock, sleep, entities });
  const inTheWay = check.problems.filter(
    ({ severity, object }) => severity === 'error' && object === null,
  );
  if (inTheWay.length > 0) throw new InvalidInput('Salesforce', inTheWay);
  connection.isMetered = true;
  const { objects, stoppedBy } = await readObjects(
    { database, connection, check, sleep, means },
    config,
  );
  const context = salesforceContext(config, check, entities);
  const derivations = await deriveBooks(database, deriveJob(check.account, context), { clock });
  return {
    ...{ account: check.account, check, objects, derivations, stoppedBy },
    requests: connection.requestCount,
    usage: connection.usage,
  };
}

/** How the raw records of an org become rows; also for rebuilding the books. */
export function deriveJob(
  account: string,
  context: SalesforceContext,
): DeriveJob<SalesforceContext> {
  const { entityId, bookZone, fields, entities = null } = context;
  return {
    ...{ source: salesforceSource, account, context, entityId },
    mappings: salesforceMappings,
    // Settings alone: what an org lets one see of its currencies is no change of them.
    mappingVersion: mappingVersion(salesforceMappingVersion, {
      ...{ entityId, bookZone, fields, entities },
    }),
  };
}

async function openConnection(
  config: SalesforceConfig,
  means: { clock: Clock; sleep: (ms: number) => Promise<void> },
): Promise<SalesforceConnection> {
  try {
    return await SalesforceConnection.open(config, means);
  } catch (cause) {
    if (!(cause instanceof SalesforceFault) || cause.kind !== 'sign_in_refused') throw cause;
    throw new InvalidInput('Salesforce', [signInRefused(cause)]);
  }
}

interface Reading {
  database: Pick<Database, 'app'>;
  connection: SalesforceConnection;
  check: SalesforceCheck;
  sleep: (ms: number) => Promise<void>;
  means: SalesforceMeans;
}

async function readObjects(
  reading: Reading,
  config: SalesforceConfig,
): Promise<{ objects: ObjectSync[]; stoppedBy: string | null }> {
  const { check, means } = reading;
  const present = salesforceObjects.filter(({ name }) => !check.absent.includes(name));
  const objects: ObjectSync[] = [];
  let stoppedBy: string | null = null;
  let unavailable = 0;
  for (const [index, { name }] of present.entries()) {
    means.progress?.advance(index, present.length, name);
    if (stoppedBy !== null) {
      objects.push(notRead(name, stoppedBy));
      continue;
    }
    try {
      objects.push(await readObject(reading, config, name, [index, present.length]));
      unavailable = 0;
    } catch (cause) {
      unavailable += 1;
      // Not this object alone, but Salesforce.
      if (isUnavailable(cause) && unavailable === unavailableInARow) throw cause;
      const { reason, isEnd } = unreadReason(cause);
      objects.push(notRead(name, reason));
      if (isEnd) stoppedBy = reason;
    }
  }
  means.progress?.advance(present.length, present.length, 'deriving the books');
  return { objects, stoppedBy };
}

async function readObject(
  { database, connection, check, sleep, means }: Reading,
  config: SalesforceConfig,
  name: string,
  [done, total]: [number, number],
): Promise<ObjectSync> {
  const plan = check.plans.find(({ object }) => object.name === name);
  if (plan === undefined) {
    const own = check.problems.filter(
      ({ object, severity }) => object === name && severity === 'error',
    );
    return notRead(name, saidOnce(own));
  }
  const stream = { source: salesforceSource, account: check.account, object: name };
  const lost = await lostFields(database.app, stream, plan, config.removed_fields ?? []);
  if (lost.length > 0)
    return notRead(
      name,
      `${lost.join(', ')} was read until now, and does not exist for this user any more. Give ` +
        `the user field-level read on it, or name it in removed_fields where the org gave it up.`,
    );
  let read = 0;
  const progress = (rows: number): void => {
    read += rows;
    means.progress?.advance(done, total, `${name}: ${read.toLocaleString('en')} records`);
  };
  return syncObject({
    ...{ database, connection, plan, sleep, progress, clock: means.clock },
    ...{ account: check.account, currency: check.currency },
    limits: { ...usualLimits, ...means.limits },
    since: `${plan.object.isMaster ? firstOfAll : config.since}T00:00:00.000Z`,
    settleMinutes: config.settle_minutes,
    compareNow: means.compareIds === true,
  });
}

/** `Order.PoNumber, Order.OrderNumber does not exist for this user.` */
function saidOnce(problems: readonly { field?: string; message: string }[]): string {
  const fields = new Map<string, string[]>();
  for (const { field = '', message } of problems)
    fields.set(message, [...(fields.get(message) ?? []), field]);
  return [...fields].map(([message, of]) => `${of.join(', ')} ${message}`).join(' ');
}

/** Faults that concern one object; any other ends the sync, or is the end of today's API calls. */
function unreadReason(cause: unknown): { reason: string; isEnd: boolean } {
  if (cause instanceof IncompleteQuery) return { reason: cause.message, isEnd: false };
  if (!(cause instanceof SalesforceFault)) throw cause;
  if (cause.kind === 'limit') return { reason: cause.message, isEnd: true };
  const own: readonly string[] = ['refused', 'not_found', 'query_timeout', 'locator', 'busy'];
  if (own.includes(cause.kind) || isUnavailable(cause))
    return { reason: cause.message, isEnd: false };
  throw cause;
}

const isUnavailable = (cause: unknown): boolean =>
  cause instanceof SalesforceFault && cause.kind === 'unavailable';

const notRead = (object: string, reason: string): ObjectSync => ({
  ...{ object, status: 'not_read', reason, rows: 0, newVersions: 0, windows: [] },
  ...{ safeThrough: null, compared: null },
});
