import type { Day, Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { EntityId } from './company';

/** Stripe's own ledger: one per movement of an account's balance, in the settlement currency. */
export interface BalanceTransaction {
  /** 'txn_…' */
  id: string;
  entity: EntityId;
  type:
    | 'charge'
    | 'payment'
    | 'refund'
    | 'payment_refund'
    | 'payment_failure_refund'
    | 'refund_failure'
    | 'adjustment' // disputes
    | 'stripe_fee'
    | 'payout'
    | 'payout_failure'
    | 'payout_cancel'
    | (string & {}); // a type nobody has mapped (A61)
  category: string;
  amount: Minor;
  fee: Minor;
  /** amount − fee (S4). */
  net: Minor;
  currency: string;
  fees: { type: 'stripe_fee' | 'tax' | 'application_fee'; amount: Minor; description: string }[];
  /** Presentment to settlement, as text with at most 12 places; null where equal (S19). */
  exchangeRate: string | null;
  createdAt: Instant;
  availableAt: Instant;
  /** Id of the charge, refund, dispute or payout. */
  sourceId: string;
  customerKey: string | null;
}

export interface Payout {
  /** 'po_…' */
  id: string;
  entity: EntityId;
  amount: Minor;
  currency: string;
  status: 'paid' | 'in_transit' | 'pending' | 'failed' | 'canceled';
  automatic: boolean;
  createdAt: Instant;
  arrivalOn: Day;
  balanceTransactionId: string;
  failureBalanceTransactionId: string | null;
  failedAt: Instant | null;
  originalPayoutId: string | null;
  reversedById: string | null;
  reconciliation: 'completed' | 'in_progress' | 'not_applicable';
  traceId: string | null;
}

export interface BankLine {
  bankAccount: string;
  txnId: string;
  entity: EntityId;
  /** In the bank's own days. */
  valueOn: Day;
  bookedOn: Day;
  /** Credits positive. */
  amount: Minor;
  currency: string;
  reference: string;
  counterparty: string;
  statementId: string;
}
