import { instantOf } from '../kit/instants';
import type { Billing, Charge, Dispute, Invoice, Payment, Refund } from '../truth/billing';
import type { Customer, WorldOptions } from '../truth/company';
import type { WorldContext } from '../world/customer-world';
import { worldContext, type LookAlike } from '../world/world-context';

/** What specs of cash and ledger set up, with only what matters named by the caller. */
export const aContext = (
  now: string,
  lookAlikes = true,
): { ctx: WorldContext; noted: LookAlike[] } => {
  const noted: LookAlike[] = [];
  const options: WorldOptions = { seed: 'spec', scale: 1, now: instantOf(now), lookAlikes };
  return { ctx: worldContext(options, (one) => noted.push(one)), noted };
};

export const aCustomer = (over: Partial<Customer> = {}): Customer => ({
  ...{ n: 1, key: 'C000001', segment: 'self_serve', entity: 'ni-us', name: 'Ada Fields' },
  ...{ email: 'ada@fields.example', country: 'US', region: 'CA', currency: 'USD' },
  ...{ taxStatus: 'none', taxRate: 0n, arrivedAt: instantOf('2025-01-01T00:00:00Z') },
  ...{ internal: false, stripeId: 'cus_1', accountId: null, organizationId: 'org_1' },
  workspaces: [],
  ...over,
});

export const aBilling = (over: Partial<Billing> = {}): Billing => ({
  ...{ subscriptions: [], invoices: [], pendingItems: [], payments: [], refunds: [] },
  ...{ disputes: [], creditNotes: [], balanceTransactions: [], grants: [], balance: 0n },
  ...over,
});

export const aCharge = (key: string, amount: bigint, at: string): Charge => ({
  ...{ key, id: `ch_${key}`, amount, status: 'succeeded', failureCode: null },
  ...{ createdAt: instantOf(at), succeededAt: instantOf(at), returnedAt: null },
  ...{ refunded: 0n, disputed: false },
});

export const aPayment = (charge: Charge, over: Partial<Payment> = {}): Payment => ({
  ...{ key: `pay-${charge.key}`, kind: 'payment_intent', id: `pi_${charge.key}` },
  ...{ method: 'card', currency: 'USD', amount: charge.amount, status: 'succeeded' },
  ...{ createdAt: charge.createdAt, charges: [charge], wire: null, metadata: {} },
  ...over,
});

export const aRefund = (charge: Charge, amount: bigint, at: string): Refund => ({
  ...{ key: `re-${charge.key}`, id: `re_${charge.key}`, chargeKey: charge.key, amount },
  ...{ status: 'succeeded', reason: 'requested_by_customer', createdAt: instantOf(at) },
  ...{ failedAt: null, metadata: {} },
});

export const aDispute = (charge: Charge, status: Dispute['status'], at: string): Dispute => ({
  ...{ key: `du-${charge.key}`, id: `du_${charge.key}`, chargeKey: charge.key },
  ...{ amount: charge.amount, status, reason: 'fraudulent', createdAt: instantOf(at) },
  ...{ closedAt: null, fee: 1_500n },
});

/** An invoice paid by one payment at an instant. */
export const aPaidInvoice = (payment: Payment, at: string): Invoice => ({
  ...{ key: 'I1', id: 'in_1', number: null, subscriptionKey: null, reason: 'manual' },
  ...{ collection: 'charge_automatically', currency: payment.currency, status: 'paid' },
  ...{ createdAt: payment.createdAt, periodStart: 0, periodEnd: 0 },
  ...{ finalizedAt: payment.createdAt, effectiveAt: null, dueAt: null, paidAt: instantOf(at) },
  ...{ voidedAt: null, uncollectibleAt: null, autoAdvance: true, attempts: 1 },
  ...{ nextAttemptAt: null, lines: [], startingBalance: 0n, endingBalance: 0n },
  applications: [
    {
      ...{ id: 'inpay_1', paymentKey: payment.key, requested: payment.amount },
      ...{ paid: payment.amount, status: 'paid', isDefault: true },
      ...{ createdAt: payment.createdAt, paidAt: instantOf(at), canceledAt: null },
    },
  ],
  ...{ paidOffStripe: 0n, revises: null, revisedBy: null, metadata: {} },
  totals: {
    ...{ subtotal: 0n, discount: 0n, creditGrants: 0n, taxExclusive: 0n, taxInclusive: 0n },
    ...{ totalExcludingTax: 0n, total: 0n, preCreditNotes: 0n, postCreditNotes: 0n },
    ...{ amountDue: 0n, amountPaid: 0n, amountRemaining: 0n, amountOverpaid: 0n },
  },
});
