import { setTimeout as wait } from 'node:timers/promises';
import { DerivingBeside } from '../../books/derive-beside';
import type { Derivation } from '../../books/derive-books';
import type { DeriveJob } from '../../books/derive-batch';
import { mappingVersion, type MappingEntity } from '../../books/mapping';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/open-database';
import type { Logger } from '../../platform/logger';
import type { StripeConfig } from '../../platform/source-config';
import { BalanceReports } from './balance-report';
import { checkAccount, isLiveKey, type AccountCheck } from './check-account';
import { forgetFollowed, refreshDirty, type Followed } from './dirty-objects';
import { lastReadAt, heldObjects } from './held-objects';
import { inParallel } from './in-parallel';
import { stripeMappings, stripeMappingVersion } from './mapping/stripe-mappings';
import type { StripeContext } from './mapping/stripe-values';
import { parentReaders } from './parent-readers';
import { dayMs } from './plan-windows';
import { proveBalance } from './prove-balance';
import { RateLimiter, type Sleep } from './rate-limiter';
import { LotShares } from './lot-shares';
import { RawBuffer } from './raw-buffer';
import { readWindows } from './read-windows';
import { StripeConnection } from './stripe-connection';
import { StripeFault } from './stripe-fault';
import { StripeLists } from './stripe-lists';
import { eventsReadThrough, recordEventsRead } from './stripe-hints.store';
import { streamReader } from './stream-reader';
import { stripeStreams } from './streams';
import type { SyncContext } from './sync-context';
import type { StripeProgress, StripeSync } from './sync-report';

/** Stripe keeps events for 30 days; after so many without a sync they are no help any more. */
const mostDaysAway = 25;
/** Streams that are read beside each other; each keeps to the rate of its endpoint. */
const streamsAtOnce = 4;

/** One account of the configuration, and the legal entity that it belongs to. */
export interface StripeAccount {
  /** Its name in the configuration: what its rows, windows and raw objects carry as account. */
  name: string;
  config: StripeConfig;
  entity: MappingEntity;
}

export interface StripeMeans {
  clock: Clock;
  logger: Logger;
  progress?: (progress: StripeProgress) => void;
  /** For waits between attempts and polls. */
  sleep?: Sleep;
  /** Reads everything again, whatever is closed. */
  full?: boolean;
  /** Objects of a page; 100 is what Stripe gives at most. */
  pageSize?: number;
}

/** Thrown when the key leads to another account than what was read under this name before. */
export class OtherAccount extends Error {
  constructor(name: string, known: string, found: string) {
    super(`source ${name} was read from ${known} before, and its key is of ${found}`);
    this.name = 'OtherAccount';
  }
}

/** What maps the raw objects of an account: for deriving, and for rebuilding the books. */
export function stripeDeriveJob({ name, config, entity }: StripeAccount): DeriveJob<StripeContext> {
  const { entityId, bookZone } = entity;
  const { key, metadata_prefix: metadataPrefix } = config;
  const context = { entityId, bookZone, livemode: isLiveKey(key), metadataPrefix };
  return {
    ...{ source: 'stripe', account: name, entityId, context, mappings: stripeMappings },
    mappingVersion: mappingVersion(stripeMappingVersion, context),
  };
}

/** A connection to an account, at the rate of its configuration. */
export function connectStripe(
  config: StripeConfig,
  { sleep = wait }: Pick<StripeMeans, 'sleep'>,
): StripeConnection {
  const limiter = new RateLimiter(config.requests_per_second, () => performance.now(), sleep);
  const { key, api_url: apiUrl } = config;
  return new StripeConnection(apiUrl === undefined ? { key } : { key, apiUrl }, limiter, sleep);
}

/** Whether an account can be read as it should, and what to do where it cannot. */
export async function checkStripe(
  { config }: Pick<StripeAccount, 'config'>,
  means: Pick<StripeMeans, 'clock' | 'sleep'>,
): Promise<AccountCheck> {
  const connection = connectStripe(config, means);
  return checkAccount(connection, { key: config.key, now: () => means.clock.now() });
}

/**
 * Brings the books up to one Stripe account: reads what is due, lands it, derives the books, and
 * records every window with what proves it. Killed at any point, the next call goes on: what was
 * landed is known, and a window that was not recorded is read again. Throws StripeFault when the
 * key is refused, and OtherAccount; anything else that Stripe does is told in `unread` and
 * `problems`.
 */
export async function syncStripe(
  database: Pick<Database, 'app'>,
  account: StripeAccount,
  means: StripeMeans,
): Promise<StripeSync> {
  const { clock, logger, sleep = wait } = means;
  const { name, config } = account;
  const connection = connectStripe(config, means);
  const check = await checkAccount(connection, { key: config.key, now: () => clock.now() });
  await mustBeSameAccount(database, account, check, clock);
  const lastRead = await lastReadAt(database.app, name);
  const deriving = new DerivingBeside(database, stripeDeriveJob(account), { clock });
  const context = contextOf(database, account, means, { connection, lastRead, check, deriving });
  const reports = new BalanceReports(connection, sleep);
  let followed: Followed | null;
  const derivations: Derivation[] = [];
  try {
    followed = await followEvents(context, lastRead);
    await readStreams(context, reports);
    derivations.push(...(await deriving.finish()));
    // What is read by its parent is read after the parents are known.
    await readParents(context);
    derivations.push(...(await deriving.finish()));
  } finally {
    await deriving.settle();
  }
  const { lists, problems } = context;
  for (const endpoint of lists.unfiltered) {
    const message = `${endpoint} does not keep to \`created\`: its whole list was read`;
    problems.push({ object: 'list', window: null, message });
  }
  if (followed !== null) await forgetFollowed(context, followed);
  const balance = await balanceOf(context, reports, lastRead);
  for (const message of lists.notShown) problems.push({ object: 'field', window: null, message });
  const requests = connection.requestCount;
  logger.info('a Stripe account was synced', { account: name, requests, ...counts(context) });
  return {
    ...{ account: name, check, safeThrough: context.safeThrough, derivations },
    dirtyObjects: followed?.objects ?? 0,
    fullReadBecause: fullReadReason(means, lastRead, context.now),
    ...{ streams: context.streams, balance, unread: context.unread, problems, requests },
  };
}

