import { stripeId } from '../kit/ids';
import { addMonths, firstOfMonth, monthOf, startOfUtcDay, utcDay, HOUR } from '../kit/instants';
import type { Day, Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { BalanceTransaction } from '../truth/cash';
import { entities, type EntityId } from '../truth/company';
import { billingFeeOf } from './rate-card';

/** One entity's Stripe balance in one currency: its movements, thirty bytes and an id each. */
export class BalancePile {
  readonly ids: string[] = [];
  /** Net by accounting day, and gross charges by month. */
  readonly activity = new Map<Day, Minor>();
  readonly volume = new Map<string, Minor>();
  private nets = new BigInt64Array(256);
  private availableAts = new Float64Array(256);

  constructor(
    readonly entity: EntityId,
    readonly currency: string,
  ) {}

  add({ id, net, amount, category, createdAt, availableAt }: BalanceTransaction): void {
    const at = this.ids.length;
    if (at === this.nets.length) this.grow();
    this.ids.push(id);
    this.nets[at] = net;
    this.availableAts[at] = availableAt;
    const day = entities[this.entity].zone.dayOf(createdAt);
    this.activity.set(day, (this.activity.get(day) ?? 0n) + net);
    if (category !== 'charge') return;
    this.volume.set(monthOf(day), (this.volume.get(monthOf(day)) ?? 0n) + amount);
  }

  idAt(position: number): string {
    return this.ids[position] ?? '';
  }

  netAt(position: number): Minor {
    return this.nets[position] ?? 0n;
  }

  availableAt(position: number): Instant {
    return this.availableAts[position] ?? 0;
  }

  /** Positions by the instant the money is free, then by id: no order of arrival matters. */
  inOrder(): Int32Array {
    return Int32Array.from(this.ids.keys()).sort(
      (a, b) => this.availableAt(a) - this.availableAt(b) || (this.idAt(a) < this.idAt(b) ? -1 : 1),
    );
  }

  /** Stripe's fee for Billing, charged two days into the next month (a fee type of its own). */
  billingFees(now: Instant): BalanceTransaction[] {
    const { entity, currency } = this;
    const fees: BalanceTransaction[] = [];
    for (const [month, volume] of [...this.volume].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const createdAt = startOfUtcDay(addMonths(firstOfMonth(month), 1)) + 32 * HOUR;
      const fee = billingFeeOf(volume);
      if (createdAt > now || fee <= 0n) continue;
      const id = stripeId('txn', 'billing fee', entity, currency, month);
      fees.push({
        ...{ id, entity, type: 'stripe_fee', category: 'fee', currency },
        ...{ amount: -fee, fee: 0n, net: -fee, fees: [], exchangeRate: null },
        ...{ createdAt, availableAt: startOfUtcDay(utcDay(createdAt)), customerKey: null },
        sourceId: stripeId('fee', 'billing fee', entity, currency, month),
      });
    }
    return fees;
  }

  private grow(): void {
    const [nets, availableAts] = [this.nets, this.availableAts];
    this.nets = new BigInt64Array(nets.length * 2);
    this.nets.set(nets);
    this.availableAts = new Float64Array(availableAts.length * 2);
    this.availableAts.set(availableAts);
  }
}

/** All movements of the company's Stripe balances, noted customer by customer. */
export class MovementBook {
  private readonly piles = new Map<string, BalancePile>();

  add(movement: BalanceTransaction): void {
    const { entity, currency } = movement;
    const key = `${entity}/${currency}`;
    const pile = this.piles.get(key) ?? new BalancePile(entity, currency);
    this.piles.set(key, pile);
    pile.add(movement);
  }

  /** By entity and currency. */
  inOrder(): BalancePile[] {
    return [...this.piles].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pile]) => pile);
  }
}
