import { MovementBook } from '../cash/movement-book';
import { payOut, type PaidOut } from '../cash/pay-out';
import { openRoster, type Roster } from '../company/roster';
import type { WorldOptions } from '../truth/company';
import { TargetChoice, type InjectionOrder, type Target } from './choose-targets';
import type { CompanyOrder } from './company';
import type { CustomerWorld, Stage, WorldContext } from './customer-world';
import { InvoiceNumbers } from './number-invoices';
import { WorldRendering } from './render-world';
import { simulateCustomer } from './simulate-customer';
import { worldContext } from './world-context';
import type { WorldSink } from './world-sink';

export const generationSteps = ['choose', 'count', 'write'] as const;
export type GenerationStep = (typeof generationSteps)[number];

/** Told after every customer of a pass. */
export type GenerationProgress = (step: GenerationStep, done: number, of: number) => void;

export interface WorldRequest {
  options: WorldOptions;
  /** Anomalies to plant; none is the clean company. */
  orders: readonly InjectionOrder[];
  companyOrders?: readonly CompanyOrder[];
  progress?: GenerationProgress;
}

export interface GeneratedWorld {
  customers: number;
  /** Injections for which no customer of this world has what they need. */
  without: string[];
}

type Targets = ReadonlyMap<string, ReadonlyMap<Stage, readonly Target[]>>;

/**
 * Makes the world, one customer at a time, in up to three passes over the same histories: choose
 * whom the anomalies befall, count what only all customers together decide (invoice numbers of an
 * account, payouts), write. A history costs less to make again than to keep.
 */
export function generateWorld(request: WorldRequest, sink: WorldSink): GeneratedWorld {
  const roster = openRoster(request.options);
  const { targets, without } = chooseTargets(request, roster);
  const { numbers, paidOut } = count(request, { roster, targets }, sink);
  const nobody = write(request, { roster, targets, numbers, paidOut }, sink);
  const notPlanted = [...new Set([...without, ...nobody])].sort();
  for (const id of notPlanted) sink.notPlanted(id);
  return { customers: roster.size, without: notPlanted };
}

function chooseTargets({ options, orders, progress }: WorldRequest, roster: Roster) {
  if (orders.length === 0) return { targets: new Map() as Targets, without: [] };
  const choice = new TargetChoice(orders, options.seed);
  const context = worldContext(options);
  for (let n = 1; n <= roster.size; n += 1) {
    choice.consider(simulateCustomer(roster.customer(n), { roster, context }), context);
    progress?.('choose', n, roster.size);
  }
  return choice.chosen();
}

interface Counted {
  numbers: InvoiceNumbers;
  paidOut: PaidOut;
}

function count(
  { options, progress }: WorldRequest,
  { roster, targets }: Pick<Plan, 'roster' | 'targets'>,
  sink: WorldSink,
): Counted {
  const context = worldContext(options);
  const noting = notingContext(options, sink);
  const numbers = new InvoiceNumbers(noting);
  const movements = new MovementBook();
  for (let n = 1; n <= roster.size; n += 1) {
    const customer = roster.customer(n);
    const world = simulateCustomer(customer, {
      ...{ roster, context, withoutLedger: true },
      targets: targets.get(customer.key),
    });
    numbers.note(world);
    for (const movement of world.movements) movements.add(movement);
    progress?.('count', n, roster.size);
  }
  return { numbers, paidOut: payOut(movements, noting) };
}

interface Plan extends Counted {
  roster: Roster;
  targets: Targets;
}

function write(request: WorldRequest, plan: Plan, sink: WorldSink): string[] {
  const { options, companyOrders = [], progress } = request;
  const { roster, targets, numbers, paidOut } = plan;
  const context = notingContext(options, sink);
  const rendering = new WorldRendering(context, paidOut, sink);
  const missed: string[] = [];
  for (let n = 1; n <= roster.size; n += 1) {
    const customer = roster.customer(n);
    const world: CustomerWorld = simulateCustomer(customer, {
      ...{ roster, context },
      targets: targets.get(customer.key),
      planted: (finding) => {
        sink.planted(finding);
      },
      missed: (id) => missed.push(id),
    });
    numbers.assign(world);
    rendering.addCustomer(world);
    progress?.('write', n, roster.size);
  }
  return [...missed, ...rendering.addCompany(roster, companyOrders)];
}

const notingContext = (options: WorldOptions, sink: WorldSink): WorldContext =>
  worldContext(options, (lookAlike) => {
    sink.lookAlike(lookAlike);
  });
