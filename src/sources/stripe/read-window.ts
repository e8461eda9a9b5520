import { splitList, type ListPage } from './split-list';
import type { StripeAnswer } from './stripe-connection';
import { StripeFault } from './stripe-fault';

/** Largest page Stripe gives. */
const pageSize = 100;

/** A stretch of `created`, in seconds, half-open. */
export interface CreatedRange {
  from: number;
  to: number;
}

/** An object as it came. */
export interface RawItem {
  id: string;
  /** Seconds. */
  created: number;
  /** The payload as parsed, to look at; what is kept is the payload. */
  fields: Readonly<Record<string, unknown>>;
  payload: string;
  requestId: string;
  apiVersion: string;
}

export interface ListParams {
  created?: { gte: number; lte: number };
  limit: number;
  starting_after?: string;
}

/** One page of the list under read. */
export type ListCall = (params: ListParams) => Promise<StripeAnswer>;

/** Field that a list is filtered and ordered by: an invoice item calls it its date. */
export type InstantField = 'created' | 'date';

/** What was read of a window. */
export interface WindowRead {
  pages: number;
  rows: number;
  requestIds: string[];
}

/** Thrown when a list contradicts itself: the window cannot be said to be read in full. */
export class IncompleteList extends Error {
  constructor(
    readonly reason:
      | 'not_a_list'
      | 'empty_page_but_more'
      | 'nothing_new_but_more'
      | 'out_of_window'
      | 'out_of_order'
      | 'object_without_id'
      | 'endless',
    message: string,
  ) {
    super(message);
    this.name = 'IncompleteList';
  }
}

interface Page extends ListPage {
  rows: RawItem[];
}

/**
 * Reads every object of a list whose `created` lies in the window, newest first, each id once, page
 * by page. No cursor is carried from page to page: the next page is asked for by the second that
 * the last one ended in, and that second is read again. A cursor whose object is deleted or changes
 * its place would lose what lies behind it (RELIABILITY §3.1). Only inside one second with more
 * objects than a page holds is there no other way than a cursor. Counts into `read`.
 */
export async function* readWindow(
  list: ListCall,
  range: CreatedRange,
  read: WindowRead,
  instant: InstantField = 'created',
): AsyncGenerator<RawItem[]> {
  const ask = asking(list, read, instant);
  let upper = range.to - 1;
  let seen = new Set<string>();
  while (upper >= range.from) {
    const page = await ask({ created: { gte: range.from, lte: upper } });
    yield* counted(
      page.rows.filter(({ id }) => !seen.has(id)),
      read,
    );
    const oldest = page.rows.at(-1);
    if (!page.hasMore) return;
    if (oldest === undefined) throw emptyButMore();
    if (oldest.created === upper && page.rows[0]?.created === upper) {
      for (const { id } of page.rows) seen.add(id);
      for await (const rows of wholeSecond(upper, seen, ask)) yield* counted(rows, read);
      upper -= 1;
      seen = new Set();
      continue;
    }
    upper = oldest.created;
    seen = new Set(page.rows.filter(({ created }) => created === upper).map(({ id }) => id));
  }
}

/** How often a list is read from its beginning when the object of its cursor is gone. */
const maxRestarts = 5;

/**
 * Reads a list that has no filter by `created`, in whatever order it comes, each id once. There the
 * only way on is a cursor; when its object is gone meanwhile, the list is read again from its
 * beginning. `goesOn` ends the reading early, where older objects are not wanted.
 */
export async function* readWholeList(
  list: ListCall,
  read: WindowRead,
  goesOn: (oldest: RawItem) => boolean = () => true,
  instant: InstantField = 'created',
): AsyncGenerator<RawItem[]> {
  const seen = new Set<string>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let restarts = 0; ;) {
    let page: Page;
    try {
      const after = cursor === undefined ? {} : { starting_after: cursor };
      page = await asking(list, read, instant)(after);
    } catch (cause) {
      if (cursor === undefined || !isGoneCursor(cause) || restarts === maxRestarts) throw cause;
      restarts += 1;
      cursor = undefined;
      cursors.clear();
      continue;
    }
    const fresh = page.rows.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    yield* counted(fresh, read);
    const last = page.rows.at(-1);
    if (!page.hasMore || (last && !goesOn(last))) return;
    if (last === undefined) throw emptyButMore();
    if (cursors.has(last.id)) throw sameButMore();
    cursors.add((cursor = last.id));
  }
}

