import { isoInstant } from '../kit/instants';
import type { Billing, Invoice } from '../truth/billing';
import type { BillingPlan, PayingHabit, SubscriptionPlan } from '../truth/plan';
import { handsOn } from './actors';
import { bill } from './bill';
import { brokenIdentities } from './identities';
import {
  sampleCharge,
  sampleContext,
  sampleCustomer,
  sampleItem,
  samplePlan,
  samplePrice,
  sampleSubscription,
  sampleUsage,
} from './sample-plan';

const card: PayingHabit = {
  ...{ method: 'card', failure: 0, recovery: 1, daysToPay: 30, refund: 0, dispute: 0 },
};

function collected(
  paying: Partial<PayingHabit>,
  now: string,
  rest: Partial<SubscriptionPlan> = {},
  plan: Partial<BillingPlan> = {},
): Billing {
  const item = sampleItem(samplePrice('2000'));
  const subscription = sampleSubscription('2026-01-10T12:00:00Z', [item], rest);
  const whole = { subscriptions: [subscription], paying: { ...card, ...paying }, ...plan };
  const billing = bill(sampleCustomer(), samplePlan(whole), sampleUsage(), sampleContext(now));
  expect(brokenIdentities(billing, sampleCustomer())).toEqual([]);
  return billing;
}

const brief = ({ status, attempts, totals }: Invoice) => [
  ...[status, attempts, totals.amountPaid, totals.amountRemaining],
];

describe('a card that fails', () => {
  const never = { failure: 1, recovery: 0 };

  test('is tried four times, then the invoice is uncollectible and the subscription over', () => {
    const billing = collected(never, '2026-06-01T00:00:00Z');
    expect(billing.invoices.map(brief)).toEqual([
      ['paid', 1, 2000n, 0n],
      ['uncollectible', 4, 0n, 2000n],
    ]);
    const [, invoice] = billing.invoices;
    const tried = billing.payments[1]?.charges.map(({ createdAt, status }) => {
      return [Math.round((createdAt - (invoice?.finalizedAt ?? 0)) / 86_400), status];
    });
    expect(tried).toEqual([
      [0, 'failed'],
      [3, 'failed'],
      [8, 'failed'],
      [15, 'failed'],
    ]);
    const [subscription] = billing.subscriptions;
    expect(subscription?.status).toBe('canceled');
    expect(subscription?.endedAt).toBe(invoice?.uncollectibleAt);
  });

  test('leaves the subscription past due in between, and the invoice open', () => {
    const { invoices, subscriptions } = collected(never, '2026-02-15T00:00:00Z');
    expect(invoices.map(brief)[1]).toEqual(['open', 2, 0n, 2000n]);
    expect(invoices[1]?.nextAttemptAt).toBeGreaterThan(invoices[1]?.createdAt ?? 0);
    expect(subscriptions[0]?.status).toBe('past_due');
  });

  test('ends unpaid where the subscription says so; what follows stays a draft', () => {
    const metadata = { after_retries: 'unpaid' };
    const { invoices, subscriptions } = collected(never, '2026-04-01T00:00:00Z', { metadata });
    expect(invoices.map(({ status, autoAdvance }) => [status, autoAdvance])).toEqual([
      ['paid', true],
      ['open', false],
      ['draft', false],
    ]);
    expect(subscriptions[0]?.status).toBe('unpaid');
  });

  test('is made good by a retry', () => {
    const billing = collected({ failure: 1, recovery: 1 }, '2026-03-01T00:00:00Z');
    const [, invoice] = billing.invoices;
    expect(invoice?.status).toBe('paid');
    expect(invoice?.attempts).toBeGreaterThan(1);
    expect(billing.payments[1]?.charges.at(-1)?.status).toBe('succeeded');
    expect(billing.subscriptions[0]?.status).toBe('active');
  });
});

test('a debit leaves the invoice open until the money is there, four business days later', () => {
  const method = 'ach_debit' as const;
  const early = collected({ method }, '2026-01-13T00:00:00Z');
  expect(early.invoices.map(brief)).toEqual([['open', 1, 0n, 2000n]]);
  expect(early.payments[0]?.status).toBe('processing');
  const later = collected({ method }, '2026-01-20T00:00:00Z');
  expect(later.invoices.map(brief)).toEqual([['paid', 1, 2000n, 0n]]);
  // 2026-01-10 is a Saturday.
  expect(isoInstant(later.payments[0]?.charges[0]?.succeededAt ?? 0).slice(0, 10)).toBe(
    '2026-01-15',
  );
});

test('a debit that came back and was made again is a payment of the invoice of its own', () => {
  const oneOffs = Array.from({ length: 800 }, (_, i) =>
    sampleCharge('2026-01-10T12:30:00Z', { key: `charge${String(i)}`, unit: 900_000n }),
  );
  const billing = collected({ method: 'ach_debit' }, '2026-04-01T00:00:00Z', {}, { oneOffs });
  const again = billing.invoices
    .map(({ applications }) => applications)
    .filter(({ length }) => length > 1);
  expect(again.length).toBeGreaterThan(0);
  for (const [first, second] of again) {
    expect([first?.status, second?.status]).toEqual(['canceled', 'paid']);
    expect(second?.id).not.toBe(first?.id);
    expect(first?.canceledAt).toBeGreaterThan(first?.createdAt ?? 0);
  }
});

