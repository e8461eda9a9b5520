import type { Instant } from '../kit/instants';
import type { Invoice } from '../truth/billing';
import type { BillingState } from './billing-state';
import { restoreGrants } from './credit-grants';

/** Voids an unpaid invoice: it keeps its number, and what balance and grants paid comes back. */
export function voidInvoice(state: BillingState, invoice: Invoice, at: Instant): void {
  invoice.status = 'void';
  invoice.voidedAt = at;
  if (invoice.number !== null && state.lookAlikes) state.context.noteLookAlike('L44', invoice.id);
  invoice.autoAdvance = false;
  invoice.nextAttemptAt = null;
  for (const application of invoice.applications) {
    if (application.status === 'open') {
      application.status = 'canceled';
      application.canceledAt = at;
    }
    const payment = state.payment(application.paymentKey);
    if (payment.status === 'requires_payment_method') payment.status = 'canceled';
  }
  const applied = (invoice.endingBalance ?? 0n) - invoice.startingBalance;
  state.moveBalance(-applied, at, 'unapplied_from_invoice', { invoiceKey: invoice.key });
  restoreGrants(state, invoice, at);
  state.refresh(invoice);
}
