import { DAY, type Instant } from '../kit/instants';
import type { Invoice } from '../truth/billing';
import type { BillingState } from './billing-state';
import { noteFinal } from './note-invoice';
import { leastChargeOf } from './stripe-rounding';
import { voidInvoice } from './void-invoice';

const daysUntilDueByDefault = 30;

/**
 * Makes a draft a document: the customer's balance is applied, it gets its number, and collection
 * begins; a paused subscription's is written off instead (S21).
 */
export function finaliseInvoice(
  state: BillingState,
  invoice: Invoice,
  at: Instant,
  paused: 'mark_uncollectible' | 'void' | 'keep_as_draft' | null = null,
): void {
  invoice.number = state.nextNumber(at);
  invoice.finalizedAt = at;
  invoice.status = 'open';
  if (invoice.collection === 'send_invoice' && invoice.dueAt === null) {
    const days = state.terms.get(invoice.key) ?? daysUntilDueByDefault;
    invoice.dueAt = at + days * DAY;
  }
  applyBalance(state, invoice, at);
  state.refresh(invoice);
  noteFinal(state, invoice, at);
  if (paused === 'void') {
    voidInvoice(state, invoice, at);
  } else if (invoice.totals.amountRemaining === 0n) {
    invoice.status = 'paid';
    invoice.paidAt = at;
  } else if (paused === 'mark_uncollectible') {
    invoice.status = 'uncollectible';
    invoice.uncollectibleAt = at;
    invoice.autoAdvance = false;
  } else {
    state.steps.collect(state, invoice, at);
  }
}

/**
 * The balance after this invoice, in Stripe's sign. Credit pays it; a negative total becomes
 * credit; an amount too small to charge is carried to the next invoice (CONTROLS ST-30).
 */
export function endingBalance(total: bigint, startingBalance: bigint, leastCharge: bigint): bigint {
  if (total === 0n) return startingBalance;
  const owed = total + startingBalance;
  return owed < leastCharge || owed < 0n ? owed : 0n;
}

function applyBalance(state: BillingState, invoice: Invoice, at: Instant): void {
  const starting = state.billing.balance;
  state.refresh(invoice);
  const { total } = invoice.totals;
  const isCharged = invoice.collection === 'charge_automatically';
  const ending = endingBalance(total, starting, isCharged ? leastChargeOf(invoice.currency) : 0n);
  invoice.startingBalance = starting;
  invoice.endingBalance = ending;
  const isCarried = ending !== 0n && (total < 0n || ending > 0n);
  const kind = isCarried ? 'invoice_too_small' : 'applied_to_invoice';
  state.moveBalance(ending - starting, at, kind, { invoiceKey: invoice.key });
  if (ending !== starting) state.context.noteLookAlike('L41', invoice.id);
}
