import type { RawItem, WindowRead } from './read-window';
import { named } from './second-pass';
import type { PartPages, StripeLists } from './stripe-lists';
import type { StreamPart } from './streams';

export interface ReadPart {
  items: PartPages['items'];
  /** Null where the object shows all of them itself. */
  pages: PartPages | null;
  /** Why they may not be all, in words. */
  doubt: string | null;
}

/** The items of a list inside an object: by its own pages where the object does not show all. */
export async function readPart(
  { id, fields }: RawItem,
  part: StreamPart,
  { lists, read }: { lists: StripeLists; read: WindowRead },
): Promise<ReadPart> {
  const wanted = part.isWanted ?? (({ [part.name]: list }) => goesOn(list));
  const shown = embedded(fields[part.name]);
  if (!wanted(fields)) return { items: shown, pages: null, doubt: null };
  const pages = await lists.part(part, id);
  read.pages += pages.pages.length;
  read.requestIds.push(...pages.requestIds);
  const given = new Set(pages.items.map((item) => item['id']));
  const left = shown.filter((item) => !given.has(item['id'])).map((item) => String(item['id']));
  if (left.length > 0)
    return { items: pages.items, pages, doubt: `${id} shows ${named(left)}, and its pages do not` };
  if (part.isReadTwice !== true) return { items: pages.items, pages, doubt: null };
  const { differing, limit } = await lists.partAgain(part, id, pages);
  const doubt =
    `${id} shows other ${part.name} by pages of ${lists.pageSize} and of ${limit}: ` +
    `${named(differing)} by one of them only`;
  return { items: pages.items, pages, doubt: differing.length === 0 ? null : doubt };
}

const goesOn = (list: unknown): boolean =>
  typeof list === 'object' && list !== null && Reflect.get(list, 'has_more') === true;

function embedded(list: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof list !== 'object' || list === null) return [];
  const data: unknown = Reflect.get(list, 'data');
  return Array.isArray(data) ? (data as Readonly<Record<string, unknown>>[]) : [];
}
