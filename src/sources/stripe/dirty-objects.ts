import type { Knex } from 'knex';
import { eventHint, type EventHint } from './event-hint';
import { inParallel } from './in-parallel';
import { dayMs, firstDay, secondsOf, type Span } from './plan-windows';
import { RawBuffer } from './raw-buffer';
import { nothingRead, readWindow } from './read-window';
import { dueWindows, isAnswer, landGone, take } from './read-windows';
import {
  forgetHints,
  keepHints,
  openHints,
  recordEventsRead,
  type NotedHint,
} from './stripe-hints.store';
import { stripeStreams, type StripeStream } from './streams';
import type { SyncContext } from './sync-context';

/** Events may come to light later than they happened. */
const overlapMs = 3_600_000;
const atOnce = 8;
/** An invoice older than this is in no window that is read each night, and may be open still. */
const invoiceDays = 400;

/** By kind of object: ids, and when each was created, where that is known. */
type Dirty = Map<string, Map<string, number | null>>;

/** What events named, and how far it was followed. */
export interface Followed {
  objects: number;
  dirty: Dirty;
  hints: readonly NotedHint[];
  /** Kinds of objects of which not all could be asked for again. */
  failed: Set<string>;
  areEventsRead: boolean;
}

/**
 * Asks again, by id, for every object that an event named since events were last read, told by a
 * webhook or by the list of events. Events are hints, nothing more (CONTROLS §1.2): they repeat,
 * come out of order, in old shapes; what counts is the object as it is now. Objects of windows that
 * are read in this sync anyway are left to that.
 */
export async function refreshDirty(
  context: SyncContext,
  { lastRead, eventsSince }: { lastRead: string; eventsSince: string },
): Promise<Followed> {
  const dirty: Dirty = new Map();
  const hints = await openHints(context.database.app, context.account);
  for (const hint of hints) note(hint, dirty);
  const followed: Followed = {
    ...{ objects: 0, dirty, hints, failed: new Set(), areEventsRead: true },
  };
  try {
    await hintsOfEvents(context, eventsSince, dirty);
  } catch (cause) {
    if (!isAnswer(cause)) throw cause;
    followed.areEventsRead = false;
    const message = `were not read, changes show with the next night: ${cause.message}`;
    context.problems.push({ object: 'event', window: null, message });
  }
  if (lastRead.slice(0, 10) !== context.now.slice(0, 10)) await oldOpenInvoices(context, dirty);
  for (const stream of stripeStreams) followed.objects += await refresh(stream, followed, context);
  return followed;
}

/**
 * Forgets what a sync that came to its end has followed. What it could not ask for again, or left
 * to windows that it then could not read, is kept for the next one.
 */
export async function forgetFollowed(
  { database, account, now, unread }: SyncContext,
  { dirty, hints, failed, areEventsRead }: Followed,
): Promise<void> {
  const missed = new Set([...failed, ...unread.map(({ object }) => object)]);
  const kept = [...dirty].flatMap(([object, ids]) =>
    missed.has(object) ? [...ids].map(([id, created]) => ({ object, id, created })) : [],
  );
  await keepHints(database.app, account, kept, now);
  const done = hints.filter(({ object }) => !missed.has(object));
  await forgetHints(database.app, account, done);
  if (areEventsRead) await recordEventsRead(database.app, account, now);
}

async function hintsOfEvents(
  { now, connection }: SyncContext,
  since: string,
  dirty: Dirty,
): Promise<void> {
  const from = Math.floor((new Date(since).getTime() - overlapMs) / 1000);
  const to = Math.floor(new Date(now).getTime() / 1000) + 1;
  const endpoint = 'GET /v1/events';
  const pages = readWindow(
    (query) => connection.ask(endpoint, (stripe) => stripe.events.list(query)),
    { from, to },
    nothingRead(),
  );
  for await (const items of pages)
    for (const { fields } of items) {
      const hint = eventHint(fields);
      if (hint !== null) note(hint, dirty);
    }
}

function note({ object, id, created }: EventHint, dirty: Dirty): void {
  const ids = dirty.get(object) ?? new Map<string, number | null>();
  ids.set(id, created);
  dirty.set(object, ids);
}

/** Invoices that were not settled when they left the windows of each night. */
async function oldOpenInvoices(
  { database, account, now }: SyncContext,
  dirty: Dirty,
): Promise<void> {
  const before = new Date(new Date(now).getTime() - invoiceDays * dayMs).toISOString();
  const invoices = dirty.get('invoice') ?? new Map<string, number | null>();
  for (const id of await openInvoices(database.app, account, before))
    if (!invoices.has(id)) invoices.set(id, null);
  dirty.set('invoice', invoices);
}

async function openInvoices(database: Knex, account: string, before: string): Promise<string[]> {
  const result = await database.raw<{ rows: { id: string }[] }>(
    `select invoice_id as id from books.invoices
     where source = 'stripe' and source_account = ? and created_at < ?::timestamptz
       and status in ('draft', 'open', 'uncollectible')`,
    [account, before],
  );
  return result.rows.map(({ id }) => id);
}

async function refresh(
  stream: StripeStream,
  { dirty, failed }: Pick<Followed, 'dirty' | 'failed'>,
  context: SyncContext,
): Promise<number> {
  const hinted = dirty.get(stream.object);
  // A list that is read as a whole shows every change by itself.
  if (!hinted || hinted.size === 0 || stream.by === 'whole') return 0;
  const due = await dueWindows({ ...stream, settledOnly: false }, context);
  const windows = due.map(({ window }) => window);
  const begin = new Date(firstDay(stream.changes, context.since)).getTime() / 1000;
  const ids = [...hinted]
    .filter(([, created]) => !isRead(created, windows) && (created ?? begin) >= begin)
    .map(([id]) => id);
  const { lists } = context;
  const buffer = new RawBuffer(context);
  const reader = { object: stream.object, part: stream.part };
  try {
    await inParallel(ids, atOnce, async (id) => {
      const found = await lists.get(stream, id);
      if (found.state === 'gone') await landGone(stream.object, id, found, buffer);
      else if (found.item.created >= begin) {
        const taking = { reader, group: [], context, buffer, read: nothingRead() };
        if (!(await take(found.item, taking))) failed.add(stream.object);
      }
    });
  } catch (cause) {
    if (!isAnswer(cause)) throw cause;
    failed.add(stream.object);
    const message = `what events named was not read again: ${cause.message}`;
    context.problems.push({ object: stream.object, window: null, message });
  }
  await buffer.flush();
  await buffer.settle();
  return ids.length;
}

const isRead = (created: number | null, windows: readonly Span[]): boolean =>
  created !== null &&
  windows.some((window) => {
    const { from, to } = secondsOf(window);
    return created >= from && created < to;
  });
