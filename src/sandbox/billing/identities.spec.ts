import * as fc from 'fast-check';
import { DAY, instantOf } from '../kit/instants';
import { rateOf } from '../kit/units';
import type { Billing, Invoice } from '../truth/billing';
import type { Price, PriceTier } from '../truth/catalog';
import type { Customer } from '../truth/company';
import type { BillingPlan, CouponPlan, ItemPlan, PlanChange } from '../truth/plan';
import type { Usage } from '../truth/usage';
import { bill } from './bill';
import { brokenIdentities } from './identities';
import {
  meteredPrice,
  sampleCharge,
  sampleContext,
  sampleCustomer,
  sampleItem,
  samplePlan,
  samplePrice,
  sampleSubscription,
} from './sample-plan';

const start = '2025-01-31T07:30:12Z';
const startAt = instantOf(start);

const currencies = ['EUR', 'USD', 'GBP', 'JPY', 'KWD', 'ISK', 'HUF'] as const;

const tiers: readonly PriceTier[] = [
  { upTo: 1_000n, unit: rateOf('0.25') },
  { upTo: 50_000n, unit: rateOf('0.123456789012') },
  { upTo: null, unit: rateOf('0.0625') },
];

const intervals = [
  { unit: 'month', count: 1 },
  { unit: 'month', count: 3 },
  { unit: 'year', count: 1 },
] as const;

/** A customer, what it bought and used: any combination that the plans of the sandbox can make. */
interface BillingCase {
  customer: Customer;
  plan: BillingPlan;
  usage: Usage;
}

const arbitraryCase: fc.Arbitrary<BillingCase> = fc
  .record({
    currency: fc.constantFrom(...currencies),
    entity: fc.constantFrom('ni-us' as const, 'ni-ie' as const),
    tax: fc.constantFrom('none', 'eu_vat', 'us_sales_tax', 'jp_inclusive', 'eu_reverse_charge'),
    taxRate: fc.constantFrom(82_500n, 230_000n, 100_000n),
    segment: fc.constantFrom('self_serve' as const, 'team' as const, 'sales_led' as const),
    units: fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 3 }),
    interval: fc.constantFrom(...intervals),
    metered: fc.constantFrom('graduated', 'volume', 'flat', null),
    mode: fc.constantFrom('classic' as const, 'flexible' as const),
    sends: fc.boolean(),
    trialDays: fc.constantFrom(0, 0, 14),
    anchorDays: fc.constantFrom(0, 0, 11),
    coupon: fc.constantFrom('percent', 'amount', null),
    duration: fc.constantFrom('once' as const, 'repeating' as const, 'forever' as const),
    method: fc.constantFrom('card' as const, 'ach_debit' as const, 'wire' as const),
    changes: fc.uniqueArray(
      fc.record({
        days: fc.integer({ min: 1, max: 500 * DAY }),
        kind: fc.constantFrom('quantity', 'price', 'cancel', 'pause', 'add', 'remove'),
        size: fc.integer({ min: 0, max: 60 }),
        proration: fc.constantFrom('create_prorations' as const, 'always_invoice' as const),
      }),
      { maxLength: 5, selector: ({ days }) => days },
    ),
    grant: fc.constantFrom(0, 500, 250_000),
    usage: fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 1e6 })), {
      maxLength: 60,
    }),
    failure: fc.constantFrom(0, 0.5),
  })
  .map(caseOf);

type Draw = Parameters<typeof caseOf>[0];

function caseOf(draw: {
  currency: string;
  entity: Customer['entity'];
  tax: string;
  taxRate: bigint;
  segment: Customer['segment'];
  units: number[];
  interval: NonNullable<Price['interval']>;
  metered: string | null;
  mode: 'classic' | 'flexible';
  sends: boolean;
  trialDays: number;
  anchorDays: number;
  coupon: string | null;
  duration: CouponPlan['duration'];
  method: BillingPlan['paying']['method'];
  changes: {
    days: number;
    kind: string;
    size: number;
    proration: 'create_prorations' | 'always_invoice';
  }[];
  grant: number;
  usage: [number, number][];
  failure: number;
}): BillingCase {
  const trialEndAt = draw.trialDays === 0 ? null : startAt + draw.trialDays * DAY;
  const subscription = sampleSubscription(start, itemsOf(draw), {
    ...{ mode: draw.mode, collection: draw.sends ? 'send_invoice' : 'charge_automatically' },
    ...{ trialEndAt, anchorAt: (trialEndAt ?? startAt) + draw.anchorDays * DAY },
    ...{ couponKey: draw.coupon === null ? null : 'coupon', changes: changesOf(draw) },
  });
  const collection = draw.sends ? 'send_invoice' : 'charge_automatically';
  const unit = toGrain(BigInt(draw.units[0] ?? 1) * 3n, draw.currency);
  const charge = { currency: draw.currency, collection, unit } as const;
  return {
    customer: sampleCustomer({
      ...{ currency: draw.currency, entity: draw.entity, segment: draw.segment },
      ...{ taxStatus: draw.tax as Customer['taxStatus'], taxRate: draw.taxRate },
    }),
    plan: samplePlan({
      subscriptions: [subscription],
      oneOffs: [sampleCharge('2025-03-03T10:00:00Z', charge)],
      coupons: [couponOf(draw)],
      grants: grantsOf(draw),
      paying: {
        ...{ method: draw.method, failure: draw.failure, recovery: 0.5, daysToPay: 32 },
        ...{ refund: 0.3, dispute: 0.3 },
      },
    }),
    usage: usageOf(draw.usage),
  };
}

