import { bill } from '../billing/bill';
import { moveMoney } from '../cash/move-money';
import { cutOver } from '../company/cut-over';
import { planApi } from '../company/plan-api';
import { planSelfServe } from '../company/plan-self-serve';
import { planTeam } from '../company/plan-team';
import type { Roster } from '../company/roster';
import { recognise } from '../ledger/recognise';
import { planSalesLed } from '../sales/plan-sales-led';
import { sell } from '../sales/sell';
import type { Customer } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Sold } from '../truth/sold';
import { useProduct } from '../usage/use-product';
import type { Target } from './choose-targets';
import type { CustomerWorld, Stage, WorldContext } from './customer-world';
import type { ExpectedFinding } from './injection';

/** What was planted, and what a control must say of it. */
export interface PlantedFinding extends ExpectedFinding {
  injection: string;
  /** Its key; null for what befell the company. */
  customer: string | null;
}

/** How one customer is simulated. */
export interface Simulation {
  roster: Roster;
  context: WorldContext;
  /** What befalls this customer, by stage. */
  targets?: ReadonlyMap<Stage, readonly Target[]>;
  planted?: (finding: PlantedFinding) => void;
  /** Told of an anomaly that changed nothing here after all. */
  missed?: (injection: string) => void;
  /** Leaves the ledger empty: who counts money and documents has no need of it. */
  withoutLedger?: boolean;
}

/**
 * One customer's history, stage after stage. What befalls a stage is done before the next is made
 * from it, so everything after it is as it would have been.
 */
export function simulateCustomer(customer: Customer, simulation: Simulation): CustomerWorld {
  const { context } = simulation;
  const world = emptyWorld(customer);
  world.sold = soldTo(customer, simulation);
  befall(world, 'sold', simulation);
  world.plan = planOf(customer, world.sold, simulation);
  befall(world, 'plan', simulation);
  world.usage = useProduct(customer, world.plan, context);
  befall(world, 'usage', simulation);
  world.billing = bill(customer, world.plan, world.usage, context);
  world.cutover = cutOver(customer, world.plan, context);
  befall(world, 'billing', simulation);
  const { movements, wires } = moveMoney(customer, world.billing, context);
  Object.assign(world, { movements, wires });
  befall(world, 'cash', simulation);
  if (simulation.withoutLedger === true) return world;
  world.ledger = recognise(world, context);
  befall(world, 'ledger', simulation);
  return world;
}

function soldTo(customer: Customer, { roster, context }: Simulation): Sold {
  if (customer.segment !== 'sales_led') return { deals: [], contracts: [] };
  return sell(customer, roster, context);
}

function planOf(customer: Customer, sold: Sold, { context }: Simulation): BillingPlan {
  switch (customer.segment) {
    case 'self_serve':
      return planSelfServe(customer, context);
    case 'team':
      return planTeam(customer, context);
    case 'api':
      return planApi(customer, context);
    case 'sales_led':
      return planSalesLed(customer, sold, context);
  }
}

function befall(world: CustomerWorld, stage: Stage, simulation: Simulation): void {
  const { targets, planted, missed, context } = simulation;
  for (const { order, candidate } of targets?.get(stage) ?? []) {
    const { injection, magnitude } = order;
    const findings = injection.apply(world, candidate, magnitude, context);
    if (findings.length === 0) missed?.(injection.id);
    for (const finding of findings)
      planted?.({ ...finding, injection: injection.id, customer: world.customer.key });
  }
}

const emptyWorld = (customer: Customer): CustomerWorld => ({
  customer,
  sold: { deals: [], contracts: [] },
  plan: {
    subscriptions: [],
    oneOffs: [],
    grants: [],
    coupons: [],
    paying: { method: 'card', failure: 0, recovery: 0, daysToPay: 0, refund: 0, dispute: 0 },
  },
  usage: { store: [], metered: [], errors: [], seats: [], batches: [] },
  billing: {
    subscriptions: [],
    invoices: [],
    pendingItems: [],
    payments: [],
    refunds: [],
    disputes: [],
    creditNotes: [],
    balanceTransactions: [],
    grants: [],
    balance: 0n,
  },
  cutover: { billed: [], loaded: [] },
  movements: [],
  wires: [],
  ledger: { contracts: [], obligations: [], schedule: [], entries: [], postings: [], ageing: [] },
});
