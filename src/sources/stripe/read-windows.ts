import { recordWindow } from '../../books/source-windows';
import type { SourceTotal } from '../../books/window-state';
import { heldIds, knownWindows } from './held-objects';
import { inParallel } from './in-parallel';
import { cutObjects } from './cut-objects';
import { namedElsewhere, namerOf } from './named-elsewhere';
import { partGap } from './part-gap';
import {
  firstDay,
  groupWindows,
  isDue,
  secondsOf,
  windowAt,
  windowsThrough,
  type KnownWindow,
  type Span,
} from './plan-windows';
import { RawBuffer } from './raw-buffer';
import { readPart } from './read-part';
import {
  IncompleteList,
  nothingRead,
  type CreatedRange,
  type RawItem,
  type WindowRead,
} from './read-window';
import { named } from './second-pass';
import { stripeApiVersion } from './stripe-connection';
import { StripeFault } from './stripe-fault';
import { noteComposed } from './stream-reader';
import type { Found, PartPages } from './stripe-lists';
import type { SyncContext } from './sync-context';
import type { StreamSync } from './sync-report';
import { composedAmount, type WindowReader } from './window-reader';
import { WindowTally } from './window-tally';

/** Objects that are asked for at once: pages of parts, and ids that a list left out. */
const atOnce = 8;

interface DueWindow {
  window: Span;
  /** The same in seconds, half-open. */
  seconds: CreatedRange;
  last: KnownWindow | undefined;
  tally: WindowTally;
  composed: WindowTally;
  /** Payouts that are not what they are made of, in words. */
  unlike: string[];
  /** Objects whose lists inside are not all that they should be, in words. */
  gaps: string[];
}

/** The windows of a stream that this sync reads. */
export async function dueWindows(
  reader: Pick<WindowReader, 'object' | 'changes' | 'settledOnly'>,
  context: Pick<SyncContext, 'database' | 'account' | 'since' | 'now' | 'safeThrough' | 'full'>,
): Promise<{ window: Span; last: KnownWindow | undefined }[]> {
  const { database, account, since, now } = context;
  const known = await knownWindows(database.app, account, reader.object);
  const lasts = new Map(known.map((window) => [`${window.from} ${window.to}`, window]));
  return windowsThrough({ since, changes: reader.changes }, known, now)
    .map((window) => ({ window, last: lasts.get(`${window.from} ${window.to}`) }))
    .filter(({ window, last }) => isDue(window, last, { ...reader, ...context }));
}

/**
 * Reads the due windows of one kind of object: lands what is there, finds what is gone, asks the
 * independent question, and records each window. What cannot be read is told and leaves its windows
 * as they were; it does not keep other objects from being read.
 */
export async function readWindows(reader: WindowReader, context: SyncContext): Promise<void> {
  const { object } = reader;
  const begun = context.elapsedMs();
  const done: StreamSync = {
    ...{ object, windowsRead: 0, windowsClosed: 0, rows: 0, pages: 0 },
    ...{ newVersions: '0', deletions: 0 },
  };
  context.streams.push(done);
  const due = await dueWindows(reader, context);
  const underWay = new Map<typeof due, number>();
  const told = (group: typeof due, read: number): void => {
    const [first] = group;
    if (first === undefined) return;
    underWay.set(group, read);
    const rows = [...underWay.values()].reduce((sum, count) => sum + count, done.rows);
    const seconds = Math.max(context.elapsedMs() - begun, 1) / 1000;
    const of = { object, window: first.window, done: done.windowsRead, of: due.length };
    const { requestCount: requests } = context.connection;
    context.progress({ ...of, rows, rowsPerSecond: Math.round(rows / seconds), requests });
  };
  let isOver = false;
  const readOne = async (group: typeof due): Promise<void> => {
    if (isOver) return;
    try {
      // What is tallied of a window is let go with it: of all there may be millions of ids.
      const tallied = group.map((one) => tallying(one, reader));
      await readGroup(reader, tallied, context, { done, told: (rows) => told(group, rows) });
    } catch (cause) {
      if (!isAnswer(cause)) throw cause;
      const whole = cause instanceof StripeFault;
      // The kind of object as a whole is told of once, by the first of those read side by side.
      if (whole && isOver) return;
      isOver ||= whole;
      const { message } = cause;
      const windows = whole ? [null] : group.map((one) => one.window);
      context.unread.push(...windows.map((window) => ({ object, window, message })));
    }
    told(group, 0);
  };
  const groups = groupWindows(due, reader.serves);
  const isNew = (group: typeof due): boolean => group.every(({ last }) => last === undefined);
  // Oldest first: what a window names has then been read, where it is older.
  for (const group of groups) if (!isNew(group)) await readOne(group);
  await inParallel(groups.filter(isNew), reader.readingsAtOnce, readOne);
}

const tallying = (
  { window, last }: Pick<DueWindow, 'window' | 'last'>,
  { amount }: Pick<WindowReader, 'amount'>,
): DueWindow => ({
  ...{ window, last, seconds: secondsOf(window), unlike: [], gaps: [] },
  ...{ tally: new WindowTally(amount), composed: new WindowTally(amount) },
});

