import type { Clock } from '../../src/platform/clock';
import type { StripeConfig } from '../../src/platform/source-config';
import { createLogger } from '../../src/platform/logger';
import type { Faults } from '../../src/sandbox/stripe/server/faults';
import {
  startStripeStandIn,
  type StripeStandIn,
} from '../../src/sandbox/stripe/server/start-stripe-stand-in';
import { MemoryStore } from '../../src/sandbox/stripe/store/memory-store';
import { specWorld } from '../../src/sandbox/stripe/stripe-spec-world';
import type { StripeRecord } from '../../src/sandbox/world/records';
import { entities } from '../../src/sandbox/truth/company';
import { stripeCurrency } from '../../src/sources/stripe/mapping/stripe-currency';
import { major } from '../../src/sources/stripe/mapping/stripe-values';
import type { StripeSync } from '../../src/sources/stripe/sync-report';
import {
  syncStripe,
  type StripeAccount,
  type StripeMeans,
} from '../../src/sources/stripe/sync-stripe';
import type { TestDatabase } from './database';

const entity = 'ni-ie';

/** A clock that a test moves. */
export class MovedClock implements Clock {
  constructor(private ms: number) {}

  now(): string {
    return new Date(this.ms).toISOString();
  }
  move(minutes: number): void {
    this.ms += minutes * 60_000;
  }
}

/** A small company's Irish account, behind a stand-in that speaks HTTP. */
export interface StripeBench {
  standIn: StripeStandIn;
  records: StripeRecord[];
  account: StripeAccount;
  clock: MovedClock;
  /** A key that can change charges, and one that may not read invoices. */
  writer: string;
  blind: string;
  sync(database: TestDatabase, more?: Partial<StripeMeans>): Promise<StripeSync>;
}

const permissions = [
  ...['customer', 'product', 'plan', 'coupon', 'promotion_code', 'subscription', 'invoice'],
  ...['payment_intent', 'charge', 'dispute', 'credit_note', 'balance_transaction_source', 'payout'],
  ...['event', 'payment_record', 'billing_meter', 'billing_credit_grant', 'balance', 'file'],
  ...['accounts_kyc_basic'],
].map((name) => `${name}_read`);

const worlds = new Map<string, StripeRecord[]>();

function recordsAt(now: string): StripeRecord[] {
  const known = worlds.get(now);
  if (known) return known;
  const made = specWorld(0.002, now, 0.5).records.filter((one) => one.entity === entity);
  const seen = new Set<string>();
  // A coupon that several customers hold comes with each of them.
  const records = made.filter(({ collection, id }) => {
    const key = `${collection}/${id}`;
    return !seen.has(key) && Boolean(seen.add(key));
  });
  worlds.set(now, records);
  return records;
}

export async function openStripeBench({
  now,
  since,
  faults,
  more = [],
}: {
  now: string;
  since: string;
  faults?: Faults;
  more?: StripeRecord[];
}): Promise<StripeBench> {
  const clock = new MovedClock(new Date(now).getTime());
  const records = [...recordsAt(now), ...more];
  const secret = 'rk_live_51NIieReads7Yx2';
  const [writer, blind] = ['rk_live_51NIieWrites4Zk8', 'rk_live_51NIieBlind9Lm3'];
  const reading = [...permissions, 'report_runs_and_report_types_write'];
  const standIn = await startStripeStandIn({
    store: new MemoryStore(records),
    accounts: [
      {
        entity,
        id: entities[entity].stripeAccount,
        keys: [
          { secret, permissions: reading },
          { secret: writer, permissions: [...reading, 'charge_write'] },
          { secret: blind, permissions: reading.filter((name) => name !== 'invoice_read') },
        ],
      },
    ],
    clock,
    ...(faults ? { faults } : {}),
  });
  const config: StripeConfig = {
    ...{ entity, key: secret, api_url: standIn.url, since, settle_minutes: 15 },
    ...{ requests_per_second: 100, metadata_prefix: 'salesforce_' },
  };
  const account = { name: 'ie', config, entity: { entityId: entity, bookZone: 'Europe/Dublin' } };
  const logger = createLogger({ level: 'error' });
  const sleep = (): Promise<void> => Promise.resolve();
  return {
    ...{ standIn, records, account, clock, writer, blind },
    sync: (database, means = {}) =>
      syncStripe(database, account, { clock, logger, sleep, ...means }),
  };
}

/** How many there are of something, and what they add up to by currency, in major units. */
export interface Held {
  count: number;
  sums: Record<string, string>;
}

type Fields = Readonly<Record<string, unknown>>;

