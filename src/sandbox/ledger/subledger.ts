import { convertAt, ratesOf } from '../company/fx-rates';
import { monthOf, type Day, type Instant } from '../kit/instants';
import { rateText, RATE_SCALE, type Minor, type Rate } from '../kit/units';
import type { Entity } from '../truth/company';
import type { RevenueEntry, ScheduleLine } from '../truth/ledger';
import { accounts } from './accounts';
import * as days from './ledger-days';
import type { CalledOff, Piece, Split } from './line-revenue';
import type { RevenueLine } from './revenue-line';

/** Who the automatic entries are by. */
export const subledgerUser = 'svc-revenue-subledger';

/** A pair of entries, one debit and one credit, on one day and in one journal. */
export interface Pair {
  id: string;
  debit: string;
  credit: string;
  /** Negative turns the sides round. */
  amount: Minor;
  functional: Minor;
  currency: string;
  on: Day;
  postedAt: Instant;
  journalId: string;
  scheduleLineId: string | null;
  reversalOf: string | null;
  docRef: string;
}

/**
 * The revenue subledger of one customer. Every line of the ledger's revenue, contra, contract
 * liability and unbilled accounts comes from its entries, so the two tie by account (GL-04).
 */
export class Subledger {
  readonly entries: RevenueEntry[] = [];
  readonly schedule: ScheduleLine[] = [];

  constructor(
    readonly entity: Entity,
    private readonly seed: string,
    readonly now: Instant,
  ) {}

  spot(currency: string, day: Day): Rate {
    return ratesOf(this.seed).spot(currency, this.entity.currency, day);
  }

  /** Entries of one side for a document whose other side is postings; posted with its day. */
  side(
    id: string,
    account: string,
    on: Day,
    { amount, functional, currency, docRef, scheduleLineId = null }: SideOf,
  ): RevenueEntry[] {
    if (amount === 0n && functional === 0n) return [];
    const postedAt = days.postedAfterDay(this.entity, on);
    if (postedAt > this.now) return [];
    const journalId = days.journalIdOf(this.entity.id, on, 'RECEIVABLES');
    const entry = this.entry({
      ...{ id, account, amount, functional, currency, on, postedAt, journalId },
      ...{ scheduleLineId, reversalOf: null, docRef },
    });
    this.entries.push(entry);
    return [entry];
  }

  pair(pair: Pair): void {
    if (pair.amount === 0n || pair.postedAt > this.now) return;
    this.entries.push(this.sideOf(pair, 'D'), this.sideOf(pair, 'C'));
  }

  private sideOf(pair: Pair, side: 'D' | 'C'): RevenueEntry {
    const isDebit = side === 'D';
    return this.entry({
      id: pair.id + side,
      account: isDebit ? pair.debit : pair.credit,
      amount: isDebit ? pair.amount : -pair.amount,
      functional: isDebit ? pair.functional : -pair.functional,
      currency: pair.currency,
      on: pair.on,
      postedAt: pair.postedAt,
      journalId: pair.journalId,
      scheduleLineId: pair.scheduleLineId,
      reversalOf: pair.reversalOf === null ? null : pair.reversalOf + side,
      docRef: pair.docRef,
    });
  }

  /** Written out in full: a million of these are made. */
  private entry(of: EntryOf): RevenueEntry {
    const { amount, functional } = of;
    const isDebit = amount > 0n || (amount === 0n && functional > 0n);
    return {
      id: of.id,
      scheduleLineId: of.scheduleLineId,
      entity: this.entity.id,
      account: of.account,
      side: isDebit ? 'D' : 'C',
      amount: isDebit ? amount : -amount,
      currency: of.currency,
      functional: isDebit ? functional : -functional,
      period: monthOf(of.on),
      entryOn: of.on,
      postedAt: of.postedAt,
      journalId: of.journalId,
      source: 'AUTO',
      createdBy: subledgerUser,
      approvedBy: null,
      reversalOf: of.reversalOf,
      docRef: of.docRef,
    };
  }

