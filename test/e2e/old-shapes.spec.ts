import { mapRaws } from '../../src/books/map-raws';
import type { ObjectMapping } from '../../src/books/mapping';
import { stripeMappings } from '../../src/sources/stripe/mapping/stripe-mappings';
import type { StripeContext } from '../../src/sources/stripe/mapping/stripe-values';
import { stripeApiVersion } from '../../src/sources/stripe/stripe-connection';
import { splitList } from '../../src/sources/stripe/split-list';
import { openStripeBench, type StripeBench } from '../support/stripe-account';

/** Before an invoice had many payments, and lines a parent (CONTROLS §1.2). */
const preBasil = '2024-09-30.acacia';

let bench: StripeBench;
beforeAll(async () => {
  bench = await openStripeBench({ now: '2025-07-03T09:00:00.000Z', since: '2025-06-01' });
});
afterAll(() => bench.standIn.stop());

const context: StripeContext = {
  ...{ entityId: 'ni-ie', bookZone: 'Europe/Dublin' },
  ...{ livemode: true, metadataPrefix: 'salesforce_' },
};

/** Payloads of one page, by id, in the shape of a version; null: that of the SDK. */
async function payloads(path: string, version: string | null): Promise<Map<string, string>> {
  const answer = await fetch(`${bench.standIn.url}/v1/${path}`, {
    headers: {
      authorization: `Bearer ${bench.account.config.key}`,
      ...(version === null ? {} : { 'stripe-version': version }),
    },
  });
  const body = await answer.text();
  const page = splitList(body);
  if (page === null || !answer.ok) throw new Error(`${path}: ${body}`);
  return new Map(page.items.map((text) => [(JSON.parse(text) as { id: string }).id, text]));
}

type Rows = Record<string, Record<string, unknown>[]>;

function rowsOf(
  mapping: ObjectMapping<StripeContext>,
  found: ReadonlyMap<string, string>,
  apiVersion: string | null,
): Rows[] {
  const raws = [...found].map(([objectId, payload]) => ({
    ...{ object: mapping.object, objectId, payload, apiVersion },
    ...{ observedAt: '2025-07-03T09:00:00Z', extractId: 'x', isDeleted: false, payloadSha256: '' },
  }));
  const of = { source: 'stripe', account: 'ie' };
  return mapRaws(raws, mapping, of, context).map((one) => {
    if (one.problem) throw one.problem;
    return one.rows;
  });
}

/** `table.column`: told by both shapes and different; or told by today's alone. */
function compared(before: readonly Rows[], today: readonly Rows[]) {
  const found = { different: new Set<string>(), untold: new Set<string>() };
  for (const [i, rows] of today.entries()) {
    for (const [table, now] of Object.entries(rows)) {
      // Today a payment of an invoice is an object of its own.
      if (table === 'invoice_payments') continue;
      const old = before[i]?.[table] ?? [];
      expect([table, old.length]).toEqual([table, now.length]);
      for (const [n, row] of now.entries())
        for (const [column, value] of Object.entries(row)) {
          const was = old[n]?.[column] ?? null;
          if (value === null || JSON.stringify(was) === JSON.stringify(value)) continue;
          (was === null ? found.untold : found.different).add(`${table}.${column}`);
        }
    }
  }
  return { different: [...found.different].sort(), untold: [...found.untold].sort() };
}

/** What old shapes tell less of, or not at all: mappings cannot know it. */
const lists: [object: string, path: string, different: string[], untold: string[]][] = [
  // A line had its price with it, and so its kind; what was paid too much was in the balance alone.
  [
    'invoice',
    'invoices?limit=100',
    ['invoice_lines.line_type', 'invoices.amount_overpaid', 'invoices.amount_paid'],
    [],
  ],
  ['invoiceitem', 'invoiceitems?limit=100', [], []],
  // One period for all items, that of the one that ends first.
  [
    ...(['subscription', 'subscriptions?limit=100&status=all'] as const),
    ['subscription_items.period_start_at'],
    ['subscriptions.billing_mode'],
  ],
  ['charge', 'charges?limit=100', [], []],
  ['payment_intent', 'payment_intents?limit=100', [], []],
  ['credit_note', 'credit_notes?limit=100', [], []],
  ['price', 'prices?limit=100&expand[]=data.tiers', [], []],
  ['coupon', 'coupons?limit=100', [], []],
];

test.each(lists)(
  '%s: the shape before basil gives the same rows',
  async (object, path, different, untold) => {
    const mapping = stripeMappings.find((one) => one.object === object);
    if (!mapping) throw new Error(`nothing maps ${object}`);
    const [today, before] = [await payloads(path, null), await payloads(path, preBasil)];
    expect(today.size).toBeGreaterThan(0);
    expect([...before.keys()]).toEqual([...today.keys()]);
    const rows = [
      rowsOf(mapping, before, preBasil),
      rowsOf(mapping, today, stripeApiVersion),
    ] as const;
    expect(compared(...rows)).toEqual({ different, untold });
  },
);
