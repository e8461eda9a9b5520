import { hasTrait } from '../company/exemplars';
import { DAY, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Minor } from '../kit/units';
import type {
  BilledSubscription,
  Billing,
  Charge,
  CreditNote,
  CustomerBalanceTransaction,
  Invoice,
  InvoiceLine,
  Payment,
} from '../truth/billing';
import type { Price } from '../truth/catalog';
import { entities, type Customer, type Entity } from '../truth/company';
import type { BillingPlan, CouponPlan, ItemPlan, SubscriptionPlan } from '../truth/plan';
import type { Usage } from '../truth/usage';
import type { WorldContext } from '../world/customer-world';
import { stripeId } from '../kit/ids';
import { EventQueue } from './event-queue';
import { totalsOf } from './invoice-totals';
import { MeteredUsage } from './metered-usage';

/** A subscription while the engine runs it. */
export interface RunningSubscription {
  plan: SubscriptionPlan;
  billed: BilledSubscription;
  items: RunningItem[];
  anchorAt: Instant;
  coupon: CouponPlan | null;
  /** A coupon of duration 'once' has been used. */
  couponUsed: boolean;
  pausedUntil: Instant;
  /** Start of the window in which invoice items are picked up (S10). */
  windowStart: Instant;
  /** It ended because nobody paid: what is still billed is not paid either. */
  lapsed: boolean;
}

export interface RunningItem {
  plan: ItemPlan;
  price: Price;
  quantity: bigint | null;
  createdAt: Instant;
  periodStart: Instant;
  periodEnd: Instant;
  /** Length of the whole interval of which this period may be a part. */
  naturalSeconds: number;
  /** What a whole interval cost when it was charged, after discount: what a credit gives back. */
  charged: Minor;
  /** Lines that paid for what is left of the period. */
  chargedLineKeys: string[];
  /** Metered usage from here on is at the present price and not yet billed. */
  meteredFrom: Instant;
  /** Flexible mode: usage at an earlier price of this period (ST-09). */
  legs: { price: Price; from: Instant; to: Instant }[];
}

/** What one part of the engine leaves to another that stands after it. */
export interface BillingSteps {
  /** An invoice is final and owed. */
  collect(state: BillingState, invoice: Invoice, at: Instant): void;
  /** Money has come from a card or a bank account. */
  paid(state: BillingState, invoice: Invoice, charge: Charge, at: Instant): void;
  /** Nobody paid, and nobody will be asked again. */
  lapse(state: BillingState, subscription: RunningSubscription, at: Instant): void;
}

/** All that happens to one customer, while it happens. */
export class BillingState {
  readonly billing: Billing;
  readonly queue: EventQueue;
  readonly metered: MeteredUsage;
  readonly entity: Entity;
  readonly subscriptions = new Map<string, RunningSubscription>();
  /** Payment terms of invoices that are sent, in days. */
  readonly terms = new Map<string, number>();
  private readonly invoices = new Map<string, Invoice>();
  private readonly payments = new Map<string, Payment>();
  private readonly notes = new Map<string, CreditNote[]>();
  private numbered = 0;

  constructor(
    readonly customer: Customer,
    readonly plan: BillingPlan,
    usage: Usage,
    readonly context: WorldContext,
    readonly steps: BillingSteps,
  ) {
    this.queue = new EventQueue(context.options.now);
    this.metered = new MeteredUsage(usage.metered);
    this.entity = entities[customer.entity];
    this.billing = {
      ...{ subscriptions: [], invoices: [], pendingItems: [], payments: [], refunds: [] },
      ...{ disputes: [], creditNotes: [], balanceTransactions: [], grants: [], balance: 0n },
    };
  }

  /** A stream of this customer's billing. */
  random(...key: readonly (string | number)[]): KeyedRandom {
    return this.context.random('billing', this.customer.key, ...key);
  }

  get lookAlikes(): boolean {
    return this.context.options.lookAlikes;
  }

  addInvoice(invoice: Invoice): void {
    this.invoices.set(invoice.key, invoice);
    this.billing.invoices.push(invoice);
    this.refresh(invoice);
  }

  hasInvoice(key: string): boolean {
    return this.invoices.has(key);
  }