const toGrain = (amount: bigint, currency: string): bigint =>
  currency === 'KWD' ? amount * 10n : amount;

function itemsOf({ units, interval, metered, currency }: Draw): ItemPlan[] {
  const licensed = units.map((unit, i) => {
    const price = samplePrice(String(toGrain(BigInt(unit), currency)), { currency, interval });
    return sampleItem(price, { key: `item${String(i)}`, quantity: BigInt(i * 3 + 1) });
  });
  if (metered === null) return licensed;
  const flat = meteredPrice('0.000123456789', { currency });
  const tiersMode = metered === 'volume' ? 'volume' : 'graduated';
  const price = metered === 'flat' ? flat : ({ ...flat, unit: null, tiers, tiersMode } as const);
  return [...licensed, sampleItem(price, { key: 'meter' })];
}

function changesOf({ changes, units, currency, interval }: Draw): PlanChange[] {
  return changes
    .map(({ days, kind, size, proration }, i): PlanChange => {
      const at = startAt + days;
      const price = samplePrice(String(toGrain(BigInt(size * 77 + 5), currency)), {
        ...{ currency, interval: size % 4 === 0 ? { unit: 'month', count: 1 } : interval },
        id: `price_new_${String(i)}`,
      });
      const itemKey = `item${String(size % units.length)}`;
      switch (kind) {
        case 'quantity':
          return { at, kind, itemKey, quantity: BigInt(size), proration };
        case 'price':
          return { at, kind, itemKey, price, proration };
        case 'add':
          return {
            ...{ at, kind: 'add_item', proration },
            item: sampleItem(price, { key: `added${String(i)}`, quantity: BigInt(size) }),
          };
        case 'remove':
          return { at, kind: 'remove_item', itemKey, proration };
        case 'pause':
          return {
            ...{ at, kind, until: at + 40 * DAY },
            behavior:
              (['void', 'keep_as_draft', 'mark_uncollectible'] as const)[size % 3] ?? 'void',
          };
        default:
          return { at, kind: 'cancel', atPeriodEnd: size % 2 === 0, credit: size % 3 === 0 };
      }
    })
    .sort((a, b) => a.at - b.at);
}

const couponOf = ({ coupon, duration, currency }: Draw): CouponPlan => ({
  ...{ key: 'coupon', id: 'OFF', name: 'Off', duration, months: 3, promotionCode: null },
  percent: coupon === 'percent' ? 333_333n : null,
  amount: coupon === 'amount' ? toGrain(1_234n, currency) : null,
  createdAt: startAt,
});

const grantsOf = ({ grant, currency }: Draw): BillingPlan['grants'] =>
  grant === 0
    ? []
    : [
        {
          ...{ key: 'grant', id: 'credgr_1', category: 'paid', currency },
          amount: toGrain(BigInt(grant), currency),
          ...{ effectiveAt: startAt + DAY, expiresAt: startAt + 300 * DAY, boughtBy: 'charge' },
        },
      ];

function usageOf(days: readonly (readonly [number, number])[]): Usage {
  const byDay = new Map(days);
  const metered = [...byDay]
    .sort(([a], [b]) => a - b)
    .map(([day, quantity]) => {
      const at = startAt + day * DAY + 999;
      const hour = at - (at % 3_600);
      const firstAt = at;
      return {
        ...{ meter: 'input_tokens' as const, hour, firstAt, lastAt: at + 1, quantity, events: 1 },
        ingestedAt: at,
      };
    });
  return { store: metered, metered, errors: [], seats: [], batches: [] };
}

const billAt = ({ customer, plan, usage }: BillingCase, now: string): Billing => {
  const until = instantOf(now);
  const metered = usage.metered.filter(({ firstAt }) => firstAt <= until);
  return bill(customer, plan, { ...usage, metered }, sampleContext(now, { lookAlikes: true }));
};

const runs = { numRuns: 100 };

test('every finalised invoice and credit note keeps the identities of IN-01', () => {
  let documents = 0;
  fc.assert(
    fc.property(arbitraryCase, (one) => {
      const billing = billAt(one, '2026-12-01T00:00:00Z');
      documents += billing.invoices.length;
      expect(brokenIdentities(billing, one.customer)).toEqual([]);
    }),
    runs,
  );
  expect(documents).toBeGreaterThan(500);
});