test('a wire is recorded outside Stripe, and what Stripe would have tried is cancelled', () => {
  const sent = { collection: 'send_invoice', daysUntilDue: 30 } as const;
  const { invoices, payments } = collected({ method: 'wire' }, '2026-04-05T00:00:00Z', sent);
  const [invoice] = invoices;
  expect(invoice?.status).toBe('paid');
  expect(invoice?.paidOffStripe).toBe(2000n);
  expect((invoice?.dueAt ?? 0) - (invoice?.finalizedAt ?? 0)).toBe(30 * 86_400);
  const own = payments.filter(({ key }) => key.startsWith(`${invoice?.key ?? ''}/`));
  expect(own.map(({ kind, status }) => [kind, status])).toEqual([
    ['payment_intent', 'canceled'],
    ['payment_record', 'succeeded'],
  ]);
  expect(own[1]?.wire?.reference).toBe(`INV ${invoice?.number ?? ''}`);
});

test.each([
  ['void', 'void', 0n],
  ['mark_uncollectible', 'uncollectible', 0n],
  ['keep_as_draft', 'paid', 2000n],
] as const)('an invoice of a pause to %s is %s in the end', (behavior, status, paid) => {
  const at = Date.parse('2026-02-01T00:00:00Z') / 1000;
  const changes = [{ at, kind: 'pause', behavior, until: at + 20 * 86_400 } as const];
  const { invoices } = collected({}, '2026-03-01T00:00:00Z', { changes });
  expect([invoices[1]?.status, invoices[1]?.totals.amountPaid]).toEqual([status, paid]);
});

test('nobody records the money of an invoice and asks for a credit on it as well', () => {
  const oneOffs = Array.from({ length: 600 }, (_, i) =>
    sampleCharge('2026-01-10T12:30:00Z', {
      ...{ key: `charge${String(i)}`, unit: 900_000n },
      ...{ collection: 'send_invoice', daysUntilDue: 30 },
    }),
  );
  const billing = collected({ method: 'wire' }, '2026-12-01T00:00:00Z', {}, { oneOffs });
  const byBoth = billing.invoices
    .map((invoice) => handsOn({ billing }, invoice))
    .filter(({ recorders, requesters }) => recorders.length > 0 && requesters.length > 0);
  expect(byBoth.length).toBeGreaterThan(5);
  for (const { recorders, requesters } of byBoth)
    expect(recorders.filter((person) => requesters.includes(person))).toEqual([]);
});

test('an amount below the least charge is carried to the next invoice', () => {
  const oneOffs = [sampleCharge('2026-01-10T12:30:00Z', { unit: 30n })];
  const { invoices, balanceTransactions } = collected({}, '2026-02-11T00:00:00Z', {}, { oneOffs });
  const dues = invoices.map(({ totals, startingBalance, endingBalance }) => {
    return [totals.total, startingBalance, endingBalance, totals.amountDue];
  });
  expect(dues).toEqual([
    [2000n, 0n, 0n, 2000n],
    [30n, 0n, 30n, 0n],
    [2000n, 30n, 0n, 2030n],
  ]);
  expect(balanceTransactions.map(({ kind, amount }) => [kind, amount])).toEqual([
    ['invoice_too_small', 30n],
    ['applied_to_invoice', -30n],
  ]);
});

test('every refund of a person carries the policy that granted it', () => {
  const { refunds, creditNotes } = collected({ refund: 1 }, '2026-12-01T00:00:00Z');
  expect(refunds.length).toBeGreaterThan(5);
  for (const { metadata } of refunds) {
    expect(metadata.approved_by).not.toBe(metadata.requested_by);
    expect(metadata.ticket).toMatch(/^(HELP|FIN)-\d+$/);
  }
  for (const { postPayment, refunds: linked } of creditNotes) {
    expect(linked.reduce((sum, { amount }) => sum + amount, 0n)).toBe(postPayment);
  }
});

test('a trial is invoiced at nothing, and billed from its end', () => {
  const at = Date.parse('2026-01-24T12:00:00Z') / 1000;
  const { invoices } = collected({}, '2026-02-01T00:00:00Z', { trialEndAt: at, anchorAt: at });
  expect(invoices.map(brief)).toEqual([
    ['paid', 0, 0n, 0n],
    ['paid', 1, 2000n, 0n],
  ]);
  expect(invoices[1]?.lines.map(({ periodStart }) => periodStart)).toEqual([at]);
});

test('a commitment in two instalments is billed once, under two numbers (L42)', () => {
  const invoices = Array.from({ length: 60 }, (_, i) => `charge${String(i)}`).map((key) => {
    const charge = { key, product: 'API-COMMIT', unit: 6_000_001n, daysUntilDue: 30 } as const;
    const oneOffs = [
      sampleCharge('2026-01-10T12:30:00Z', { ...charge, collection: 'send_invoice' }),
    ];
    const context = sampleContext('2026-02-20T00:00:00Z', { lookAlikes: true });
    return bill(sampleCustomer(), samplePlan({ oneOffs }), sampleUsage(), context).invoices;
  });
  const split = invoices.filter((of) => of.some(({ metadata }) => 'instalment_no' in metadata));
  expect(split.length).toBeGreaterThan(0);
  for (const of of split) {
    const parts = of.filter(({ status }) => status !== 'void');
    expect(parts.map(({ metadata, totals }) => [metadata.instalment_no, totals.total])).toEqual([
      ['1', 3_000_001n],
      ['2', 3_000_000n],
    ]);
  }
});