  /**
   * What a credit does to a line: contra revenue for what was earned, the rest off the
   * liability.
   */
  takeBack(
    line: RevenueLine,
    on: Day,
    split: Split,
    { account, docRef }: { account: string; docRef: string },
  ): RevenueEntry[] {
    const { id, currency } = line.facts;
    const key = `RE-${id.slice(3)}-${docRef.slice(-8)}`;
    const scheduleLineId = line.facts.plan === 'own' ? calledOffId(line, on) : null;
    const earned = {
      ...{ amount: split.earned, currency, docRef, scheduleLineId },
      functional: this.at(line, split.earned),
    };
    const deferred = {
      ...{ amount: split.deferred, currency, docRef, scheduleLineId },
      functional: line.release(split.deferred),
    };
    return [
      ...(account === '' ? [] : this.side(`${key}R`, account, on, earned)),
      ...this.side(`${key}L`, line.liability, on, deferred),
    ];
  }

  /** An amount of a line that was earned, at the invoice's rate. */
  at(line: RevenueLine, amount: Minor): Minor {
    return line.functional(amount);
  }

  /** Plans and posts a line with a plan of its own, as far as the month's runs have come. */
  recognise(line: RevenueLine): void {
    const { facts, revenue } = line;
    if (facts.plan !== 'own') return;
    for (const piece of merged(revenue.pieces(), facts.knownOn)) this.recognisePiece(line, piece);
    for (const { on, amount, held } of byDay(revenue.calledOff)) {
      this.schedule.push({
        ...{ id: calledOffId(line, on), obligationId: facts.obligationId, invoiceLineId: facts.id },
        ...{ entity: this.entity.id, period: monthOf(on), start: on },
        ...{ endExclusive: days.laterOf(on, revenue.end), amount, currency: facts.currency },
        ...{ functional: line.functional(amount), fxRate: rateText(rateOf(line)) },
        ...{ status: held ? 'held' : 'reversed', recognisedAt: null },
      });
    }
  }

  private recognisePiece(line: RevenueLine, piece: Piece): void {
    const { facts, billed } = line;
    const id = `RSL-${facts.id.slice(3)}-${piece.start.replaceAll('-', '')}`;
    const isAccrued = billed === null || piece.earnedOn < billed.on;
    const postedAt = this.runOf(piece.earnedOn, isAccrued);
    const isPosted = postedAt <= this.now;
    const rate = billed?.rate ?? this.spot(facts.currency, piece.earnedOn);
    const functional =
      billed === null
        ? this.convert(facts.currency, piece.amount, rate)
        : line.release(piece.amount);
    this.schedule.push({
      id,
      obligationId: facts.obligationId,
      invoiceLineId: billed === null ? null : facts.id,
      entity: this.entity.id,
      period: monthOf(piece.earnedOn),
      start: piece.start,
      endExclusive: piece.end,
      amount: piece.amount,
      currency: facts.currency,
      functional,
      fxRate: rateText(rate),
      status: isPosted ? 'recognised' : 'planned',
      recognisedAt: isPosted ? postedAt : null,
    });
    const key = `RE-${id.slice(4)}`;
    if (isAccrued) this.accrue(line, piece, { key, id, postedAt });
    if (billed !== null) this.earn(line, piece, { id, functional, isAccrued, postedAt });
  }

  /** What was earned leaves the liability: with the month's run, or with the invoice if later. */
  private earn(line: RevenueLine, piece: Piece, of: EarnedOf): void {
    const { facts, billed } = line;
    const on = days.laterOf(piece.earnedOn, billed?.on ?? piece.earnedOn);
    const isRun = !of.isAccrued && on === days.lastOfMonth(monthOf(on));
    this.pair({
      id: `RE-${of.id.slice(4)}`,
      debit: line.liability,
      credit: facts.revenueAccount,
      amount: piece.amount,
      functional: of.functional,
      currency: facts.currency,
      on,
      postedAt: isRun ? of.postedAt : days.postedAfterDay(this.entity, on),
      journalId: days.journalIdOf(this.entity.id, on, 'REVENUE', isRun),
      scheduleLineId: of.id,
      reversalOf: null,
      docRef: facts.id,
    });
  }

