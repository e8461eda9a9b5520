import * as fc from 'fast-check';
import { DAY, instantOf } from '../kit/instants';
import type { Billing, Invoice } from '../truth/billing';
import { arbitraryCase, type BillingCase } from './arbitrary-plan';
import { bill } from './bill';
import { brokenIdentities } from './identities';
import { sampleContext } from './sample-plan';

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
