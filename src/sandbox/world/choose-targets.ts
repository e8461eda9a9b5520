import { entities } from '../truth/company';
import { historyStart } from '../company/segments';
import { addMonths, firstOfMonth, monthOf, utcDay, type Instant } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import type { CustomerWorld, Stage, WorldContext } from './customer-world';
import type { Candidate, Injection, Magnitude } from './injection';

/** An anomaly to plant: which, how large, where in time. */
export interface InjectionOrder {
  injection: Injection;
  magnitude: Magnitude;
  /**
   * 'edge' takes the candidate nearest to the end of a month in the entity's books, 'last-month'
   * one of the last month that is over, or of the nearest to it.
   */
  where: 'anywhere' | 'edge' | 'last-month';
}

/** What one customer's world is to suffer. */
export interface Target {
  order: InjectionOrder;
  candidate: Candidate;
}

/** Beyond every other rank. */
const lastResort = 1e12;
const firstMonth = monthOf(utcDay(historyStart));

interface Best {
  customerKey: string;
  candidate: Candidate;
  /** Lowest wins. */
  rank: number;
}

/**
 * Chooses one candidate for each order while all customers pass by: by a hash of the seed, or by
 * nearness to a month's end. No customer suffers two, so that each finding has one cause and no
 * candidate is taken away by another's change; the runners-up that this needs are kept.
 */
export class TargetChoice {
  private readonly best = new Map<InjectionOrder, Best[]>();

  constructor(
    private readonly orders: readonly InjectionOrder[],
    private readonly seed: string,
  ) {
    for (const order of orders) this.best.set(order, []);
  }

  consider(world: CustomerWorld, context: WorldContext): void {
    for (const order of this.orders) {
      const found = order.injection.candidates(world, context);
      const { now } = context.options;
      const first = found
        .map((candidate) => ({
          customerKey: world.customer.key,
          candidate,
          rank: this.rankOf(order, candidate, { world, now }),
        }))
        .reduce<Best | null>((low, next) => (low && low.rank <= next.rank ? low : next), null);
      if (first) this.keep(order, first);
    }
  }

  private rankOf(
    { injection, where }: InjectionOrder,
    candidate: Candidate,
    { world, now }: { world: CustomerWorld; now: Instant },
  ): number {
    const chance = KeyedRandom.of(this.seed, 'target', injection.id, candidate.key).share();
    const { zone } = entities[world.customer.entity];
    const month = monthOf(zone.dayOf(candidate.at));
    const present = monthOf(zone.dayOf(now));
    // Nobody looks yet at a month that is not over, nor at the few hours of one before the first.
    if (month === present || month < firstMonth) return lastResort + chance;
    if (where === 'anywhere') return chance;
    if (where === 'last-month') {
      const wanted = addMonths(firstOfMonth(present), -1);
      return Math.abs(monthsBetween(firstOfMonth(month), wanted)) + chance;
    }
    const begin = firstOfMonth(month);
    const ends = [begin, addMonths(begin, 1)].map((day) =>
      Math.abs(zone.startOf(day) - candidate.at),
    );
    return Math.min(...ends) + chance;
  }

  /** As many as there are orders: enough for every order to avoid all the others' customers. */
  private keep(order: InjectionOrder, next: Best): void {
    const list = this.best.get(order) ?? [];
    list.push(next);
    list.sort((a, b) => a.rank - b.rank);
    if (list.length > this.orders.length) list.pop();
  }

  /** By customer and stage, and the ids of orders for which nobody is left. */
  chosen(): { targets: Map<string, Map<Stage, Target[]>>; without: string[] } {
    const holders: Holders = new Map();
    const without: string[] = [];
    // Who has fewest to choose from chooses first.
    const orders = [...this.best].sort(([, a], [, b]) => a.length - b.length);
    for (const [order] of orders)
      if (!this.place(order, holders, new Set())) without.push(order.injection.id);
    without.push(...dropHalves(holders));
    const targets = new Map<string, Map<Stage, Target[]>>();
    for (const [customerKey, { order, candidate }] of holders)
      targets.set(customerKey, new Map([[order.injection.stage, [{ order, candidate }]]]));
    return { targets, without: without.sort() };
  }

  /**
   * Gives an order its best customer that is free, or one whose order finds another: together as
   * many as can be (Kuhn's augmenting paths). `tried` are customers that a path has been through.
   */
  private place(order: InjectionOrder, holders: Holders, tried: Set<string>): boolean {
    const list = this.best.get(order) ?? [];
    const free = list.find(({ customerKey }) => !holders.has(customerKey));
    if (free !== undefined) {
      holders.set(free.customerKey, { order, candidate: free.candidate });
      return true;
    }
    for (const { customerKey, candidate } of list) {
      const held = holders.get(customerKey);
      if (held === undefined || tried.has(customerKey)) continue;
      tried.add(customerKey);
      if (!this.place(held.order, holders, tried)) continue;
      holders.set(customerKey, { order, candidate });
      return true;
    }
    return false;
  }
}

/** Whom each customer was given to. */
type Holders = Map<string, Target>;

/** Takes away what needs another side that found nobody, and gives the ids. */
function dropHalves(holders: Holders): string[] {
  const placed = new Set([...holders.values()].map(({ order }) => order.injection.id));
  const halves = [...holders].filter(([, { order }]) => {
    const { otherSide } = order.injection;
    return otherSide !== undefined && !placed.has(otherSide);
  });
  for (const [customerKey] of halves) holders.delete(customerKey);
  return halves.map(([, { order }]) => order.injection.id);
}

/** Between two first days of months, negative where the first is the earlier. */
function monthsBetween(a: string, b: string): number {
  const [one = 0, other = 0] = [a, b].map(
    (day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)),
  );
  return one - other;
}
