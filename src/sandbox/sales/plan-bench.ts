import type { Day, Instant } from '../kit/instants';
import type { Customer } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Deal, OrderTruth } from '../truth/sold';

/** An activated order with the deal and contract it belongs to. */
export interface OrderToPlan {
  order: OrderTruth;
  deal: Deal;
  evergreen: boolean;
  /** Later orders that change it, oldest first. */
  amendments: readonly OrderTruth[];
}

/** Where the set-up of one customer's orders is gathered. */
export interface PlanBench {
  customer: Customer;
  plan: BillingPlan;
  /** The instant of a day at which the customer's cycles turn. */
  turnOf(day: Day): Instant;
}
