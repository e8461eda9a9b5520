import type { Fields } from './fields';

/** What an object of an old version holds that today's object only points at. */
export interface LegacyLookups {
  price(id: string): Fields | null;
  coupon(id: string): Fields | null;
  discount(id: string): Fields | null;
  /** InvoicePayments of an invoice, the default one first. */
  paymentsOf(invoiceId: string): Fields[];
  /** The last charge of a payment intent. */
  chargeOf(paymentIntentId: string): string | null;
  /** The invoice that a payment intent pays, the default one where it pays several. */
  invoiceOf(paymentIntentId: string): string | null;
}
