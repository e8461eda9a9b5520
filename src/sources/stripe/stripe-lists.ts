import type Stripe from 'stripe';
import { IncompleteList, itemOf, type ListCall, type RawItem } from './read-window';
import { splitList } from './split-list';
import type { StripeAnswer, StripeConnection } from './stripe-connection';
import { StripeFault } from './stripe-fault';
import type { ListOf, ListQuery, StreamPart, StripeStream } from './streams';

/** What was found under an id. */
export type Found =
  | { state: 'there'; item: RawItem }
  /** Stripe does not know the id any more, or shows only that it is deleted. */
  | { state: 'gone'; payload: string; requestId: string; apiVersion: string };

/** All pages of a list inside an object, each byte for byte as it came. */
export interface PartPages {
  pages: string[];
  items: Readonly<Record<string, unknown>>[];
  requestIds: string[];
  apiVersion: string;
}

/** How often the pages of a part are read anew when its cursor is gone. */
const maxRestarts = 5;

/**
 * The lists of one account with all that shows only on request. A place that refuses to show
 * something is asked without it, and what it did not show is kept in `notShown`.
 */
export class StripeLists {
  /** 'GET /v1/invoices does not show amount_paid_off_stripe' */
  readonly notShown = new Set<string>();
  /** Endpoints whose list does not keep to `created`: it is read as a whole. */
  readonly unfiltered = new Set<string>();
  private readonly refused = new Map<string, Set<string>>();

  constructor(
    readonly connection: StripeConnection,
    /** Stripe gives 100 at most. */
    readonly pageSize = 100,
  ) {}

  /** A list as the window reader asks it. */
  list({ endpoint, expand }: StripeStream, list: ListOf): ListCall {
    const paths = expand.map((path) => `data.${path}`);
    return (query) =>
      this.showing(endpoint, paths, (stripe, shown) =>
        list(stripe, { ...query, limit: this.pageSize, ...shown }),
      );
  }

  /** An object by its id. Throws StripeFault for any answer that is neither it nor its absence. */
  async get(
    {
      object,
      endpoint,
      expand,
      get,
      instant,
    }: Pick<StripeStream, 'object' | 'endpoint' | 'expand' | 'get' | 'instant'>,
    id: string,
  ): Promise<Found> {
    if (get === null) throw new Error(`${object} cannot be had by id`);
    const at = `${endpoint}/:id`;
    let answer: StripeAnswer;
    try {
      answer = await this.showing(at, expand, (stripe, shown) => get(stripe, id, shown.expand));
    } catch (cause) {
      if (!(cause instanceof StripeFault) || cause.kind !== 'not_found') throw cause;
      const requestId = cause.origin.requestId ?? '';
      return { state: 'gone', payload: '', requestId, apiVersion: '' };
    }
    const payload = answer.body.trim();
    const { deleted } = (JSON.parse(payload) ?? {}) as { deleted?: unknown };
    if (deleted === true) return { state: 'gone', ...answer, payload };
    return { state: 'there', item: itemOf(payload, answer, instant) };
  }

  /** Every page of a list inside an object, from its first one. */
  async part(part: StreamPart, parent: string, limit = this.pageSize): Promise<PartPages> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return await this.partOnce(part, parent, limit);
      } catch (cause) {
        const isGone = cause instanceof StripeFault && cause.kind === 'not_found';
        if (!isGone || restarts === maxRestarts) throw cause;
      }
    }
  }

  /**
   * Reads a list inside an object once more, by pages of another size: ids that only one of the two
   * readings shows, and that size. A page that is lost every time is lost at another
   * place then. What a page that was not full held is not asked for again.
   */
  async partAgain(
    part: StreamPart,
    parent: string,
    first: PartPages,
  ): Promise<{ differing: string[]; limit: number }> {
    if (first.items.length < this.pageSize) return { differing: [], limit: this.pageSize };
    const limit = this.pageSize > 1 ? this.pageSize - 1 : 2;
    const again = await this.part(part, parent, limit);
    const ids = (read: PartPages): Set<string> => new Set(read.items.map(({ id }) => String(id)));
    return { differing: onlyOne(ids(first), ids(again)), limit };
  }

  private async partOnce(part: StreamPart, parent: string, limit: number): Promise<PartPages> {
    const read: PartPages = { pages: [], items: [], requestIds: [], apiVersion: '' };
    const paths = (part.expand ?? []).map((path) => `data.${path}`);
    let cursor: string | undefined;
    const cursors = new Set<string>();
    for (;;) {
      const query: ListQuery = {
        limit,
        ...(cursor ? { starting_after: cursor } : {}),
      };
      const answer = await this.showing(part.endpoint, paths, (stripe, shown) =>
        part.list(stripe, parent, { ...query, ...shown }),
      );
      const page = splitList(answer.body);
      if (page === null)
        throw new IncompleteList('not_a_list', `the answer to ${answer.requestId} is no list`);
      read.pages.push(answer.body.trim());
      read.requestIds.push(answer.requestId);
      read.apiVersion = answer.apiVersion;
      const items = page.items.map((text) => (JSON.parse(text) ?? {}) as Record<string, unknown>);
      read.items.push(...items);
      if (!page.hasMore) return read;
      const last = items.at(-1)?.['id'];
      if (typeof last !== 'string' || cursors.has(last))
        throw new IncompleteList(
          'empty_page_but_more',
          `a page of the ${part.name} of ${parent} said there was more, and showed nothing`,
        );
      cursors.add((cursor = last));
    }
  }

  private async showing(
    endpoint: string,
    wanted: readonly string[],
    call: (stripe: Stripe, shown: { expand: string[] }) => Promise<unknown>,
  ): Promise<StripeAnswer> {
    for (;;) {
      const refused = this.refused.get(endpoint);
      const expand = wanted.filter((path) => !refused?.has(path));
      try {
        return await this.connection.ask(endpoint, (stripe) => call(stripe, { expand }));
      } catch (cause) {
        if (expand.length === 0 || !isRefusedExpansion(cause)) throw cause;
        this.refuse(endpoint, expand, cause.message);
      }
    }
  }

  /** Leaves out what the message names; everything where it names nothing that was asked for. */
  private refuse(endpoint: string, expand: readonly string[], message: string): void {
    const named = expand.filter((path) => message.includes(`(${path.split('.').at(-1)})`));
    const refused = this.refused.get(endpoint) ?? new Set<string>();
    for (const path of named.length > 0 ? named : expand) {
      refused.add(path);
      this.notShown.add(`${endpoint} does not show ${path}`);
    }
    this.refused.set(endpoint, refused);
  }
}

const isRefusedExpansion = (cause: unknown): cause is StripeFault =>
  cause instanceof StripeFault && cause.kind === 'refused' && /expand/i.test(cause.message);

const onlyOne = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] => [
  ...[...a].filter((id) => !b.has(id)),
  ...[...b].filter((id) => !a.has(id)),
];
