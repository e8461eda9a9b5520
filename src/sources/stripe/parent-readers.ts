import type Stripe from 'stripe';
import type { Knex } from 'knex';
import { heldObjects, heldValues } from './held-objects';
import {
  IncompleteList,
  readWholeList,
  type CreatedRange,
  type RawItem,
  type WindowRead,
} from './read-window';
import { named } from './second-pass';
import type { Found, StripeLists } from './stripe-lists';
import { sideBySide } from './side-by-side';
import { splitList } from './split-list';
import type { ListQuery } from './streams';
import type { WindowReader } from './window-reader';

/** Parents that are asked at once. */
const atOnce = 8;

/** One question covers the windows of so many days: those that a night reads are one. */
const mostSummaryDays = 45;

interface ParentMeans {
  database: Knex;
  account: string;
  lists: StripeLists;
  /** Hears of payment records that are named and not there. */
  told: (message: string) => void;
}

const one = (reason: string): WindowReader['prove'] => {
  return () => Promise.resolve({ status: 'unavailable', reason });
};

/**
 * What Stripe gives of one parent at a time only: movements of a customer's balance and of credit
 * grants, what meters counted, payments made outside Stripe. Parents are those that are held, so
 * these are read after the objects that name them, and only for windows that can close.
 */
export function parentReaders(means: ParentMeans): WindowReader[] {
  return [
    customerBalance(means),
    creditBalance(means),
    paymentRecords(means),
    meterSummaries(means),
  ];
}

const base = {
  serves: 'all' as const,
  // Parents are asked side by side already.
  readingsAtOnce: 1,
  settledOnly: true,
  part: null,
  instant: 'created' as const,
  amount: null,
};

function customerBalance(means: ParentMeans): WindowReader {
  const endpoint = 'GET /v1/customers/:id/balance_transactions';
  return {
    ...base,
    object: 'customer_balance_transaction',
    parents: ['customer'],
    question: `${endpoint} of every customer`,
    amount: { field: 'amount', use: 'document' },
    changes: 'never',
    prove: one('Stripe lists the movements of one customer at a time, and counts none'),
    pages: (range, read) =>
      ofParents(heldObjects(means.database, means.account, 'customer'), (customer) =>
        newestFirst(
          means.lists,
          endpoint,
          (stripe, query) => stripe.customers.listBalanceTransactions(customer, query),
          { range, read },
        ),
      ),
    find: async (id) => {
      const customer = await ownerIn(means, 'customer_balance_transaction', id);
      return means.lists.get(
        {
          object: 'customer_balance_transaction',
          ...{ endpoint, expand: [], instant: 'created' },
          get: (stripe) => stripe.customers.retrieveBalanceTransaction(customer, id),
        },
        id,
      );
    },
  };
}

async function ownerIn(
  { database, account }: ParentMeans,
  object: string,
  id: string,
): Promise<string> {
  const result = await database.raw<{ rows: { customer: string | null }[] }>(
    `select payload::json ->> 'customer' as customer from books.raw_objects
     where source = 'stripe' and account = ? and object = ? and object_id = ?
     order by observed_at desc, raw_id desc limit 1`,
    [account, object, id],
  );
  return result.rows[0]?.customer ?? '';
}

function creditBalance(means: ParentMeans): WindowReader {
  const endpoint = 'GET /v1/billing/credit_balance_transactions';
  const { database, account, lists } = means;
  const object = 'billing.credit_balance_transaction';
  return {
    ...base,
    ...{ object, changes: 'never' as const },
    parents: ['billing.credit_grant'],
    question: `${endpoint} of every customer with a credit grant`,
    prove: one('Stripe lists the movements of one customer at a time, and counts none'),
    pages: (range, read) =>
      ofParents(
        once(() => heldValues(database, { account, object: 'billing.credit_grant' }, ['customer'])),
        (customer) =>
          newestFirst(
            lists,
            endpoint,
            (stripe, query) =>
              stripe.billing.creditBalanceTransactions.list({ ...query, customer }),
            // A movement takes effect when its grant does, which may be before it was made.
            { range: { ...range, from: 0 }, read },
          ),
      ),
    find: (id) =>
      lists.get(
        {
          ...{ object, endpoint, expand: [], instant: 'created' },
          get: (stripe) => stripe.billing.creditBalanceTransactions.retrieve(id),
        },
        id,
      ),
  };
}

function paymentRecords({ database, account, lists, told }: ParentMeans): WindowReader {
  const object = 'payment_record';
  const endpoint = 'GET /v1/payment_records';
  const get = (id: string): Promise<Found> =>
    lists.get(
      {
        ...{ object, endpoint, expand: [], instant: 'created' },
        get: (stripe) => stripe.paymentRecords.retrieve(id),
      },
      id,
    );
  const path = ['payment', 'payment_record'];
  const missing: string[] = [];
  return {
    ...base,
    ...{ object, find: get, changes: { days: 180 } },
    parents: ['invoice_payment'],
    question: `${endpoint}/:id of every record that an invoice payment names`,
    // When one that is missing was made is not known: no window of them is proven.
    prove: () =>
      Promise.resolve(
        missing.length > 0
          ? {
              status: 'differs',
              totals: [],
              query: `${endpoint}/:id, not given: ${named(missing)}`,
            }
          : { status: 'unavailable', reason: 'there is no list to hold the named ids against' },
      ),
    pages: (_, read) => {
      missing.length = 0;
      return ofParents(
        once(() => heldValues(database, { account, object: 'invoice_payment' }, path)),
        async function* (id) {
          const found = await get(id);
          read.pages += 1;
          if (found.state === 'gone') {
            told(`${id} is named by an invoice payment, and Stripe does not give it`);
            missing.push(id);
            return;
          }
          read.rows += 1;
          read.requestIds.push(found.item.requestId);
          yield [found.item];
        },
      );
    },
  };
}

