import type { Instant } from '../kit/instants';
import type { Minor, Rate } from '../kit/units';
import type { Price, ProductCode } from './catalog';

/** Everything billed to one customer and paid by it, as it stands at the world's now. */
export interface Billing {
  subscriptions: BilledSubscription[];
  invoices: Invoice[];
  /** Invoice items not yet on an invoice. */
  pendingItems: PendingItem[];
  payments: Payment[];
  refunds: Refund[];
  disputes: Dispute[];
  creditNotes: CreditNote[];
  /** The customer's credit balance: oldest first. */
  balanceTransactions: CustomerBalanceTransaction[];
  grants: CreditGrant[];
  /** Its balance now, with Stripe's sign: negative is credit to the customer (CONTROLS S3). */
  balance: Minor;
}

export interface BilledSubscription {
  key: string;
  status:
    'trialing' | 'active' | 'past_due' | 'unpaid' | 'paused' | 'canceled' | 'incomplete_expired';
  canceledAt: Instant | null;
  cancelAt: Instant | null;
  endedAt: Instant | null;
  cancelAtPeriodEnd: boolean;
  pauseCollection: 'keep_as_draft' | 'mark_uncollectible' | 'void' | null;
  trialStart: Instant | null;
  trialEnd: Instant | null;
  latestInvoiceKey: string | null;
  items: BilledItem[];
}

