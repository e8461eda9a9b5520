import { convertAt, ratesOf } from '../company/fx-rates';
import { monthOf, type Day, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import { entities, type Entity, type EntityId } from '../truth/company';
import type { Posting, RevenueEntry } from '../truth/ledger';
import { accounts } from './accounts';
import { journalIdOf, postedAfterDay } from './ledger-days';

/** One side of a document: debits positive. */
export interface Leg {
  account: string;
  amount: Minor;
  currency: string;
  docRef: string;
  /** At the rate of the day where the document has none of its own. */
  functional?: Minor;
}

interface Pile {
  journalId: string;
  category: Posting['category'];
  day: Day;
  leg: Leg;
  amount: Minor;
  functional: Minor;
}

/**
 * Writes the postings of one customer, or of the company itself. What a document leaves open
 * in a currency is conversion and goes
 * through the exchange account in both currencies; what it then leaves open in the functional
 * currency is the gain or loss. Legs of one journal, account and document are one line.
 */
export class PostingBook {
  readonly entity: Entity;
  private readonly piles = new Map<string, Pile>();

  constructor(
    entity: EntityId,
    private readonly customerKey: string | null,
    private readonly seed: string,
    private readonly now: Instant,
  ) {
    this.entity = entities[entity];
  }

  /** An amount in the entity's currency at the rate of a day. */
  functionalOf(amount: Minor, currency: string, day: Day): Minor {
    const { currency: to } = this.entity;
    if (currency === to || amount === 0n) return amount;
    return convertAt(amount, currency, to, ratesOf(this.seed).spot(currency, to, day));
  }

  /** The day of the books that an instant is in. */
  dayOf(at: Instant): Day {
    return this.entity.zone.dayOf(at);
  }

  isPosted(day: Day): boolean {
    return postedAfterDay(this.entity, day) <= this.now;
  }

  /**
   * A document: its legs, with the revenue entries that belong to it. A difference in a single
   * currency is nobody's and stands in suspense until it is explained; two currencies are a sale
   * of one for the other.
   */
  post(
    day: Day,
    category: Posting['category'],
    legs: readonly Leg[],
    entries: readonly RevenueEntry[] = [],
  ): void {
    const open = new Map<string, Minor>();
    let functional = 0n;
    for (const leg of legs) {
      const value = leg.functional ?? this.functionalOf(leg.amount, leg.currency, day);
      this.add(day, category, leg, value);
      open.set(leg.currency, (open.get(leg.currency) ?? 0n) + leg.amount);
      functional += value;
    }
    for (const { side, amount, currency, functional: value } of entries) {
      const sign = side === 'D' ? 1n : -1n;
      open.set(currency, (open.get(currency) ?? 0n) + sign * amount);
      functional += sign * value;
    }
    const docRef = legs[0]?.docRef ?? entries[0]?.docRef ?? '';
    const unequal = [...open].filter(([, amount]) => amount !== 0n);
    const account = unequal.length > 1 ? accounts.exchange : accounts.suspense;
    for (const [currency, amount] of unequal) {
      const value = -this.functionalOf(amount, currency, day);
      this.add(day, category, { account, amount: -amount, currency, docRef }, value);
      functional += value;
    }
    if (functional === 0n) return;
    const { currency } = this.entity;
    this.add(
      day,
      category,
      { account: accounts.exchange, amount: 0n, currency, docRef },
      -functional,
    );
  }

  private add(day: Day, category: Posting['category'], leg: Leg, functional: Minor): void {
    const journalId = journalIdOf(this.entity.id, day, category);
    const key = `${journalId}/${leg.account}/${leg.currency}/${leg.docRef}`;
    const pile = this.piles.get(key);
    if (pile === undefined) {
      this.piles.set(key, { journalId, category, day, leg, amount: leg.amount, functional });
      return;
    }
    pile.amount += leg.amount;
    pile.functional += functional;
  }

  /** Lines of journals that are posted by now, oldest first. */
  postings(): Posting[] {
    const postings: Posting[] = [];
    for (const { journalId, category, day, leg, amount, functional } of this.piles.values()) {
      const isNothing = amount === 0n && functional === 0n;
      if (isNothing || !this.isPosted(day)) continue;
      postings.push({
        journalId,
        entity: this.entity.id,
        category,
        period: monthOf(day),
        effectiveOn: day,
        postedAt: postedAfterDay(this.entity, day),
        account: leg.account,
        debit: amount > 0n ? amount : 0n,
        credit: amount < 0n ? -amount : 0n,
        currency: leg.currency,
        functionalDebit: functional > 0n ? functional : 0n,
        functionalCredit: functional < 0n ? -functional : 0n,
        customerKey: this.customerKey,
        docRef: leg.docRef,
      });
    }
    return postings.sort((a, b) => a.postedAt - b.postedAt);
  }
}
