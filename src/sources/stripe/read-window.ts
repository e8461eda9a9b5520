import { splitList, type ListPage } from './split-list';
import type { StripeAnswer } from './stripe-connection';

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
  payload: string;
  requestId: string;
}

export interface ListParams {
  created: { gte: number; lte: number };
  limit: number;
  starting_after?: string;
}

/** One page of the list under read. */
export type ListCall = (params: ListParams) => Promise<StripeAnswer>;

/** What was read of a window. */
export interface WindowRead {
  pages: number;
  rows: number;
  requestIds: string[];
}

/** Thrown when a list contradicts itself: the window cannot be said to be read in full. */
export class IncompleteList extends Error {
  constructor(
    readonly reason: 'not_a_list' | 'empty_page_but_more' | 'out_of_order' | 'object_without_id',
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
): AsyncGenerator<RawItem[]> {
  const ask = asking(list, read);
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

type Ask = (params: Omit<ListParams, 'limit'>) => Promise<Page>;

const asking =
  (list: ListCall, read: WindowRead): Ask =>
  async (params) => {
    const answer = await list({ ...params, limit: pageSize });
    read.pages += 1;
    read.requestIds.push(answer.requestId);
    return pageOf(answer, params.created);
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
  for (;;) {
    const fresh = page.rows.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    yield fresh;
    if (!page.hasMore) return;
    const last = page.rows.at(-1);
    if (last === undefined) throw emptyButMore();
    page = await ask({ created, starting_after: last.id });
    if (page.rows.length === 0) throw emptyButMore();
  }
}

/** A count of nothing yet. */
export const nothingRead = (): WindowRead => ({ pages: 0, rows: 0, requestIds: [] });

const emptyButMore = (): IncompleteList =>
  new IncompleteList('empty_page_but_more', 'a page said there was more, and the next was empty');

function pageOf(answer: StripeAnswer, { gte, lte }: ListParams['created']): Page {
  const page = splitList(answer.body);
  if (page === null)
    throw new IncompleteList('not_a_list', `the answer to ${answer.requestId} is no list`);
  const rows = page.items.map((payload) => itemOf(payload, answer.requestId));
  let before = lte;
  for (const { id, created } of rows) {
    if (created > before || created < gte)
      throw new IncompleteList('out_of_order', `${id} stands outside its page's order`);
    before = created;
  }
  return { ...page, rows };
}

function itemOf(payload: string, requestId: string): RawItem {
  const { id, created } = JSON.parse(payload) as { id?: unknown; created?: unknown };
  if (typeof id !== 'string' || typeof created !== 'number')
    throw new IncompleteList('object_without_id', `an object of ${requestId} has no id or created`);
  return { id, created, payload, requestId };
}
