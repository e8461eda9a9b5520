import {
  IncompleteList,
  readWholeList,
  readWindow,
  type CreatedRange,
  type ListCall,
  type RawItem,
  type WindowRead,
} from './read-window';
import type { StripeLists } from './stripe-lists';
import type { ListOf, StripeStream } from './streams';

/** Pages of a list that is read as a whole where it should be read by `created`. */
const mostWholePages = 10_000;

/**
 * Every object of a list that lies in the range. Stripe filters its lists by `created` and gives
 * them newest first; a stand-in may do neither. Where one is seen not to, its whole list is read in
 * the place of each window, in whatever order it comes, and `lists.unfiltered` says so.
 */
export async function* readList(
  lists: Pick<StripeLists, 'list' | 'unfiltered'>,
  stream: StripeStream,
  list: ListOf,
  { range, read }: { range: CreatedRange; read: WindowRead },
): AsyncGenerator<RawItem[]> {
  const call = lists.list(stream, list);
  const { endpoint, instant } = stream;
  if (stream.by === 'whole') {
    yield* readWholeList(call, read);
    return;
  }
  if (!lists.unfiltered.has(endpoint))
    try {
      yield* readWindow(call, range, read, instant);
      return;
    } catch (cause) {
      if (!isOtherOrder(cause)) throw cause;
      lists.unfiltered.add(endpoint);
    }
  // What the window gave before is given again: an object counts once, by its id.
  for await (const items of readWholeList(limited(call, endpoint), read, undefined, instant))
    yield items.filter(({ created }) => created >= range.from && created < range.to);
}

const isOtherOrder = (cause: unknown): boolean =>
  cause instanceof IncompleteList &&
  (cause.reason === 'out_of_window' || cause.reason === 'out_of_order');

function limited(call: ListCall, endpoint: string): ListCall {
  let pages = 0;
  return (query) => {
    if (pages === mostWholePages)
      throw new IncompleteList(
        'endless',
        `${endpoint} does not keep to created, and goes on after ${mostWholePages} pages`,
      );
    pages += 1;
    return call(query);
  };
}