  /** Service before its invoice is unbilled revenue; the invoice reverses it (RV-04, ST-03). */
  private accrue(
    line: RevenueLine,
    { amount, earnedOn }: Piece,
    { key, id, postedAt }: { key: string; id: string; postedAt: Instant },
  ): void {
    const { currency, revenueAccount } = line.facts;
    const isRun = earnedOn === days.lastOfMonth(monthOf(earnedOn));
    const accrual: Pair = {
      ...{ id: `${key}U`, debit: accounts.unbilled, credit: revenueAccount, amount, currency },
      functional: this.convert(currency, amount, this.spot(currency, earnedOn)),
      ...{ on: earnedOn, postedAt },
      journalId: days.journalIdOf(this.entity.id, earnedOn, 'ACCRUAL', isRun),
      ...{ scheduleLineId: id, reversalOf: null, docRef: line.facts.id },
    };
    this.pair(accrual);
    if (line.billed === null) return;
    const { on } = line.billed;
    this.pair({
      ...{ ...accrual, id: `${key}V`, reversalOf: accrual.id, on },
      ...{ amount: -amount, functional: -accrual.functional },
      postedAt: days.postedAfterDay(this.entity, on),
      journalId: days.journalIdOf(this.entity.id, on, 'ACCRUAL'),
    });
  }

  /** When a day's revenue is posted: with the month's run, or in the night after the day. */
  private runOf(day: Day, isAccrual: boolean): Instant {
    return day === days.lastOfMonth(monthOf(day))
      ? days.postedAfterMonth(this.entity, day, isAccrual)
      : days.postedAfterDay(this.entity, day);
  }

  convert(currency: string, amount: Minor, rate: Rate): Minor {
    return convertAt(amount, currency, this.entity.currency, rate);
  }
}

interface EarnedOf {
  id: string;
  functional: Minor;
  isAccrued: boolean;
  postedAt: Instant;
}

interface SideOf {
  amount: Minor;
  functional: Minor;
  currency: string;
  docRef: string;
  scheduleLineId?: string | null;
}

type EntryOf = Omit<Pair, 'debit' | 'credit'> & { account: string };

const rateOf = ({ billed }: RevenueLine): Rate => billed?.rate ?? RATE_SCALE;

const calledOffId = ({ facts }: RevenueLine, on: Day): string =>
  `RSX-${facts.id.slice(3)}-${days.laterOf(on, facts.start).replaceAll('-', '')}`;

/** What was called off, a line for each day. */
function byDay(calledOff: readonly CalledOff[]): CalledOff[] {
  const days = new Map<Day, CalledOff>();
  for (const one of calledOff) {
    const known = days.get(one.on);
    if (known === undefined) days.set(one.on, { ...one });
    else Object.assign(known, { amount: known.amount + one.amount, held: one.held });
  }
  return [...days.values()];
}

/** Months that were over before the service was known are caught up in the month it was. */
function merged(pieces: readonly Piece[], knownOn: Day): Piece[] {
  const month = monthOf(knownOn);
  const late = pieces.filter(({ earnedOn }) => monthOf(earnedOn) < month);
  const [first] = late;
  if (first === undefined) return [...pieces];
  const caught: Piece = {
    start: first.start,
    end: late.at(-1)?.end ?? first.end,
    amount: late.reduce((sum, { amount }) => sum + amount, 0n),
    earnedOn: days.lastOfMonth(month),
  };
  return [caught, ...pieces.slice(late.length)];
}
