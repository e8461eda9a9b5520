import type { SourceTotal } from '../../books/window-state';
import type { Span } from './plan-windows';
import { secondsOf } from './plan-windows';
import { readList } from './read-list';
import { nothingRead } from './read-window';
import { StripeFault } from './stripe-fault';
import type { StripeLists } from './stripe-lists';
import type { StripeStream } from './streams';
import { WindowTally } from './window-tally';

/** Ids that are named in a message; the others are counted. */
const mostNamed = 5;

/**
 * Lists a window once more by another key, such as the status, and compares: the same ids and the
 * same sums. `told` hears which ids only one of the two passes showed.
 */
export async function secondPass(
  lists: StripeLists,
  stream: StripeStream,
  { window, tally }: { window: Span; tally: WindowTally },
  told: (message: string) => void,
): Promise<SourceTotal> {
  const { secondKey, endpoint } = stream;
  if (typeof secondKey === 'string') return { status: 'unavailable', reason: secondKey };
  const again = new WindowTally(stream.amount);
  const range = secondsOf(window);
  const lot = { range, read: nothingRead() };
  const shownBy: Set<string>[] = [];
  try {
    for (const { list } of secondKey.lists) {
      const shown = new Set<string>();
      for await (const items of readList(lists, stream, list, lot))
        for (const { id, created, fields } of items)
          if (created >= range.from && created < range.to) {
            again.note(id, fields);
            shown.add(id);
          }
      shownBy.push(shown);
    }
  } catch (cause) {
    if (!(cause instanceof StripeFault) || cause.kind !== 'refused') throw cause;
    return { status: 'unavailable', reason: `the list by ${secondKey.field} was refused` };
  }
  if (again.ids.size > 0 && shownBy.every(({ size }) => size === again.ids.size)) {
    const reason = `the list by ${secondKey.field} gives the same for every ${secondKey.field}`;
    return { status: 'unavailable', reason };
  }
  const values = secondKey.lists.map(({ value }) => value).join(', ');
  const query = `${endpoint}, once for each ${secondKey.field} of ${values}`;
  const missing = [...again.ids].filter((id) => !tally.ids.has(id));
  const extra = [...tally.ids].filter((id) => !again.ids.has(id));
  if (missing.length > 0)
    told(`by ${secondKey.field} there is ${named(missing)}, which the list by created left out`);
  if (extra.length > 0) told(`by ${secondKey.field} there is no ${named(extra)}`);
  const isSame = missing.length + extra.length === 0 && sameTotals(tally, again);
  return { status: isSame ? 'agrees' : 'differs', totals: again.totals, query };
}

export const sameTotals = (a: WindowTally, b: WindowTally): boolean =>
  JSON.stringify(a.totals) === JSON.stringify(b.totals);

/** 'in_1, in_2 and 3 more' */
export function named(ids: readonly string[], between = ', '): string {
  const rest = ids.length - mostNamed;
  const first = ids.slice(0, mostNamed).join(between);
  return rest > 0 ? `${first} and ${rest} more` : first;
}
