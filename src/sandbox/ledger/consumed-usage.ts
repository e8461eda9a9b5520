import { MeteredUsage } from '../billing/metered-usage';
import { ratePrice } from '../billing/rate-price';
import { addDays, monthOf, type Day, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { CreditGrant } from '../truth/billing';
import type { MeterKey, Price } from '../truth/catalog';
import type { Entity } from '../truth/company';
import type { UsageHour } from '../truth/usage';
import { laterOf, lastOfMonth, postedAfterMonth } from './ledger-days';
import type { Piece } from './line-revenue';

/** Usage of one item over a billing period, with its invoice line where there is one. */
export interface UsagePeriod {
  id: string;
  price: Price;
  from: Instant;
  /** End of the period; usage after it belongs to the next. */
  to: Instant;
  /** Day of its final invoice, and what that comes to. */
  billed: { on: Day; base: Minor } | null;
}

/**
 * Usage by the month it was used in (RV-04). At each month end that comes before the invoice, the
 * period's usage so far, as far as the store had it that night, is rated at its own price, tiers
 * included, less the promotional credit that is left; the invoice brings the rest.
 */
export class ConsumedUsage {
  private readonly metered: MeteredUsage;
  private readonly late: UsageHour[];

  constructor(
    private readonly entity: Entity,
    hours: readonly UsageHour[],
    private readonly grants: readonly CreditGrant[],
    private readonly now: Instant,
  ) {
    this.metered = new MeteredUsage(hours);
    this.late = hours.filter(({ firstAt, ingestedAt }) => ingestedAt - firstAt > 20_000);
  }

  /** The stretches of each period, which add up to what was billed. */
  piecesOf(periods: readonly UsagePeriod[]): Map<string, Piece[]> {
    const pieces = new Map(periods.map(({ id }): [string, Piece[]] => [id, []]));
    const runs = new Map<Day, UsagePeriod[]>();
    for (const period of periods)
      for (const day of this.runsOf(period)) {
        const others = runs.get(day);
        if (others === undefined) runs.set(day, [period]);
        else others.push(period);
      }
    for (const day of [...runs.keys()].sort()) this.run(day, runs.get(day) ?? [], pieces);
    for (const period of periods) this.finish(period, pieces.get(period.id) ?? []);
    return pieces;
  }

  /** Month ends in or after the period that come before its invoice. */
  private runsOf({ from, billed }: UsagePeriod): Day[] {
    const days: Day[] = [];
    for (
      let day = lastOfMonth(monthOf(this.entity.zone.dayOf(from)));
      day < (billed?.on ?? '9999') && postedAfterMonth(this.entity, day, true) <= this.now;
      day = lastOfMonth(monthOf(addDays(day, 1)))
    )
      days.push(day);
    return days;
  }

  private run(day: Day, periods: readonly UsagePeriod[], pieces: Map<string, Piece[]>): void {
    const runAt = postedAfterMonth(this.entity, day, true);
    const end = addDays(day, 1);
    let gift = this.promotionLeft(this.entity.zone.startOf(end));
    for (const { id, price, from, to } of periods) {
      const until = Math.min(this.entity.zone.startOf(end), to);
      const gross = ratePrice(price, this.quantity(price.meter, from, until, runAt));
      const used = gross < gift ? gross : gift;
      gift -= used;
      const own = pieces.get(id) ?? [];
      const before = own.reduce((sum, { amount }) => sum + amount, 0n);
      const start = own.at(-1)?.end ?? this.entity.zone.dayOf(from);
      own.push({ start, end, amount: gross - used - before, earnedOn: day });
    }
  }

  private finish({ from, to, billed }: UsagePeriod, own: Piece[]): void {
    if (billed === null) return;
    const before = own.reduce((sum, { amount }) => sum + amount, 0n);
    const start = own.at(-1)?.end ?? this.entity.zone.dayOf(from);
    const end = laterOf(start, this.entity.zone.dayOf(to));
    const stop = end < billed.on ? end : laterOf(start, billed.on);
    own.push({ start, end: stop, amount: billed.base - before, earnedOn: billed.on });
  }

  private quantity(meter: MeterKey | null, from: Instant, to: Instant, known: Instant): bigint {
    if (meter === null || to <= from) return 0n;
    let quantity = this.metered.quantity(meter, from, to);
    for (const hour of this.late) {
      const isIn = hour.meter === meter && hour.firstAt >= from && hour.firstAt < to;
      if (isIn && hour.ingestedAt > known) quantity -= BigInt(hour.quantity);
    }
    return quantity;
  }

  /** Promotional credit that was there and not yet used. */
  private promotionLeft(at: Instant): Minor {
    let left = 0n;
    for (const { category, effectiveAt, expiresAt, transactions } of this.grants) {
      const isOver = expiresAt !== null && expiresAt <= at;
      if (category !== 'promotional' || effectiveAt >= at || isOver) continue;
      for (const { kind, amount, at: then } of transactions)
        if (then < at)
          left += kind === 'credit_granted' || kind === 'credits_restored' ? amount : -amount;
    }
    return left;
  }
}