/**
 * Hour by hour, as the product counts (CONTROLS S24). A summary names no customer, and its own id
 * tells its place in one answer: it is landed under `<customer>/<meter>/<start>/<end>`, whatever
 * range it was asked for in.
 */
function meterSummaries(means: ParentMeans): WindowReader {
  const endpoint = 'GET /v1/billing/meters/:id/event_summaries';
  return {
    ...base,
    object: 'billing.meter_event_summary',
    parents: ['billing.meter', 'price', 'subscription', 'invoice'],
    question: `${endpoint} by hour, of every customer who has or was billed a price of the meter`,
    instant: 'start_time',
    serves: { days: mostSummaryDays },
    // Events are taken for 35 days after they happened, and may be corrected for a day.
    changes: { days: 36 },
    find: null,
    prove: one('a meter tells what it counted in one way only'),
    pages: (range, read) => summaryPages(means, endpoint, range, read),
  };
}

async function* summaryPages(
  { database, account, lists }: ParentMeans,
  endpoint: string,
  { from, to }: CreatedRange,
  read: WindowRead,
): AsyncGenerator<RawItem[]> {
  for await (const meters of heldObjects(database, account, 'billing.meter'))
    for (const meter of meters)
      yield* ofParents(
        once(() => meteredCustomers(database, account, meter)),
        async function* (customer) {
          let cursor: string | undefined;
          for (;;) {
            const answer = await lists.connection.ask(endpoint, (stripe) =>
              stripe.billing.meters.listEventSummaries(meter, {
                ...{ customer, start_time: from, end_time: to, limit: lists.pageSize },
                value_grouping_window: 'hour',
                ...(cursor === undefined ? {} : { starting_after: cursor }),
              }),
            );
            const page = splitList(answer.body);
            if (page === null)
              throw new IncompleteList(
                'not_a_list',
                `the answer to ${answer.requestId} is no list`,
              );
            read.pages += 1;
            read.requestIds.push(answer.requestId);
            const { requestId, apiVersion } = answer;
            const items = page.items.map((payload): RawItem => {
              const fields = JSON.parse(payload) as Record<string, unknown>;
              const { start_time: start, end_time: end } = fields;
              if (typeof start !== 'number' || typeof end !== 'number')
                throw new IncompleteList(
                  'object_without_id',
                  `a summary of ${requestId} does not say of which hour it is`,
                );
              const id = `${customer}/${meter}/${start}/${end}`;
              return { id, created: start, fields, payload, requestId, apiVersion };
            });
            read.rows += items.length;
            yield items;
            if (!page.hasMore) return;
            const last = items.at(-1)?.fields['id'];
            if (typeof last !== 'string' || last === cursor)
              throw new IncompleteList('empty_page_but_more', `the summaries of ${meter} go on`);
            cursor = last;
          }
        },
      );
}

/** Who has a price of the meter, or was billed by one. */
async function meteredCustomers(database: Knex, account: string, meter: string): Promise<string[]> {
  const result = await database.raw<{ rows: { id: string }[] }>(
    `with metered as (
       select price_id from books.prices
       where source = 'stripe' and source_account = ? and meter_id = ?)
     select s.customer_id as id from books.subscription_items i
       join books.subscriptions s using (subscription_id)
       where i.price_id in (select price_id from metered) and i.source_account = ?
     union
     select v.customer_id from books.invoice_lines l
       join books.invoices v using (invoice_id)
       where l.price_id in (select price_id from metered) and l.source_account = ?
     order by 1`,
    [account, meter, account, account],
  );
  return result.rows.map(({ id }) => id);
}

async function* once(values: () => Promise<string[]>): AsyncGenerator<string[]> {
  yield await values();
}

/** All pages of one parent that can hold something of the range, newest first. */
function newestFirst(
  lists: StripeLists,
  endpoint: string,
  list: (stripe: Stripe, query: ListQuery) => Promise<unknown>,
  { range, read }: { range: CreatedRange; read: WindowRead },
): AsyncGenerator<RawItem[]> {
  return readWholeList(
    (query) =>
      lists.connection.ask(endpoint, (stripe) => list(stripe, { ...query, limit: lists.pageSize })),
    read,
    ({ created }) => created >= range.from,
  );
}

/** What many parents give, some at a time. */
async function* ofParents(
  parents: AsyncGenerator<string[]>,
  pagesOf: (parent: string) => AsyncGenerator<RawItem[]>,
): AsyncGenerator<RawItem[]> {
  for await (const lot of parents) yield* sideBySide(lot, atOnce, pagesOf);
}