  invoice(key: string): Invoice {
    const invoice = this.invoices.get(key);
    if (invoice === undefined) throw new RangeError(`there is no invoice ${key}`);
    return invoice;
  }

  addPayment(payment: Payment): void {
    this.payments.set(payment.key, payment);
    this.billing.payments.push(payment);
  }

  payment(key: string): Payment {
    const payment = this.payments.get(key);
    if (payment === undefined) throw new RangeError(`there is no payment ${key}`);
    return payment;
  }

  /** The subscription that an invoice is of, while it is known to the engine. */
  subscriptionOf(invoice: Invoice): RunningSubscription | null {
    const { subscriptionKey } = invoice;
    return subscriptionKey === null ? null : (this.subscriptions.get(subscriptionKey) ?? null);
  }

  notesOf(invoice: Invoice): readonly CreditNote[] {
    return this.notes.get(invoice.key) ?? [];
  }

  addNote(note: CreditNote): void {
    this.billing.creditNotes.push(note);
    this.notes.set(note.invoiceKey, [...(this.notes.get(note.invoiceKey) ?? []), note]);
  }

  /** Derives the totals again; call it after every change to the invoice. */
  refresh(invoice: Invoice): void {
    invoice.totals = totalsOf(invoice, this.notesOf(invoice));
  }

  /**
   * The next number of this customer, where numbers are per customer; else null. A few customers
   * had another prefix before their company was renamed; the count went on (L44).
   */
  nextNumber(at: Instant): string | null {
    if (this.entity.numbering === 'account') return null;
    this.numbered += 1;
    const prefix = invoicePrefixOf(this.entity, this.customer);
    const renamedAt = this.lookAlikes ? this.renamedAt() : null;
    if (renamedAt !== null && at < renamedAt) return `${prefix}X-${fourDigits(this.numbered)}`;
    if (renamedAt !== null && this.numbered > 1 && this.hasOldPrefix(prefix))
      this.context.noteLookAlike('L44', this.customer.stripeId);
    return `${prefix}-${fourDigits(this.numbered)}`;
  }

  /** The number before this one has the prefix of before the renaming. */
  private hasOldPrefix(prefix: string): boolean {
    const last = `${prefix}X-${fourDigits(this.numbered - 1)}`;
    return this.billing.invoices.some(({ number }) => number === last);
  }

  private renamedAt(): Instant | null {
    const random = this.random('renamed');
    if (hasTrait(this.customer, 'isRenamed'))
      return this.customer.arrivedAt + random.int(20, 50) * DAY;
    if (!random.chance(renamedShare)) return null;
    return this.customer.arrivedAt + random.int(60, 400) * DAY;
  }

  /** A movement of the customer's credit balance, in Stripe's sign. */
  moveBalance(
    amount: Minor,
    at: Instant,
    kind: CustomerBalanceTransaction['kind'],
    of: { invoiceKey?: string; creditNoteKey?: string; metadata?: Record<string, string> },
  ): void {
    if (amount === 0n) return;
    const { billing } = this;
    billing.balance += amount;
    const nth = billing.balanceTransactions.length;
    billing.balanceTransactions.push({
      id: stripeId('cbtxn', this.customer.key, nth),
      ...{ kind, amount, currency: this.customer.currency, endingBalance: billing.balance },
      invoiceKey: of.invoiceKey ?? null,
      creditNoteKey: of.creditNoteKey ?? null,
      at,
      metadata: of.metadata ?? {},
    });
  }
}

/** Of customers with numbers of their own, how many were renamed. */
const renamedShare = 0.02;

const fourDigits = (n: number): string => String(n).padStart(4, '0');

/** 'NIE-K3P9X2LM': the prefix of a customer's invoice numbers at an entity that numbers so. */
export function invoicePrefixOf(entity: Entity, customer: Customer): string {
  return `${entity.numberPrefix}-${stripeId('prefix', customer.key).slice(-8).toUpperCase()}`;
}

/** What is left of a line for credit grants and tax: after discounts and credits. */
export function baseOf(line: InvoiceLine): Minor {
  let base = line.amount - line.discount;
  for (const credit of line.grantCredits) base -= credit.amount;
  return base;
}
