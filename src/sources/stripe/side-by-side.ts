/**
 * What the generators of some items give, so many at a time, in the order in which it comes. Of
 * each the next page is asked for while the one before it is taken, and no further: memory holds
 * two pages of each. The first failure ends it; then, as when nobody takes any more, what is under
 * way is waited for, and nothing goes on behind anybody's back.
 */
export async function* sideBySide<Item, Page>(
  items: Iterable<Item>,
  atOnce: number,
  pagesOf: (item: Item) => AsyncGenerator<Page>,
): AsyncGenerator<Page> {
  type Pages = AsyncGenerator<Page>;
  const rest = items[Symbol.iterator]();
  const active = new Map<Pages, Promise<{ pages: Pages; came: IteratorResult<Page> }>>();
  const advance = (pages: Pages): void => {
    const next = pages.next().then((came) => ({ pages, came }));
    // Looked at in the next round, which may be later than it fails.
    next.catch(() => undefined);
    active.set(pages, next);
  };
  const begin = (): void => {
    const next = rest.next();
    if (next.done !== true) advance(pagesOf(next.value));
  };
  try {
    for (let i = 0; i < atOnce; i += 1) begin();
    while (active.size > 0) {
      const { pages, came } = await Promise.race(active.values());
      if (came.done === true) {
        active.delete(pages);
        begin();
        continue;
      }
      advance(pages);
      yield came.value;
    }
  } finally {
    await Promise.allSettled(active.values());
    await Promise.allSettled([...active.keys()].map((pages) => pages.return(undefined)));
  }
}
