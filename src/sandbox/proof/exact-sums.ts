import type { EntityId } from '../truth/company';
import type { WarehouseRow } from '../world/records';
import type { Proof } from './proof';

const placesOf = (currency: string): number => ({ JPY: 0, ISK: 0, KWD: 3, BHD: 3 })[currency] ?? 2;

/** '12.34' USD as 1234n; refuses digits that the currency does not have. */
export function minor(text: string, currency: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const places = placesOf(currency);
  const [, sign = '', whole = '', fraction = ''] = match ?? [];
  if (match === null || fraction.length > places)
    throw new RangeError(`'${text}' is no amount of ${currency}`);
  const value = BigInt(whole + fraction.padEnd(places, '0'));
  return sign === '-' ? -value : value;
}

/** Debit less credit of a row. */
export const signed = (
  row: WarehouseRow['row'],
  debit: string,
  credit: string,
  currency: string,
): bigint => minor(row[debit] ?? '0', currency) - minor(row[credit] ?? '0', currency);

type Key = readonly [topic: string, entity: EntityId, currency: string, item: string];

interface Sum {
  entity: EntityId;
  currency: string;
  item: string;
  amount: bigint;
}

/** Sums by topic, entity, currency and item. */
export class ExactSums {
  private readonly topics = new Map<string, Map<string, Sum>>();

  add([topic, entity, currency, item]: Key, amount: bigint): void {
    const sums = this.topics.get(topic) ?? new Map<string, Sum>();
    this.topics.set(topic, sums);
    const key = `${entity}/${currency}/${item}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { entity, currency, item, amount });
    else sum.amount += amount;
  }

  of(topic: string): Sum[] {
    return [...(this.topics.get(topic)?.values() ?? [])];
  }

  /** Sums of one item of a topic, under a topic of their own. */
  copy([topic, item]: readonly [string, string], to: string): void {
    for (const sum of this.of(topic))
      if (sum.item === item) this.add([to, sum.entity, sum.currency, ''], sum.amount);
  }

  filter(topic: string, items: RegExp, to: string): void {
    for (const { entity, currency, item, amount } of this.of(topic))
      if (items.test(item)) this.add([to, entity, currency, item], amount);
  }

  /** Both topics over all their items; what one lacks is zero. */
  compare(name: string, left: string, right: string, sign: bigint): Proof[] {
    const keys = new Map<string, Sum>();
    for (const topic of [left, right])
      for (const [key, sum] of this.topics.get(topic) ?? []) keys.set(key, sum);
    return [...keys].map(([key, { entity, currency, item }]) => ({
      ...{ name: item === '' ? name : `${name}: ${item}`, entity, currency },
      left: this.topics.get(left)?.get(key)?.amount ?? 0n,
      right: sign * (this.topics.get(right)?.get(key)?.amount ?? 0n),
    }));
  }
}