const isGoneCursor = (cause: unknown): boolean =>
  cause instanceof StripeFault && cause.kind === 'not_found';

type Ask = (params: Omit<ListParams, 'limit'>) => Promise<Page>;

const asking =
  (list: ListCall, read: WindowRead, instant: InstantField): Ask =>
  async (params) => {
    const answer = await list({ ...params, limit: pageSize });
    read.pages += 1;
    read.requestIds.push(answer.requestId);
    return pageOf(answer, params.created, instant);
  };

function* counted(rows: RawItem[], read: WindowRead): Generator<RawItem[]> {
  read.rows += rows.length;
  if (rows.length > 0) yield rows;
}

/**
 * All of a second that fills a page, by itself; `seen` grows by it. Asked for alone, its first page
 * says whether the second itself goes on.
 */
async function* wholeSecond(
  second: number,
  seen: Set<string>,
  ask: Ask,
): AsyncGenerator<RawItem[]> {
  const created = { gte: second, lte: second };
  let page = await ask({ created });
  const cursors = new Set<string>();
  for (;;) {
    const fresh = page.rows.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    yield fresh;
    if (!page.hasMore) return;
    const last = page.rows.at(-1);
    if (last === undefined) throw emptyButMore();
    if (cursors.has(last.id)) throw sameButMore();
    cursors.add(last.id);
    page = await ask({ created, starting_after: last.id });
    if (page.rows.length === 0) throw emptyButMore();
  }
}

/** A count of nothing yet. */
export const nothingRead = (): WindowRead => ({ pages: 0, rows: 0, requestIds: [] });

const emptyButMore = (): IncompleteList =>
  new IncompleteList('empty_page_but_more', 'a page said there was more, and the next was empty');

const sameButMore = (): IncompleteList =>
  new IncompleteList(
    'nothing_new_but_more',
    'a page said there was more, and what followed had been there before',
  );

function pageOf(answer: StripeAnswer, created: ListParams['created'], instant: InstantField): Page {
  const page = splitList(answer.body);
  if (page === null)
    throw new IncompleteList('not_a_list', `the answer to ${answer.requestId} is no list`);
  const rows = page.items.map((payload) => itemOf(payload, answer, instant));
  if (created) mustBeInOrder(rows, created);
  return { ...page, rows };
}

function mustBeInOrder(rows: readonly RawItem[], { gte, lte }: { gte: number; lte: number }): void {
  let before = lte;
  for (const { id, created } of rows) {
    if (created > lte || created < gte)
      throw new IncompleteList(
        'out_of_window',
        `${id} of ${isoOf(created)} was listed, which is not within what was asked for`,
      );
    if (created > before)
      throw new IncompleteList(
        'out_of_order',
        `${id} of ${isoOf(created)} was listed after one of ${isoOf(before)}, not newest first`,
      );
    before = created;
  }
}

const isoOf = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** An object by its own text. Throws IncompleteList when it has no id or instant. */
export function itemOf(
  payload: string,
  { requestId, apiVersion }: Pick<StripeAnswer, 'requestId' | 'apiVersion'>,
  instant: InstantField,
): RawItem {
  const fields = (JSON.parse(payload) ?? {}) as Record<string, unknown>;
  const { id, [instant]: created } = fields;
  if (typeof id !== 'string' || typeof created !== 'number')
    throw new IncompleteList('object_without_id', `an object of ${requestId} has no id or created`);
  return { id, created, fields, payload, requestId, apiVersion };
}
