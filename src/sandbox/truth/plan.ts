import type { Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { Price, ProductCode } from './catalog';

/**
 * What is set up to bill for one customer: subscriptions, one-off charges, credit grants. It is
 * made from what was sold or bought; the billing engine bills this and nothing else, so what is
 * set up wrongly is billed wrongly, as in life.
 */
export interface BillingPlan {
  subscriptions: SubscriptionPlan[];
  oneOffs: OneOffCharge[];
  grants: GrantPlan[];
  coupons: CouponPlan[];
  paying: PayingHabit;
}

/** How this customer pays, and how often not. */
export interface PayingHabit {
  method: 'card' | 'ach_debit' | 'sepa_debit' | 'wire';
  /** Probability that the first attempt on a card or debit fails; that a failure is made good. */
  failure: number;
  recovery: number;
  /** Mean days from the invoice to a wire. */
  daysToPay: number;
  refund: number;
  dispute: number;
}

export interface SubscriptionPlan {
  key: string;
  /** 'sub_…' */
  id: string;
  scheduleId: string | null;
  createdAt: Instant;
  /** Service begins; earlier than `createdAt` when backdated (CONTROLS S29). */
  startAt: Instant;
  /** billing_cycle_anchor. */
  anchorAt: Instant;
  trialEndAt: Instant | null;
  mode: 'classic' | 'flexible';
  collection: 'charge_automatically' | 'send_invoice';
  daysUntilDue: number | null;
  items: ItemPlan[];
  changes: PlanChange[];
  couponKey: string | null;
  /** End of a fixed term; null goes on. */
  endsAt: Instant | null;
  orderKeys: readonly string[];
  metadata: Readonly<Record<string, string>>;
  /** Least that a cycle's metered lines come to together; absent without a minimum. */
  minimum?: UsageMinimum;
  /** 'cus_…' of a second Stripe customer that it is billed to; else the customer's own (A105). */
  billedTo?: string;
}

/**
 * Of a monthly minimum commitment (shape U2): where the metered lines of a cycle, before tax, come
 * to less, the cycle's invoice gets an invoice item of this product for what lacks, for the service
 * period of those lines (US02-MINIMUM_NOT_BILLED when it does not).
 */
export interface UsageMinimum {
  product: ProductCode;
  amount: Minor;
  description: string;
  orderLineKey: string | null;
}

export interface ItemPlan {
  key: string;
  /** 'si_…' */
  id: string;
  price: Price;
  /** Null for a metered price. */
  quantity: bigint | null;
  orderLineKey: string | null;
  /** Product workspace whose seats it pays for. */
  workspace: string | null;
  /** Of a ramp: this item is in force only so long. */
  from: Instant | null;
  to: Instant | null;
  /** Of a sales-led item: salesforce_order_id, salesforce_order_item_id (CONTROLS S31). */
  metadata?: Readonly<Record<string, string>>;
}

/** A change at the very instant at which a cycle begins is in force before that cycle is billed. */
export type PlanChange = { at: Instant } & (
  | { kind: 'quantity'; itemKey: string; quantity: bigint; proration: Proration }
  | { kind: 'price'; itemKey: string; price: Price; proration: Proration }
  | { kind: 'add_item'; item: ItemPlan; proration: Proration }
  | { kind: 'remove_item'; itemKey: string; proration: Proration }
  // `credit` gives back the unused time of a subscription cancelled at once.
  | { kind: 'cancel'; atPeriodEnd: boolean; credit?: boolean }
  | { kind: 'pause'; behavior: 'keep_as_draft' | 'mark_uncollectible' | 'void'; until: Instant }
);

export type Proration = 'create_prorations' | 'always_invoice' | 'none';

/** An invoice item, or an invoice of its own. */
export interface OneOffCharge {
  key: string;
  product: ProductCode;
  description: string;
  at: Instant;
  currency: string;
  unit: Minor;
  quantity: bigint;
  /** Service period; a point in time has equal ends. */
  periodStart: Instant;
  periodEnd: Instant;
  /** On the next invoice of this subscription, or an invoice of its own where null. */
  subscriptionKey: string | null;
  collection: 'charge_automatically' | 'send_invoice';
  daysUntilDue: number | null;
  orderLineKey: string | null;
  metadata: Readonly<Record<string, string>>;
  /** Sold through Checkout and paid at once: a payment, and no invoice (L50). */
  checkout?: boolean;
}

export interface GrantPlan {
  key: string;
  /** 'credgr_…' */
  id: string;
  category: 'paid' | 'promotional';
  currency: string;
  amount: Minor;
  effectiveAt: Instant;
  expiresAt: Instant | null;
  /** The charge that bought it. */
  boughtBy: string | null;
}

export interface CouponPlan {
  key: string;
  id: string;
  name: string;
  /** In millionths; or an amount. */
  percent: bigint | null;
  amount: Minor | null;
  duration: 'once' | 'repeating' | 'forever';
  months: number | null;
  /** A published promotion, or a grant to one customer. */
  promotionCode: string | null;
  createdAt: Instant;
}