test('no line stands on two invoices, none is lost, and a credit names lines that exist', () => {
  fc.assert(
    fc.property(arbitraryCase, (one) => {
      const { invoices, pendingItems } = billAt(one, '2026-12-01T00:00:00Z');
      const lines = [...invoices.flatMap((invoice) => invoice.lines)];
      lines.push(...pendingItems.map(({ line }) => line));
      const keys = new Set(lines.map(({ key }) => key));
      expect(keys.size).toBe(lines.length);
      expect(lines.flatMap(({ credits }) => credits).filter((key) => !keys.has(key))).toEqual([]);
    }),
    runs,
  );
});

test('the balance is the sum of its movements, and each knows where it left it', () => {
  fc.assert(
    fc.property(arbitraryCase, (one) => {
      const { balanceTransactions, balance } = billAt(one, '2026-12-01T00:00:00Z');
      let running = 0n;
      for (const { amount, endingBalance } of balanceTransactions) {
        running += amount;
        expect(endingBalance).toBe(running);
      }
      expect(balance).toBe(running);
    }),
    runs,
  );
});

test('no payment pays more than it brought, no refund gives back more than was charged', () => {
  fc.assert(
    fc.property(arbitraryCase, (one) => {
      const { invoices, payments, refunds } = billAt(one, '2026-12-01T00:00:00Z');
      for (const payment of payments) {
        const applied = invoices
          .flatMap(({ applications }) => applications)
          .filter(({ paymentKey, status }) => paymentKey === payment.key && status === 'paid')
          .reduce((sum, { paid }) => sum + (paid ?? 0n), 0n);
        const brought = payment.status === 'succeeded' ? payment.amount : 0n;
        const isCheckout = payment.key === 'charge';
        if (!isCheckout) expect(applied).toBe(brought);
        for (const charge of payment.charges) {
          const back = refunds
            .filter(({ chargeKey, status }) => chargeKey === charge.key && status !== 'failed')
            .reduce((sum, { amount }) => sum + amount, 0n);
          expect(back).toBe(charge.refunded);
          expect(back <= charge.amount).toBe(true);
        }
      }
    }),
    runs,
  );
});

const whatStays = (invoice: Invoice): unknown => [
  ...[invoice.id, invoice.createdAt, invoice.finalizedAt, invoice.number, invoice.startingBalance],
  invoice.lines.map(({ id, amount, discount, taxExclusive, taxInclusive, grantCredits }) => {
    return { id, amount, discount, taxExclusive, taxInclusive, grantCredits };
  }),
];

test('a later now adds to the history and changes nothing of it', () => {
  const early = '2025-09-17T11:12:13Z';
  fc.assert(
    fc.property(arbitraryCase, (one) => {
      const [before, after] = [billAt(one, early), billAt(one, '2026-12-01T00:00:00Z')];
      const known = after.invoices.slice(0, before.invoices.length);
      for (const [i, invoice] of before.invoices.entries()) {
        const later = known[i];
        expect(later?.id).toBe(invoice.id);
        if (later === undefined || invoice.finalizedAt === null) continue;
        expect(whatStays(later)).toEqual(whatStays(invoice));
      }
      const count = before.balanceTransactions.length;
      expect(after.balanceTransactions.slice(0, count)).toEqual(before.balanceTransactions);
      expect(after.payments.slice(0, before.payments.length).map(({ id }) => id)).toEqual(
        before.payments.map(({ id }) => id),
      );
      expect(after.creditNotes.slice(0, before.creditNotes.length).map(({ id }) => id)).toEqual(
        before.creditNotes.map(({ id }) => id),
      );
    }),
    runs,
  );
});

test('nothing has happened after now', () => {
  const now = '2025-09-17T11:12:13Z';
  const until = instantOf(now);
  fc.assert(
    fc.property(arbitraryCase, (one) => {
      const billing = billAt(one, now);
      const instants = billing.invoices.flatMap((invoice) => [
        ...[invoice.createdAt, invoice.finalizedAt, invoice.paidAt, invoice.voidedAt],
        ...invoice.applications.flatMap(({ createdAt, paidAt }) => [createdAt, paidAt]),
      ]);
      instants.push(
        ...billing.payments.flatMap(({ charges }) => charges.map((c) => c.succeededAt)),
      );
      instants.push(...billing.refunds.flatMap(({ createdAt, failedAt }) => [createdAt, failedAt]));
      instants.push(...billing.creditNotes.map(({ createdAt }) => createdAt));
      expect(instants.filter((at) => at !== null && at > until)).toEqual([]);
    }),
    runs,
  );
  expect(until % DAY).toBeGreaterThan(0);
});