export interface BilledItem {
  key: string;
  id: string;
  price: Price;
  quantity: bigint | null;
  periodStart: Instant;
  periodEnd: Instant;
  createdAt: Instant;
  orderLineKey: string | null;
  workspace: string | null;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';

export interface Invoice {
  key: string;
  /** 'in_…' */
  id: string;
  /** Given at finalisation; where the account numbers, only in the second pass. */
  number: string | null;
  subscriptionKey: string | null;
  reason:
    | 'subscription_create'
    | 'subscription_cycle'
    | 'subscription_update'
    | 'subscription_threshold'
    | 'manual';
  collection: 'charge_automatically' | 'send_invoice';
  currency: string;
  status: InvoiceStatus;
  createdAt: Instant;
  /** Window in which invoice items were picked up; never the service period (S10). */
  periodStart: Instant;
  periodEnd: Instant;
  finalizedAt: Instant | null;
  /** Overrides the printed issue date (S11). */
  effectiveAt: Instant | null;
  dueAt: Instant | null;
  paidAt: Instant | null;
  voidedAt: Instant | null;
  uncollectibleAt: Instant | null;
  autoAdvance: boolean;
  attempts: number;
  nextAttemptAt: Instant | null;
  lines: InvoiceLine[];
  /** Stripe's sign, in effect at finalisation (S3, S7, I3). */
  startingBalance: Minor;
  endingBalance: Minor | null;
  applications: PaymentApplication[];
  /** Paid outside Stripe; part of what is paid (basil). */
  paidOffStripe: Minor;
  /** Identity: `revises` is the invoice this one replaces (S12). */
  revises: string | null;
  revisedBy: string | null;
  metadata: Readonly<Record<string, string>>;
  /** Derived by `totalsOf` in billing/invoice-totals.ts, once lines and notes are final. */
  totals: InvoiceTotals;
}

export interface InvoiceTotals {
  subtotal: Minor;
  discount: Minor;
  creditGrants: Minor;
  taxExclusive: Minor;
  taxInclusive: Minor;
  totalExcludingTax: Minor;
  total: Minor;
  preCreditNotes: Minor;
  postCreditNotes: Minor;
  amountDue: Minor;
  amountPaid: Minor;
  amountRemaining: Minor;
  amountOverpaid: Minor;
}

export interface InvoiceLine {
  key: string;
  /** 'il_…' */
  id: string;
  kind: 'subscription' | 'usage' | 'invoice_item' | 'proration_debit' | 'proration_credit';
  product: ProductCode;
  price: Price | null;
  itemKey: string | null;
  /** 'ii_…' of an invoice item or proration. */
  invoiceItemId: string | null;
  orderLineKey: string | null;
  description: string;
  /** Before discount, credit and exclusive tax; inclusive tax is inside. */
  amount: Minor;
  quantity: bigint;
  /** Minor units × 10^12; null where tiers made the amount. */
  unit: Rate | null;
  discount: Minor;
  couponKey: string | null;
  /** Paid by a credit grant, by grant (US-02). */
  grantCredits: { grantKey: string; amount: Minor }[];
  taxExclusive: Minor;
  taxInclusive: Minor;
  /** Service period, half-open (S9). */
  periodStart: Instant;
  periodEnd: Instant;
  /** Lines that a credit proration reverses (S8). */
  credits: string[];
}

export interface PendingItem {
  key: string;
  id: string;
  subscriptionKey: string | null;
  line: InvoiceLine;
  createdAt: Instant;
}

/** An InvoicePayment of Stripe: n invoices to m payments. */
export interface PaymentApplication {
  /** 'inpay_…' */
  id: string;
  paymentKey: string;
  requested: Minor;
  /** Null until paid. */
  paid: Minor | null;
  status: 'open' | 'paid' | 'canceled';
  isDefault: boolean;
  createdAt: Instant;
  paidAt: Instant | null;
  canceledAt: Instant | null;
}

/** A PaymentIntent and its last charge; or money that came without Stripe (payment_record). */
export interface Payment {
  key: string;
  kind: 'payment_intent' | 'payment_record';
  /** 'pi_…' or 'prec_…' */
  id: string;
  method: 'card' | 'ach_debit' | 'sepa_debit' | 'wire';
  currency: string;
  amount: Minor;
  status: 'succeeded' | 'processing' | 'requires_payment_method' | 'canceled';
  createdAt: Instant;
  charges: Charge[];
  /** Wires: the reference on the bank line, its day and what the bank kept. */
  wire: Wire | null;
  metadata: Readonly<Record<string, string>>;
}

export interface Wire {
  /** On the bank's books; may lie days after the payment was recorded, even after now (L45). */
  receivedAt: Instant;
  reference: string;
  /** The bank line is the payment less the fee and the tax withheld. */
  bankFee: Minor;
  /** Tax the payer kept back for its own state; the certificate is in the payment's metadata. */
  withheld: Minor;
  /** One remittance may pay several invoices (L49): equal keys are one bank line. */
  remittanceKey: string;
  markedBy: string;
}

export interface Charge {
  key: string;
  /** 'ch_…' ('py_…' for debits) */
  id: string;
  amount: Minor;
  status: 'succeeded' | 'pending' | 'failed';
  failureCode: string | null;
  createdAt: Instant;
  /** Cards: at once; debits: days after `createdAt`. It stays where a debit came back later. */
  succeededAt: Instant | null;
  /** A debit that succeeded and came back (S15): its status is then 'failed'. */
  returnedAt: Instant | null;
  refunded: Minor;
  disputed: boolean;
}

export interface Refund {
  key: string;
  /** 're_…' */
  id: string;
  chargeKey: string;
  amount: Minor;
  status: 'succeeded' | 'pending' | 'failed';
  reason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
  createdAt: Instant;
  failedAt: Instant | null;
  /** requested_by, approved_by, ticket, policy: the convention of CR-01. */
  metadata: Readonly<Record<string, string>>;
}

export interface Dispute {
  key: string;
  /** 'du_…' */
  id: string;
  chargeKey: string;
  amount: Minor;
  status:
    | 'warning_needs_response'
    | 'warning_closed'
    | 'needs_response'
    | 'under_review'
    | 'won'
    | 'lost'
    | 'prevented';
  reason: 'fraudulent' | 'product_not_received' | 'subscription_canceled' | 'general';
  createdAt: Instant;
  closedAt: Instant | null;
  /** Kept by Stripe, in the settlement currency. */
  fee: Minor;
}

export interface CreditNote {
  key: string;
  /** 'cn_…' */
  id: string;
  number: string | null;
  invoiceKey: string;
  status: 'issued' | 'void';
  reason: 'duplicate' | 'fraudulent' | 'order_change' | 'product_unsatisfactory' | null;
  createdAt: Instant;
  effectiveAt: Instant | null;
  voidedAt: Instant | null;
  /** After discounts and grants, before exclusive tax; inclusive tax is inside `amount`. */
  lines: { id: string; lineKey: string; amount: Minor; tax: Minor; taxInclusive: boolean }[];
  /** amount = pre + post; post = refunds + to balance + out of band (I7, S13). */
  amount: Minor;
  prePayment: Minor;
  postPayment: Minor;
  refunds: { refundKey: string; amount: Minor }[];
  toBalance: Minor;
  outOfBand: Minor;
  metadata: Readonly<Record<string, string>>;
}

export interface CustomerBalanceTransaction {
  /** 'cbtxn_…' */
  id: string;
  kind:
    | 'applied_to_invoice'
    | 'unapplied_from_invoice'
    | 'invoice_too_small'
    | 'invoice_too_large'
    | 'invoice_overpaid'
    | 'credit_note'
    | 'adjustment'
    | 'initial';
  /** Stripe's sign: negative gives the customer credit. */
  amount: Minor;
  currency: string;
  endingBalance: Minor;
  invoiceKey: string | null;
  creditNoteKey: string | null;
  at: Instant;
  metadata: Readonly<Record<string, string>>;
}

export interface CreditGrant {
  key: string;
  id: string;
  category: 'paid' | 'promotional';
  currency: string;
  amount: Minor;
  effectiveAt: Instant;
  expiresAt: Instant | null;
  voidedAt: Instant | null;
  boughtByInvoiceKey: string | null;
  /** Credit given, applied to lines, expired. */
  transactions: {
    id: string;
    kind:
      | 'credit_granted'
      | 'credits_applied'
      | 'credits_expired'
      | 'credits_voided'
      | 'credits_restored'; // the invoice was voided
    amount: Minor;
    at: Instant;
    invoiceKey: string | null;
    lineKey: string | null;
  }[];
}