/**
 * Whatever was read first was read after it began: events before that tell nothing new. Events are
 * followed from where the last sync that came to its end began, not from what it read last: one
 * that takes hours would miss what changed meanwhile.
 */
async function followEvents(
  context: SyncContext,
  lastRead: string | null,
): Promise<Followed | null> {
  const { database, account, now } = context;
  if (lastRead === null) {
    await recordEventsRead(database.app, account, now);
    return null;
  }
  const eventsSince = (await eventsReadThrough(database.app, account)) ?? lastRead;
  return refreshDirty(context, { lastRead, eventsSince });
}

async function readStreams(context: SyncContext, reports: BalanceReports): Promise<void> {
  const { lists, problems } = context;
  const readers = stripeStreams.map((stream) =>
    streamReader(stream, {
      ...{ lists, reports },
      told: (window, message) => problems.push({ object: stream.object, window, message }),
    }),
  );
  await inParallel(readers, streamsAtOnce, (reader) => readWindows(reader, context));
}

async function readParents(context: SyncContext): Promise<void> {
  const { lists, problems, account, database } = context;
  const parents = parentReaders({
    ...{ database: database.app, account, lists },
    told: (message) => problems.push({ object: 'payment_record', window: null, message }),
  });
  await inParallel(parents, streamsAtOnce, (reader) => readWindows(reader, context));
}

function contextOf(
  database: Pick<Database, 'app'>,
  { name, config }: StripeAccount,
  means: StripeMeans,
  of: {
    connection: StripeConnection;
    lastRead: string | null;
    check: AccountCheck;
    deriving: DerivingBeside<StripeContext>;
  },
): SyncContext {
  const now = means.clock.now();
  const ahead = Math.max(of.check.clockAheadMs ?? 0, 0);
  const lists = new StripeLists(of.connection, means.pageSize);
  for (const { endpoint, unfiltered } of of.check.reads)
    if (unfiltered !== null) lists.unfiltered.add(endpoint);
  const settledMs = new Date(now).getTime() - ahead - config.settle_minutes * 60_000;
  return {
    ...{ database, account: name, connection: of.connection, clock: means.clock, now, lists },
    shares: new LotShares(),
    landed: (extractIds) => of.deriving.add(extractIds),
    safeThrough: new Date(settledMs).toISOString(),
    since: config.since,
    full: fullReadReason(means, of.lastRead, now) !== null,
    elapsedMs: () => performance.now(),
    progress: means.progress ?? (() => undefined),
    unread: [],
    problems: [],
    streams: [],
  };
}

function fullReadReason(
  { full }: Pick<StripeMeans, 'full'>,
  lastRead: string | null,
  now: string,
): string | null {
  if (full === true) return 'it was asked for';
  if (lastRead === null) return null;
  const days = (new Date(now).getTime() - new Date(lastRead).getTime()) / dayMs;
  if (days <= mostDaysAway) return null;
  return `the last sync was ${Math.floor(days)} days ago, and Stripe forgets events after 30`;
}

/** The account behind a name never changes: its rows would be mixed with another's. */
async function mustBeSameAccount(
  database: Pick<Database, 'app'>,
  { name }: StripeAccount,
  check: AccountCheck,
  clock: Clock,
): Promise<void> {
  const refused = check.problems.find(({ code }) => code === 'key_refused');
  if (refused) {
    const origin = { requestId: null, retryAfterMs: null, cause: null };
    throw new StripeFault('key_refused', 'GET /v1/account', refused.message, origin);
  }
  const { accountId } = check;
  if (accountId === null) return;
  for await (const [known] of heldObjects(database.app, name, 'account')) {
    if (known !== undefined && known !== accountId) throw new OtherAccount(name, known, accountId);
    return;
  }
  const buffer = new RawBuffer({ database, account: name, clock });
  // Its id is all that is needed; the rest of it are people and addresses.
  const payload = JSON.stringify({ id: accountId, object: 'account' });
  await buffer.add('account', null, { objectId: accountId, payload });
  await buffer.flush();
}

/** Once a day: Stripe takes minutes to make a report. */
async function balanceOf(
  context: SyncContext,
  reports: BalanceReports,
  lastRead: string | null,
): Promise<StripeSync['balance']> {
  const { database, account, since, now, problems } = context;
  if (lastRead?.slice(0, 10) === now.slice(0, 10)) return null;
  const proof = await proveBalance(database.app, { account, since }, reports);
  if ('reason' in proof) return proof;
  for (const { currency, opening, movements, closing, agrees } of proof) {
    if (agrees) continue;
    const message =
      `the balance in ${currency} opened with ${opening}, moved by ${movements}, and closed ` +
      `with ${closing}`;
    problems.push({ object: 'balance_transaction', window: null, message });
  }
  return proof;
}

const counts = ({ streams, unread, problems }: SyncContext) => ({
  rows: streams.reduce((sum, { rows }) => sum + rows, 0),
  windows: streams.reduce((sum, { windowsRead }) => sum + windowsRead, 0),
  closed: streams.reduce((sum, { windowsClosed }) => sum + windowsClosed, 0),
  unread: unread.length,
  problems: problems.length,
});