/** Stripe's own doing, which is told; anything else is a fault of ours and thrown on. */
export const isAnswer = (cause: unknown): cause is StripeFault | IncompleteList =>
  cause instanceof StripeFault || cause instanceof IncompleteList;

interface Course {
  done: StreamSync;
  told: (rows: number) => void;
}

async function readGroup(
  reader: WindowReader,
  group: DueWindow[],
  context: SyncContext,
  { done, told }: Course,
): Promise<void> {
  const startedAt = context.clock.now();
  const read = nothingRead();
  const buffer = new RawBuffer(context);
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return;
  const range = { from: first.seconds.from, to: last.seconds.to };
  const begin = new Date(firstDay(reader.changes, context.since)).getTime() / 1000;
  try {
    for await (const items of reader.pages(range, read)) {
      const wanted = items.filter(({ created }) => created >= begin);
      await inParallel(wanted, reader.part ? atOnce : 1, async (item) => {
        await take(item, { reader, group, context, buffer, read });
      });
      told(read.rows);
    }
    await buffer.flush();
  } finally {
    await buffer.settle();
  }
  for (const one of group) {
    const recorded = await close(one, { reader, context, buffer, read, startedAt });
    done.windowsRead += 1;
    if (recorded.state === 'closed') done.windowsClosed += 1;
    done.deletions += recorded.deletions;
    done.rows += one.tally.ids.size;
  }
  done.pages += read.pages;
  done.newVersions = String(BigInt(done.newVersions) + buffer.newVersions);
}

interface Taking {
  reader: Pick<WindowReader, 'object' | 'part'>;
  group: readonly DueWindow[];
  context: SyncContext;
  buffer: RawBuffer;
  read: WindowRead;
}

/**
 * Keeps an object with all pages of its parts, and notes it in the window that it lies in. What has
 * no window here, and is not whole, is told and left to the window that it has: then false.
 */
export async function take(item: RawItem, taking: Taking): Promise<boolean> {
  const { reader, group, context, buffer } = taking;
  const { object, part } = reader;
  const due = windowAt(group, item.created);
  due?.tally.note(item.id, item.fields);
  let composed: number | null = null;
  if (part !== null) {
    const { items, pages, doubt } = await readPart(item, part, {
      lists: context.lists,
      read: taking.read,
    });
    const gap = partGap({ ...item, object, items, name: part.name }) ?? doubt;
    if (gap !== null && due === undefined) {
      context.problems.push({ object, window: null, message: `${gap}; it was left as it was` });
      return false;
    }
    if (gap !== null) due?.gaps.push(gap);
    if (pages !== null) await landPart(object, item, { part: part.name, pages, buffer });
    if (pages !== null && object === 'payout') composed = composedPayout(item, pages, due);
    if (part.isFixed === true)
      for (const { id } of items) due?.tally.partIds.add(`${item.id}/${String(id)}`);
  }
  if (due) noteComposed(object, due.composed, item, composed);
  await landItem(object, item, buffer);
  return true;
}

function composedPayout({ id, fields }: RawItem, pages: PartPages, due?: DueWindow): number {
  const composed = composedAmount(pages, fields);
  if (composed !== fields['amount'])
    due?.unlike.push(`the movements of ${id} add up to ${composed} minor units`);
  return composed;
}

async function landPart(
  object: string,
  { id }: RawItem,
  { part, pages, buffer }: { part: string; pages: PartPages; buffer: RawBuffer },
): Promise<void> {
  const [requestRef = null] = pages.requestIds;
  const payload = `[${pages.pages.join(',')}]`;
  await buffer.add(`${object}.${part}`, pages.apiVersion, { objectId: id, payload, requestRef });
  for (const page of pages.pages) await landDiscounts(page, pages.apiVersion, requestRef, buffer);
}

/** An object as it came, and the discounts that it carries: Stripe lists those nowhere. */
export async function landItem(
  object: string,
  { id, payload, requestId, apiVersion }: RawItem,
  buffer: RawBuffer,
): Promise<void> {
  await buffer.add(object, apiVersion, { objectId: id, payload, requestRef: requestId });
  await landDiscounts(payload, apiVersion, requestId, buffer);
}

async function landDiscounts(
  text: string,
  apiVersion: string,
  requestRef: string | null,
  buffer: RawBuffer,
): Promise<void> {
  for (const payload of cutObjects(text, 'discount')) {
    const { id: objectId } = JSON.parse(payload) as { id?: unknown };
    if (typeof objectId === 'string')
      await buffer.add('discount', apiVersion, { objectId, payload, requestRef });
  }
}

interface Closing extends Omit<Taking, 'group' | 'reader'> {
  reader: WindowReader;
  startedAt: string;
}

