import type { Minor } from '../kit/units';
import type { ApprovalTruth, Person } from '../truth/sold';
import { pricesIn } from './price-book';

/**
 * The discount policy (BK-05): who may approve what. Up to the floor a rep discounts alone; above,
 * the approver's role must reach both the discount and the value of the contract.
 */
export const discountFloor = 100_000n;

interface AuthorityTier {
  role: Person['role'];
  /** Largest discount in millionths, and largest contract value in thousands (about USD). */
  discount: bigint;
  thousands: bigint;
}

/** From the least authority to the most. */
export const authorityTiers: readonly AuthorityTier[] = [
  { role: 'sales_manager', discount: 200_000n, thousands: 250n },
  { role: 'deal_desk', discount: 350_000n, thousands: 1_000n },
  { role: 'controller', discount: 1_000_000n, thousands: 1_000_000n },
];

/** Payment terms beyond this need approval. */
export const standardTermsDays = 45;

export interface TermsToApprove {
  /** The largest of its lines, free periods aside. */
  discount: bigint;
  value: Minor;
  currency: string;
  termsDays: number;
  freePeriod: boolean;
  ramp: boolean;
}

/** The lowest role that may approve this discount on this value. */
export function discountApprover(discount: bigint, value: Minor, currency: string): Person['role'] {
  const thousands = (value < 0n ? -value : value) / pricesIn(currency).thousand;
  const tier = authorityTiers.find((t) => discount <= t.discount && thousands <= t.thousands);
  return tier?.role ?? 'controller';
}

/** Which rules a deal needs approved before its order is activated, and by which role at least. */
export function approvalsNeeded(
  deal: TermsToApprove,
): { rule: ApprovalTruth['rule']; role: Person['role'] }[] {
  const needed: { rule: ApprovalTruth['rule']; role: Person['role'] }[] = [];
  if (deal.freePeriod) needed.push({ rule: 'free_period', role: 'deal_desk' });
  if (deal.discount > discountFloor)
    needed.push({
      rule: 'discount',
      role: discountApprover(deal.discount, deal.value, deal.currency),
    });
  if (deal.termsDays > standardTermsDays) needed.push({ rule: 'payment_terms', role: 'deal_desk' });
  if (deal.ramp) needed.push({ rule: 'ramp', role: 'deal_desk' });
  return needed;
}
