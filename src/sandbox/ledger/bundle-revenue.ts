import { productOf } from '../company/catalog';
import { addDays, monthOf, type Day } from '../kit/instants';
import { rateText, type Minor, type Rate } from '../kit/units';
import { accounts } from './accounts';
import type { Bundle } from './contracts';
import * as days from './ledger-days';
import { LineRevenue, type Piece } from './line-revenue';
import type { Subledger } from './subledger';

interface Stream {
  obligationId: string;
  account: string;
  revenue: LineRevenue;
}

/**
 * Revenue of a bundle by its obligations, whatever is billed when: seats day by day, services on
 * the day they are given, each at its share of the contract's price. What is earned beyond what is
 * billed is unbilled, per contract, until it is billed (RV-02).
 */
export class BundleRevenue {
  readonly rate: Rate;
  private readonly streams: Stream[];
  private readonly billings: { on: Day; amount: Minor }[] = [];

  constructor(
    private readonly bundle: Bundle,
    private readonly subledger: Subledger,
  ) {
    const { order, lines } = bundle;
    this.rate = subledger.spot(order.currency, order.effectiveOn);
    this.streams = lines.map(({ line, allocated }) => {
      const { method, revenueAccount } = productOf(line.product);
      const end = method === 'POINT_IN_TIME' ? line.startOn : addDays(line.endOn, 1);
      const revenue = new LineRevenue(line.startOn, end, allocated);
      return { obligationId: `POB-${line.key}`, account: revenueAccount, revenue };
    });
  }

  holds(orderLineKey: string | null): boolean {
    return this.bundle.lines.some(({ line }) => line.key === orderLineKey);
  }

  /** A billing of one of its lines; what differs from the order is earned over its own service. */
  bill(
    on: Day,
    amount: Minor,
    { orderLineKey, start, end }: { orderLineKey: string | null; start: Day; end: Day },
  ): void {
    this.billings.push({ on, amount });
    const of = this.bundle.lines.find(({ line }) => line.key === orderLineKey)?.line;
    if (of === undefined) return;
    const expected = of.charge === 'one_time' ? of.total : of.netPerPeriod * BigInt(of.quantity);
    const other = amount - expected;
    if (other === 0n) return;
    const { revenueAccount: account } = productOf(of.product);
    const obligationId = `POB-${of.key}`;
    this.streams.push({ obligationId, account, revenue: new LineRevenue(start, end, other) });
  }

  /** A void takes a billing back, and what it differed by. */
  unbill(on: Day, amount: Minor): void {
    this.billings.push({ on, amount: -amount });
  }

  recognise(): void {
    const earned: { on: Day; amount: Minor }[] = [];
    for (const [n, stream] of this.streams.entries())
      for (const piece of stream.revenue.pieces()) {
        this.recognisePiece(stream, piece, n);
        earned.push({ on: piece.earnedOn, amount: piece.amount });
      }
    this.moveToUnbilled(earned);
  }

  private recognisePiece(stream: Stream, piece: Piece, n: number): void {
    const { entity } = this.subledger;
    const { currency, key } = this.bundle.order;
    const { start, end, amount, earnedOn } = piece;
    const postedAt = days.postedAfterMonth(entity, earnedOn, false);
    const isPosted = postedAt <= this.subledger.now;
    const tail = `${stream.obligationId.slice(4)}-${String(n)}-${start.replaceAll('-', '')}`;
    const functional = this.subledger.convert(currency, amount, this.rate);
    this.subledger.schedule.push({
      ...{ id: `RSL-${tail}`, obligationId: stream.obligationId, invoiceLineId: null },
      ...{ entity: entity.id, period: monthOf(earnedOn), start, endExclusive: end, amount },
      ...{ currency, functional, fxRate: rateText(this.rate) },
      ...{ status: isPosted ? 'recognised' : 'planned', recognisedAt: isPosted ? postedAt : null },
    });
    this.subledger.pair({
      ...{ id: `RE-${tail}`, debit: accounts.contractLiability, credit: stream.account },
      ...{ amount, functional, currency, on: earnedOn, postedAt },
      journalId: days.journalIdOf(entity.id, earnedOn, 'REVENUE', true),
      ...{ scheduleLineId: `RSL-${tail}`, reversalOf: null, docRef: `RC-${key}` },
    });
  }

  private moveToUnbilled(earned: readonly { on: Day; amount: Minor }[]): void {
    const { order } = this.bundle;
    const { entity } = this.subledger;
    const upTo = (list: readonly { on: Day; amount: Minor }[], day: Day): Minor =>
      list.reduce((sum, { on, amount }) => (on <= day ? sum + amount : sum), 0n);
    let unbilled = 0n;
    for (
      let day = days.lastOfMonth(monthOf(order.effectiveOn));
      days.postedAfterMonth(entity, day, true) <= this.subledger.now;
      day = days.lastOfMonth(monthOf(addDays(day, 1)))
    ) {
      const ahead = upTo(earned, day) - upTo(this.billings, day);
      const target = ahead > 0n ? ahead : 0n;
      const amount = target - unbilled;
      unbilled = target;
      this.subledger.pair({
        id: `RE-${order.key}-CA-${day.replaceAll('-', '')}`,
        ...{ debit: accounts.unbilled, credit: accounts.contractLiability, amount },
        functional: this.subledger.convert(order.currency, amount, this.rate),
        ...{ currency: order.currency, on: day },
        postedAt: days.postedAfterMonth(entity, day, true),
        journalId: days.journalIdOf(entity.id, day, 'ACCRUAL', true),
        ...{ scheduleLineId: null, reversalOf: null, docRef: `RC-${order.key}` },
      });
      const isOver = day > addDays(order.endOn, 60) && amount === 0n;
      if (isOver) return;
    }
  }
}