/** Finds what is gone, proves what is there, and records the window. */
async function close(
  { window, last, tally, composed, unlike, gaps }: DueWindow,
  { reader, context, buffer, read, startedAt }: Closing,
): Promise<{ state: string; deletions: number }> {
  const { database, account, problems, clock, safeThrough } = context;
  const { object, question } = reader;
  const isSettled = window.to <= safeThrough;
  const idSetSha256 = tally.idSetSha256;
  const told = (message: string): void => void problems.push({ object, window, message });
  for (const message of unlike) told(message);
  const missed = { gone: 0, there: [] as string[] };
  const finding = { reader, context, buffer };
  if (isSettled && last !== undefined && last.idSetSha256 !== idSetSha256)
    Object.assign(missed, await findGone(window, tally, finding));
  if (isSettled && last !== undefined)
    missed.there.push(...(await findNamed(window, tally, finding, told)));
  const orphaned = reader.parents.filter((parent) =>
    context.unread.some((unread) => unread.object === parent),
  );
  let sourceTotal: SourceTotal;
  if (!isSettled) sourceTotal = { status: 'unavailable', reason: 'the window is not settled yet' };
  else if (missed.there.length > 0) {
    told(`the list left out ${named(missed.there)}, which Stripe still gives by id`);
    const query = `${question}; then by id: ${named(missed.there)}`;
    const said = `${named(missed.there)} is there by id only`;
    sourceTotal = { status: 'differs', totals: tally.totals, query, said };
  } else if (gaps.length > 0) {
    for (const gap of gaps) told(gap);
    const query = `${question}; then what each says of its ${reader.part?.name} by itself`;
    sourceTotal = { status: 'differs', totals: tally.totals, query, said: named(gaps, '; ') };
  } else if (orphaned.length > 0) {
    const said = `${named(orphaned)} was not read, by which it is asked for`;
    sourceTotal = { status: 'differs', totals: tally.totals, query: question, said };
  } else if (last === undefined)
    sourceTotal = { status: 'unavailable', reason: 'it is asked with the second read' };
  else sourceTotal = await reader.prove({ window, tally, composed });
  const recorded = await recordWindow(
    database,
    {
      ...{ source: 'stripe', account, object, ...window, apiVersion: stripeApiVersion },
      ...{ queryText: question, pages: read.pages, requestRefs: read.requestIds },
      ...{ extractIds: buffer.extractIds, rows: tally.rows, idSetSha256, totals: tally.totals },
      ...{ sourceTotal, startedAt, finishedAt: clock.now() },
    },
    safeThrough,
  );
  if (recorded.state === 'open' && last !== undefined && isSettled) told(recorded.reason);
  return { state: recorded.state, deletions: missed.gone };
}

/**
 * Asks for every object that is held in a window and was not on its list. What Stripe does not know
 * any more gets a tombstone; what it still gives was left out by the list.
 */
async function findGone(
  window: Span,
  tally: WindowTally,
  { reader, context, buffer }: Omit<Closing, 'read' | 'startedAt'>,
): Promise<{ gone: number; there: string[] }> {
  const { database, account } = context;
  const { object, instant, find } = reader;
  const held = await heldIds(database.app, { account, object, instant }, window);
  const missing = held.filter((id) => !tally.ids.has(id));
  const there: string[] = [];
  await inParallel(missing, atOnce, async (id) => {
    const found = find === null ? null : await find(id);
    if (found?.state === 'there') {
      there.push(id);
      await landItem(object, found.item, buffer);
      return;
    }
    await landGone(object, id, found, buffer);
  });
  await buffer.flush();
  return { gone: missing.length - there.length, there: there.sort() };
}

/**
 * Asks for every object that others name in a window and that was never held: the ids of those that
 * Stripe gives, and no list did. One that it does not give is told.
 */
async function findNamed(
  window: Span,
  tally: WindowTally,
  { reader, context, buffer }: Omit<Closing, 'read' | 'startedAt'>,
  told: (message: string) => void,
): Promise<string[]> {
  const { database, account, since } = context;
  const { object, find, changes } = reader;
  if (find === null) return [];
  const begin = new Date(firstDay(changes, since)).getTime() / 1000;
  const ids = await namedElsewhere(database.app, { account, object }, window);
  const there: string[] = [];
  await inParallel(
    ids.filter((id) => !tally.ids.has(id)),
    atOnce,
    async (id) => {
      const found = await find(id);
      if (found.state === 'gone' && found.payload === '')
        told(`${id} is named in ${namerOf(object)}, and Stripe does not give it`);
      else if (found.state === 'gone') await landGone(object, id, found, buffer);
      else if (found.item.created >= begin) {
        there.push(id);
        await landItem(object, found.item, buffer);
      }
    },
  );
  await buffer.flush();
  return there.sort();
}

/** A tombstone: with what Stripe said of it, or empty where it only is not there any more. */
export async function landGone(
  object: string,
  objectId: string,
  found: Omit<Extract<Found, { state: 'gone' }>, 'state'> | null,
  buffer: RawBuffer,
): Promise<void> {
  const apiVersion = found?.apiVersion === '' ? stripeApiVersion : found?.apiVersion;
  await buffer.add(object, apiVersion ?? stripeApiVersion, {
    objectId,
    payload: found?.payload ?? '',
    isDeleted: true,
    requestRef: found?.requestId ?? null,
  });
}
