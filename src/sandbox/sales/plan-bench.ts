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
  /** How an order that could be is billed twelve days ahead of service, if it is (L13). */
  ahead(order: OrderTruth): 'subscription' | 'by hand' | null;
  /** Notes a look-alike that has come about by an instant. */
  note(id: string, key: string, at: Instant): void;
}
