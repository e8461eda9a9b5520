import { openRoster } from '../company/roster';
import { instantOf } from '../kit/instants';
import type { Customer, WorldOptions } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Sold } from '../truth/sold';
import { worldContext } from '../world/world-context';
import { planSalesLed } from './plan-sales-led';
import { sell } from './sell';

/** All sales-led customers at full scale, a few seconds before the last half year closes. */
export const salesOptions: WorldOptions = {
  ...{ seed: 'sales spec', scale: 1, lookAlikes: true },
  now: instantOf('2026-06-30T20:00:00Z'),
};

export interface SoldTo {
  customer: Customer;
  sold: Sold;
  plan: BillingPlan;
}

/** What was sold to every sales-led customer of a world, and what was set up for it. */
export function sellAll(options: WorldOptions): SoldTo[] {
  const roster = openRoster(options);
  const ctx = worldContext(options);
  const all: SoldTo[] = [];
  for (let n = 1; n <= roster.size; n += 1) {
    const customer = roster.customer(n);
    if (customer.segment !== 'sales_led') continue;
    const sold = sell(customer, roster, ctx);
    all.push({ customer, sold, plan: planSalesLed(customer, sold, ctx) });
  }
  return all;
}
