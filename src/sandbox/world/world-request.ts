import { instantOf } from '../kit/instants';
import type { WorldOptions } from '../truth/company';
import type { InjectionOrder } from './choose-targets';
import type { CompanyOrder } from './company';
import type { Magnitude } from './injection';
import { companyInjections, customerInjections, injectionIds } from './injections';

/** A world as a person asks for it, and as world.json keeps it. */
export interface WorldWish {
  seed: string;
  scale: number;
  /** '2026-07-07T13:05:00Z' */
  now: string;
  lookAlikes: boolean;
  /** 'A01'; none makes the clean company. */
  injections: readonly string[];
  magnitude: Magnitude;
  where: InjectionOrder['where'];
}

export interface WorldOrders {
  options: WorldOptions;
  orders: InjectionOrder[];
  companyOrders: CompanyOrder[];
}

/** Largest company that a wish may ask for: memory holds, the disk may not. */
const largestScale = 20;

/**
 * With more than some anomalies, a small company has too few sales-led customers for each to befall
 * another: it then has so many of them.
 */
const leastSalesLed = [
  { beyond: 50, salesLed: 80 },
  { beyond: 10, salesLed: 54 },
] as const;

/** The options and orders of a wish. Throws RangeError that says which part cannot be had. */
export function worldOrders(wish: WorldWish): WorldOrders {
  const { seed, scale, now, lookAlikes, magnitude, where } = wish;
  if (!(scale > 0 && scale <= largestScale))
    throw new RangeError(`the scale is a number above 0 and up to ${largestScale}`);
  const unknown = wish.injections.filter((id) => !injectionIds.includes(id));
  if (unknown.length > 0)
    throw new RangeError(`there is no anomaly ${unknown.join(', ')}; see --list`);
  const wanted = new Set(wish.injections);
  const least = leastSalesLed.find(({ beyond }) => wanted.size > beyond);
  return {
    options: {
      ...{ seed, scale, now: instantOf(now), lookAlikes },
      ...(least === undefined ? {} : { salesLed: least.salesLed }),
    },
    orders: customerInjections
      .filter(({ id }) => wanted.has(id))
      .map((injection) => ({ injection, magnitude, where })),
    companyOrders: companyInjections
      .filter(({ id }) => wanted.has(id))
      .map((injection) => ({ injection, magnitude })),
  };
}
