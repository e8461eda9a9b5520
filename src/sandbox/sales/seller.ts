import { hasTrait, isSureOf } from '../company/exemplars';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Day, Instant } from '../kit/instants';
import { entities, type Customer, type Entity } from '../truth/company';
import type { Person } from '../truth/sold';
import type { WorldContext } from '../world/customer-world';
import { actingFor, someoneAs, userIdOf, type People } from './sales-team';

/** A look-alike that is noted once it has happened. */
export interface Note {
  id: string;
  key: string;
  at: Instant;
}

/** An account executive with a second login, where there is one. */
const withTwoLogins = ({ people }: People, otherwise: Person): Person =>
  people.find(({ role, userIds, terminatedOn }) => {
    return role === 'rep' && userIds.length > 1 && terminatedOn === null;
  }) ?? otherwise;

/** One customer, those who sell to it, and the streams that its deals are drawn from. */
export class Seller {
  readonly entity: Entity;
  readonly owner: Person;
  readonly paymentTermsDays: number;
  readonly notes: Note[] = [];

  constructor(
    readonly customer: Customer,
    readonly staff: People,
    private readonly context: WorldContext,
  ) {
    this.entity = entities[customer.entity];
    const random = this.random('account');
    const drawn = someoneAs('rep', this.dayOf(customer.arrivedAt), staff, random);
    this.owner = hasTrait(customer, 'paysInTwo') ? withTwoLogins(staff, drawn) : drawn;
    this.paymentTermsDays = random.weighted([
      [30, 60],
      [45, 25],
      [60, 15],
    ] as const);
    if (hasTrait(customer, 'billedByHand')) this.paymentTermsDays = 60;
    if (hasTrait(customer, 'amendsTerms')) this.paymentTermsDays = 30;
  }

  /** Its place among the sales-led customers, from 0. */
  get place(): number {
    return Number(this.customer.key.slice(2)) - 1;
  }

  /**
   * The first ten accounts live through everything, so that a small company has it all: a contract
   * of each shape, amended, then renewed at list, and a deal lost beside it.
   */
  get isExemplary(): boolean {
    return this.place < 10;
  }

  get lookAlikes(): boolean {
    return this.context.options.lookAlikes;
  }

  random(...key: readonly (string | number)[]): KeyedRandom {
    return this.context.random('sold', this.customer.key, ...key);
  }

  dayOf(at: Instant): Day {
    return this.entity.zone.dayOf(at);
  }

  /** The login that the account's owner, or who stands in for them, works with at an instant. */
  ownerAt(at: Instant): string {
    const day = this.dayOf(at);
    return userIdOf(actingFor(this.owner, day, this.staff, this.random('stand-in', day)));
  }

  note(id: string, key: string, at: Instant): void {
    if (this.lookAlikes) this.notes.push({ id, key, at });
  }

  /** True at this natural rate, and never in a world without look-alikes. */
  drawsLookAlike(id: string, key: string, rate: number): boolean {
    if (!this.lookAlikes) return false;
    return this.random(id, key).chance(rate) || isSureOf(this.customer, id);
  }
}
