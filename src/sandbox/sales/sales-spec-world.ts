import { openRoster } from '../company/roster';
import { instantOf } from '../kit/instants';
import type { Customer, WorldOptions } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Sold } from '../truth/sold';
import { worldContext, type LookAlike } from '../world/world-context';
import { planSalesLed } from './plan-sales-led';
import { sell } from './sell';

/** A world of the specs: at 0.4 of full size, hours before the last half year closes. */
export const salesOptions: WorldOptions = {
  ...{ seed: 'sales spec', scale: 0.4, lookAlikes: true },
  now: instantOf('2026-06-30T20:00:00Z'),
};

export interface SoldTo {
  customer: Customer;
  sold: Sold;
  plan: BillingPlan;
}

const known = new Map<string, Customer[]>();

/** The sales-led customers of a world; those of one seed and scale are looked up once. */
export function salesLedCustomers(options: WorldOptions): Customer[] {
  const key = `${options.seed}/${String(options.scale)}`;
  const latest = instantOf('2027-06-30T20:00:00Z');
  const customers = known.get(key) ?? lookUp({ ...options, now: latest });
  known.set(key, customers);
  return customers.filter(({ arrivedAt }) => arrivedAt <= options.now);
}

function lookUp(options: WorldOptions): Customer[] {
  const roster = openRoster(options);
  const numbers = Array.from({ length: roster.size }, (_, i) => i + 1);
  return numbers.map((n) => roster.customer(n)).filter(({ segment }) => segment === 'sales_led');
}

/** What was sold to every sales-led customer of a world, and what was set up for it. */
export function sellAll(options: WorldOptions, note?: (one: LookAlike) => void): SoldTo[] {
  const roster = openRoster({ ...options, scale: 0.01 });
  const ctx = worldContext(options, note);
  return salesLedCustomers(options).map((customer) => {
    const sold = sell(customer, roster, ctx);
    return { customer, sold, plan: planSalesLed(customer, sold, ctx) };
  });
}
