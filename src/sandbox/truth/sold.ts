import type { Day, Instant } from '../kit/instants';
import type { Minor, Rate } from '../kit/units';
import type { ProductCode } from './catalog';

/** The contract shapes of CONTROLS §5.1. */
export type ContractShape =
  'A1' | 'A2' | 'A3' | 'M1' | 'U1' | 'U2' | 'S1' | 'B1' | 'C1' | 'F1' | 'Z1';

/** What Salesforce knows of one customer: deals with their trail, orders, contracts. */
export interface Sold {
  deals: Deal[];
  contracts: ContractTruth[];
  /** Duplicates of the account that were merged into it (L24). */
  mergedAccounts?: MergedAccount[];
}

export interface MergedAccount {
  accountId: string;
  name: string;
  createdAt: Instant;
  createdBy: string;
  /** Null until then: two accounts of one customer. */
  mergedAt: Instant | null;
  mergedBy: string;
}

export interface Deal {
  key: string;
  opportunityId: string;
  name: string;
  type: 'New Business' | 'Renewal' | 'Amendment';
  shape: ContractShape;
  ownerId: string;
  createdAt: Instant;
  /** As it stands now; a date that the owner types. */
  closeDate: Day;
  currency: string;
  /** Total contract value. */
  amount: Minor;
  /** Oldest first; the last one is where it stands. */
  stages: { stage: string; at: Instant; by: string; amount: Minor; closeDate: Day }[];
  isClosed: boolean;
  isWon: boolean;
  /** The order may wait until this day (L01). */
  orderAfter: Day | null;
  lines: DealLine[];
  quote: QuoteTruth | null;
  approvals: ApprovalTruth[];
  orders: OrderTruth[];
  /** Changes to the record or its lines after it closed, with who made them. */
  edits: FieldEdit[];
  deletedAt: Instant | null;
}

export interface DealLine {
  key: string;
  lineItemId: string;
  product: ProductCode;
  quantity: number;
  /** Per unit for the whole term (CPQ; CONTROLS §1.1 OrderItem). */
  unitForTerm: Minor;
  listForTerm: Minor;
  total: Minor;
  serviceDate: Day;
  createdAt: Instant;
}

export interface QuoteTruth {
  quoteId: string;
  createdAt: Instant;
  status: 'Draft' | 'Approved' | 'Accepted';
  type: 'Quote' | 'Amendment' | 'Renewal';
  startOn: Day;
  /** Last day of the term. */
  endOn: Day;
  termMonths: number;
  paymentTermsDays: number;
  listAmount: Minor;
  netAmount: Minor;
  /** As quoted: copies of what the orders got. */
  lines: OrderLine[];
}

export interface OrderTruth {
  key: string;
  orderId: string;
  number: string;
  type: 'New' | 'Amendment' | 'Renewal' | 'Reduction';
  status: 'Draft' | 'Activated';
  createdAt: Instant;
  activatedAt: Instant | null;
  activatedBy: string | null;
  effectiveOn: Day;
  /** Last day of the term. */
  endOn: Day;
  originalOrderId: string | null;
  contractId: string | null;
  paymentTermsDays: number;
  billingFrequency: 'Monthly' | 'Quarterly' | 'Annual' | 'One-time';
  /** In advance, or after service. */
  billing: 'advance' | 'arrears';
  poNumber: string | null;
  currency: string;
  total: Minor;
  lines: OrderLine[];
}

export interface OrderLine {
  key: string;
  orderItemId: string;
  quoteLineId: string;
  product: ProductCode;
  charge: 'one_time' | 'recurring' | 'usage';
  /** A delta on an amendment; negative on a reduction. */
  quantity: number;
  /** What one unit costs per billing period, list and net. */
  listPerPeriod: Minor;
  netPerPeriod: Minor;
  /** Billing periods in the term: '12', '7.561643835616'. */
  multiplier: string;
  /** netPerPeriod × multiplier, rounded once: UnitPrice under CPQ. */
  unitForTerm: Minor;
  total: Minor;
  /** In millionths. */
  discount: bigint;
  startOn: Day;
  /** Last day. */
  endOn: Day;
  /** Prepaid or minimum commitment of a usage line, per year or month as the shape says. */
  commit: Minor | null;
  /** What one unit costs beyond the commitment. */
  overage: Rate | null;
  /** Ramp segment, from 1. */
  segment: number | null;
  /** The line that this amendment line changes. */
  revises: string | null;
}

export interface ContractTruth {
  key: string;
  contractId: string;
  number: string;
  dealKey: string;
  createdAt: Instant;
  status: 'Draft' | 'Activated' | 'Expired';
  startOn: Day;
  endOn: Day;
  termMonths: number;
  customerSignedOn: Day | null;
  activatedAt: Instant | null;
  /** At the end of the term it goes on unless cancelled (L18). */
  evergreen: boolean;
}

export interface ApprovalTruth {
  processId: string;
  stepId: string;
  /** The quote, opportunity or other record approved. */
  targetId: string;
  rule:
    | 'discount'
    | 'payment_terms'
    | 'free_period'
    | 'ramp'
    | 'coupon'
    | 'credit'
    | 'refund'
    | 'write_off';
  submittedBy: string;
  submittedAt: Instant;
  actorId: string;
  originalActorId: string;
  decidedAt: Instant | null;
  decision: 'Approved' | 'Rejected' | 'Pending' | 'Removed';
  /** The values approved: quantity, net price, discount, term, terms. Hashed when rendered. */
  values: Readonly<Record<string, string>>;
}

export interface FieldEdit {
  object: 'Opportunity' | 'OpportunityLineItem' | 'Order' | 'OrderItem' | 'Contract' | 'Account';
  recordId: string;
  field: string;
  oldValue: string | null;
  newValue: string | null;
  at: Instant;
  by: string;
  /** False: history tracking was off or its row is gone (BK06-HISTORY_GAP). */
  tracked: boolean;
}

/** A person of the company and their logins. */
export interface Person {
  key: string;
  hrId: string;
  name: string;
  email: string;
  role: 'rep' | 'sales_manager' | 'deal_desk' | 'revenue' | 'controller' | 'support' | 'engineer';
  managerKey: string | null;
  startedOn: Day;
  terminatedOn: Day | null;
  /** Salesforce user ids; the second of a few is another login of the same person (A22, L21). */
  userIds: readonly string[];
}
