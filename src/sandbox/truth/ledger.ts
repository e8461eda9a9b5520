import type { Day, Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { ProductCode, RecognitionMethod } from './catalog';
import type { EntityId } from './company';

/** The revenue subledger of one customer (CONTROLS §1.5), by the company's policy. */
export interface RevenueBooks {
  contracts: RevenueContract[];
  obligations: Obligation[];
  schedule: ScheduleLine[];
  entries: RevenueEntry[];
  /** Other lines for the general ledger: AR, cash, tax, fees, FX, bad debt. */
  postings: Posting[];
  /** What was reported as owed at the end of each month. */
  ageing: AgeingLine[];
}

/** An open invoice in the report of receivables by age of one month (CR-04). */
export interface AgeingLine {
  entity: EntityId;
  /** Last day of the month. */
  asOf: Day;
  invoiceId: string;
  currency: string;
  /** What is owed of it in the ledger. */
  open: Minor;
  dueOn: Day;
  bucket: AgeBucket;
  reportedAt: Instant;
}

/** Days past due. */
export type AgeBucket = 'CURRENT' | '1-30' | '31-60' | '61-90' | '91-180' | 'OVER_180';

export interface RevenueContract {
  id: string;
  customerKey: string;
  orderId: string | null;
  opportunityId: string | null;
  entity: EntityId;
  currency: string;
  contractOn: Day;
  transactionPrice: Minor;
  variableEstimate: Minor;
  modificationOf: string | null;
  modification: 'separate' | 'prospective' | 'catch_up' | null;
  status: 'active' | 'closed' | 'terminated';
}

export interface Obligation {
  id: string;
  contractId: string;
  product: ProductCode;
  standaloneSellingPrice: Minor;
  allocated: Minor;
  method: RecognitionMethod;
  serviceStart: Day;
  serviceEnd: Day;
  quantity: bigint;
}

export interface ScheduleLine {
  id: string;
  obligationId: string;
  invoiceLineId: string | null;
  entity: EntityId;
  /** 'YYYY-MM' in the entity's books. */
  period: string;
  start: Day;
  endExclusive: Day;
  amount: Minor;
  currency: string;
  functional: Minor;
  fxRate: string;
  status: 'planned' | 'recognised' | 'reversed' | 'held';
  recognisedAt: Instant | null;
}

export type AccountCode = string;

export interface RevenueEntry {
  id: string;
  scheduleLineId: string | null;
  entity: EntityId;
  account: AccountCode;
  side: 'D' | 'C';
  amount: Minor;
  currency: string;
  functional: Minor;
  period: string;
  entryOn: Day;
  postedAt: Instant;
  /** The interface journal it went into: entity, day and category name it. */
  journalId: string;
  source: 'AUTO' | 'MANUAL';
  createdBy: string;
  approvedBy: string | null;
  reversalOf: string | null;
  docRef: string;
}

/** One line of the general ledger, in a journal whose id says entity, day and category. */
export interface Posting {
  journalId: string;
  entity: EntityId;
  category: 'REVENUE' | 'RECEIVABLES' | 'CASH' | 'FX' | 'MANUAL' | 'CREDIT_LOSS' | 'ACCRUAL';
  period: string;
  effectiveOn: Day;
  postedAt: Instant;
  account: AccountCode;
  debit: Minor;
  credit: Minor;
  currency: string;
  functionalDebit: Minor;
  functionalCredit: Minor;
  customerKey: string | null;
  docRef: string | null;
}

export interface LedgerAccount {
  entity: EntityId;
  account: AccountCode;
  name: string;
  class: 'asset' | 'liability' | 'revenue' | 'contra_revenue' | 'expense';
  /** CONTROLS §2.1 gl_account.control_type. */
  controlType:
    | 'AR'
    | 'UNBILLED'
    | 'DEFERRED'
    | 'REVENUE'
    | 'CONTRA'
    | 'CASH_CLEARING'
    | 'CASH'
    | 'FEES'
    | 'BAD_DEBT'
    | 'CUST_CREDIT'
    | 'TAX'
    | 'FX'
    | 'REFUND_LIAB'
    | 'SUSPENSE'
    /** None of the above: disputed amounts, bank charges. */
    | 'OTHER';
}

export interface LedgerPeriod {
  entity: EntityId;
  period: string;
  start: Day;
  endExclusive: Day;
  status: 'OPEN' | 'SOFT_CLOSED' | 'CLOSED' | 'REOPENED' | 'FUTURE';
  softClosedAt: Instant | null;
  closedAt: Instant | null;
  closedBy: string | null;
  reopenedAt: Instant | null;
  reopenedBy: string | null;
}
