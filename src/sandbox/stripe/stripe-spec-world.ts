import { bill } from '../billing/bill';
import { moveMoney } from '../cash/move-money';
import { MovementBook } from '../cash/movement-book';
import { payOut } from '../cash/pay-out';
import { planApi } from '../company/plan-api';
import { planSelfServe } from '../company/plan-self-serve';
import { planTeam } from '../company/plan-team';
import { openRoster, type Roster } from '../company/roster';
import { instantOf } from '../kit/instants';
import { planSalesLed } from '../sales/plan-sales-led';
import { sell } from '../sales/sell';
import type { Customer, WorldOptions } from '../truth/company';
import { useProduct } from '../usage/use-product';
import type { CustomerWorld, WorldContext } from '../world/customer-world';
import { InvoiceNumbers } from '../world/number-invoices';
import type { StripeRecord } from '../world/records';
import { worldContext } from '../world/world-context';
import { renderStripeAccount } from './render/render-account';
import { renderStripe } from './render/render-stripe';

/** A small company for specs: its customers, and everything of it that Stripe holds. */
export interface SpecWorld {
  options: WorldOptions;
  context: WorldContext;
  worlds: CustomerWorld[];
  payoutOf: ReadonlyMap<string, string>;
  records: StripeRecord[];
}

function simulate(customer: Customer, roster: Roster, context: WorldContext): CustomerWorld {
  const led = customer.segment === 'sales_led';
  const sold = led ? sell(customer, roster, context) : { deals: [], contracts: [] };
  const plans = { self_serve: planSelfServe, team: planTeam, api: planApi };
  const { segment } = customer;
  const plan =
    segment === 'sales_led'
      ? planSalesLed(customer, sold, context)
      : plans[segment](customer, context);
  const usage = useProduct(customer, plan, context);
  const billing = bill(customer, plan, usage, context);
  const { movements, wires } = moveMoney(customer, billing, context);
  const ledger = {
    contracts: [],
    obligations: [],
    schedule: [],
    entries: [],
    postings: [],
    ageing: [],
  };
  const cutover = { billed: [], loaded: [] };
  return { customer, sold, plan, usage, billing, cutover, movements, wires, ledger };
}

/** The company at this scale and instant, up to what Stripe knows. */
export function specWorld(scale: number, now: string, legacyShare?: number): SpecWorld {
  const options = { seed: 'stripe spec', scale, now: instantOf(now), lookAlikes: true };
  const context = worldContext(options);
  const roster = openRoster(options);
  const numbers = new InvoiceNumbers(context);
  const book = new MovementBook();
  const worlds: CustomerWorld[] = [];
  for (let n = 1; n <= roster.size; n += 1) {
    const world = simulate(roster.customer(n), roster, context);
    numbers.note(world);
    for (const movement of world.movements) book.add(movement);
    worlds.push(world);
  }
  const { payouts, movements, payoutOf } = payOut(book, context);
  const records: StripeRecord[] = [];
  for (const entity of ['ni-us', 'ni-ie'] as const)
    records.push(
      ...renderStripeAccount(entity, { payouts, movements, links: { payoutOf } }, options),
    );
  for (const world of worlds) {
    numbers.assign(world);
    records.push(...renderStripe(world, context, { payoutOf }, legacyShare));
  }
  return { options, context, worlds, payoutOf, records };
}