/** What of the world stands in which table of the books, and what is summed up there. */
const places: readonly {
  collections: string[];
  table: string;
  id: string;
  amount?: { field: string; column: string; sign?: 1n | -1n };
}[] = [
  { collections: ['products'], table: 'products', id: 'product_id' },
  { collections: ['prices'], table: 'prices', id: 'price_id' },
  { collections: ['coupons'], table: 'coupons', id: 'coupon_id' },
  { collections: ['discounts'], table: 'discounts', id: 'discount_id' },
  { collections: ['billing_meters'], table: 'meters', id: 'meter_id' },
  { collections: ['customers'], table: 'customers', id: 'customer_id' },
  { collections: ['subscriptions'], table: 'subscriptions', id: 'subscription_id' },
  { collections: ['subscription_items'], table: 'subscription_items', id: 'subscription_item_id' },
  {
    collections: ['subscription_schedules'],
    ...{ table: 'subscription_schedule_phases', id: 'schedule_id' },
  },
  {
    ...{ collections: ['invoices'], table: 'invoices', id: 'invoice_id' },
    amount: { field: 'total', column: 'total' },
  },
  {
    ...{ collections: ['invoice_line_items'], table: 'invoice_lines', id: 'invoice_line_id' },
    amount: { field: 'amount', column: 'amount' },
  },
  {
    ...{ collections: ['invoice_payments'], table: 'invoice_payments', id: 'invoice_payment_id' },
    amount: { field: 'amount_requested', column: 'amount_requested' },
  },
  {
    ...{ collections: ['invoiceitems'], table: 'invoice_items', id: 'invoice_item_id' },
    amount: { field: 'amount', column: 'amount' },
  },
  {
    ...{ collections: ['payment_intents'], table: 'payment_intents', id: 'payment_intent_id' },
    amount: { field: 'amount', column: 'amount' },
  },
  { collections: ['charges', 'payment_records'], table: 'payments', id: 'payment_id' },
  {
    ...{ collections: ['refunds'], table: 'refunds', id: 'refund_id' },
    amount: { field: 'amount', column: 'amount' },
  },
  { collections: ['disputes'], table: 'disputes', id: 'dispute_id' },
  {
    ...{ collections: ['credit_notes'], table: 'credit_notes', id: 'credit_note_id' },
    amount: { field: 'amount', column: 'amount' },
  },
  {
    collections: ['credit_note_line_items'],
    ...{ table: 'credit_note_lines', id: 'credit_note_line_id' },
  },
  {
    collections: ['customer_balance_transactions'],
    ...{ table: 'customer_credit_transactions', id: 'transaction_id' },
    amount: { field: 'amount', column: 'delta_credit', sign: -1n },
  },
  { collections: ['credit_grants'], table: 'credit_grants', id: 'grant_id' },
  {
    collections: ['credit_balance_transactions'],
    ...{ table: 'credit_grant_transactions', id: 'transaction_id' },
  },
  {
    collections: ['balance_transactions'],
    ...{ table: 'balance_transactions', id: 'balance_transaction_id' },
    amount: { field: 'net', column: 'net' },
  },
  {
    ...{ collections: ['payouts'], table: 'payouts', id: 'payout_id' },
    amount: { field: 'amount', column: 'amount' },
  },
];

/** Collections that are read whatever their age, because documents of today name them. */
const masters = new Set([
  ...['products', 'prices', 'coupons', 'discounts', 'billing_meters', 'customers'],
  ...['subscriptions', 'subscription_items', 'subscription_schedules', 'credit_grants'],
]);

/** What the books should hold of these records, read since that day, by table. */
export function heldByWorld(all: readonly StripeRecord[], since: string): Record<string, Held> {
  const from = new Date(since).getTime() / 1000;
  const records = all.filter(
    ({ collection, created }) => masters.has(collection) || created >= from,
  );
  const held: Record<string, Held> = {};
  for (const { collections, table, amount } of places) {
    const own = records.filter(({ collection }) => collections.includes(collection));
    const sums = new Map<string, bigint>();
    if (amount)
      for (const { object } of own) {
        const { [amount.field]: minor, currency } = object as Fields;
        const code = String(currency);
        sums.set(code, (sums.get(code) ?? 0n) + (amount.sign ?? 1n) * BigInt(Number(minor)));
      }
    held[table] = { count: own.length, sums: inMajor(sums) };
  }
  return held;
}

function inMajor(sums: ReadonlyMap<string, bigint>): Record<string, string> {
  return Object.fromEntries(
    [...sums].map(([code, minor]) => {
      const currency = stripeCurrency(code);
      if (!currency) throw new Error(`the world has the currency ${code}`);
      return [currency.code, Number(major(minor, currency)).toFixed(2)];
    }),
  );
}

/** What the books do hold. */
export async function heldByBooks(database: TestDatabase): Promise<Record<string, Held>> {
  const held: Record<string, Held> = {};
  for (const { table, id, amount } of places) {
    const counted = await database.app.raw<{ rows: { n: number }[] }>(
      `select count(distinct ${id})::int as n from books.${table}`,
    );
    const sums: Record<string, string> = {};
    if (amount) {
      const summed = await database.app.raw<{ rows: { currency: string; sum: string }[] }>(
        `select currency, round(sum(${amount.column}), 2)::text as sum from books.${table}
         group by currency`,
      );
      for (const { currency, sum } of summed.rows) sums[currency] = sum;
    }
    held[table] = { count: counted.rows[0]?.n ?? 0, sums };
  }
  return held;
}
