import { aBilling, aContext, aCustomer } from '../cash/cash-fixtures';
import { instantOf } from '../kit/instants';
import { moveMoney } from '../cash/move-money';
import { totalsOf } from '../billing/invoice-totals';
import type { Billing, Invoice, InvoiceLine } from '../truth/billing';
import type { Customer } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Usage } from '../truth/usage';
import type { WorldContext } from '../world/customer-world';
import { ledgerLines } from './ledger-lines';
import { recognise } from './recognise';

const noPlan: BillingPlan = {
  ...{ subscriptions: [], oneOffs: [], grants: [], coupons: [] },
  paying: { method: 'card', failure: 0, recovery: 0, daysToPay: 0, refund: 0, dispute: 0 },
};
const noUsage: Usage = { store: [], metered: [], errors: [], seats: [], batches: [] };

/** What one customer's ledger came to: debit less credit by account and month. */
export interface Ledger {
  books: ReturnType<typeof recognise>;
  /** Minor units of the transaction currency; zero months are left out. */
  by: (account: string) => Record<string, bigint>;
}

/** Keeps the books of one customer as of an instant; times in UTC suit ni-ie in winter. */
export function keepBooks(
  billing: Partial<Billing>,
  now: string,
  {
    customer = aCustomer({ entity: 'ni-ie', currency: 'EUR', country: 'DE' }),
    plan = noPlan,
    usage = noUsage,
  }: { customer?: Customer; plan?: BillingPlan; usage?: Usage } = {},
): Ledger {
  const { ctx } = aContext(now);
  return keep(customer, { billing: aBilling(billing), plan, usage }, ctx);
}

function keep(
  customer: Customer,
  { billing, plan, usage }: { billing: Billing; plan: BillingPlan; usage: Usage },
  ctx: WorldContext,
): Ledger {
  const sold = { deals: [], contracts: [] };
  const world = { customer, sold, plan, usage, billing, ...moveMoney(customer, billing, ctx) };
  const books = recognise(world, ctx);
  const lines = ledgerLines(books, customer.key);
  return {
    books,
    by: (account) => {
      const months: Record<string, bigint> = {};
      for (const line of lines)
        if (line.account === account)
          months[line.period] = (months[line.period] ?? 0n) + line.debit - line.credit;
      return Object.fromEntries(Object.entries(months).filter(([, amount]) => amount !== 0n));
    },
  };
}

export const aLine = (amount: bigint, from: string, to: string): InvoiceLine => ({
  ...{ key: `L/${from}/${String(amount)}`, id: `il_1R${from}${String(amount)}` },
  ...{ kind: 'subscription', product: 'PLUS', price: null, itemKey: 'I', invoiceItemId: null },
  ...{ orderLineKey: null, description: 'Plus', amount, quantity: 1n, unit: null, discount: 0n },
  ...{ couponKey: null, grantCredits: [], taxExclusive: 0n, taxInclusive: 0n },
  ...{ periodStart: instantOf(`${from}T00:00:00Z`), periodEnd: instantOf(`${to}T00:00:00Z`) },
  credits: [],
});

/** An open invoice, final on a day; `over` changes what matters. */
export function anInvoice(lines: InvoiceLine[], on: string, over: Partial<Invoice> = {}): Invoice {
  const at = instantOf(`${on}T00:00:00Z`);
  const invoice: Invoice = {
    ...{ key: `I/${on}`, id: `in_1R${on}`, number: null, subscriptionKey: null },
    ...{ reason: 'subscription_cycle', collection: 'send_invoice', currency: 'EUR' },
    ...{ status: 'open', createdAt: at, periodStart: at, periodEnd: at, finalizedAt: at },
    ...{ effectiveAt: null, dueAt: null, paidAt: null, voidedAt: null, uncollectibleAt: null },
    ...{ autoAdvance: true, attempts: 0, nextAttemptAt: null, lines, startingBalance: 0n },
    ...{ endingBalance: 0n, applications: [], paidOffStripe: 0n, revises: null },
    ...{ revisedBy: null, metadata: {}, totals: noTotals },
    ...over,
  };
  invoice.totals = totalsOf(invoice, []);
  return invoice;
}

const noTotals = {
  ...{ subtotal: 0n, discount: 0n, creditGrants: 0n, taxExclusive: 0n, taxInclusive: 0n },
  ...{ totalExcludingTax: 0n, total: 0n, preCreditNotes: 0n, postCreditNotes: 0n },
  ...{ amountDue: 0n, amountPaid: 0n, amountRemaining: 0n, amountOverpaid: 0n },
};

/** The invoice, paid by a card on a day. */
export function paidBy(invoice: Invoice, paymentKey: string, amount: bigint, on: string): Invoice {
  const at = instantOf(`${on}T00:00:00Z`);
  invoice.applications.push({
    ...{ id: `inpay_${paymentKey}`, paymentKey, requested: amount, paid: amount },
    ...{ status: 'paid', isDefault: true, createdAt: at, paidAt: at, canceledAt: null },
  });
  return { ...invoice, status: 'paid', paidAt: at };
}
