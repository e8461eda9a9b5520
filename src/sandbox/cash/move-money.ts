import { addDays, startOfUtcDay, utcDay, type Instant } from '../kit/instants';
import { stripeId } from '../kit/ids';
import { sumOf, type Minor } from '../kit/units';
import type { Billing, Charge, Dispute, Payment, Refund } from '../truth/billing';
import type { BalanceTransaction, BankLine } from '../truth/cash';
import { entities, type Customer } from '../truth/company';
import type { WorldContext } from '../world/customer-world';
import { bankCalendars } from './bank-calendars';
import { feeOf, feeRateOf } from './rate-card';
import { receiveWires } from './receive-wires';
import { settle } from './settle';

export interface MoneyMoved {
  /** By instant, then id. */
  movements: BalanceTransaction[];
  wires: BankLine[];
}

/** Business days until Stripe lets the money go, by method. */
const settlingDays = { card: 2, ach_debit: 4, sepa_debit: 5, wire: 2 } as const;

/**
 * Stripe's ledger of one customer and its wires on the bank statement: charges with their fees,
 * refunds and those that failed, debits that came back, disputes with their fee and their return
 * (CONTROLS S4, S14 to S19). Only what has happened by now.
 */
export function moveMoney(customer: Customer, billing: Billing, ctx: WorldContext): MoneyMoved {
  const desk = new Desk(customer, ctx);
  const charged = new Map<string, { payment: Payment; charge: Charge }>();
  for (const payment of billing.payments) {
    if (payment.kind !== 'payment_intent') continue;
    for (const charge of payment.charges) {
      charged.set(charge.key, { payment, charge });
      desk.charge(payment, charge);
    }
  }
  for (const refund of billing.refunds) desk.refund(refund, charged.get(refund.chargeKey));
  for (const dispute of billing.disputes) desk.dispute(dispute, charged.get(dispute.chargeKey));
  const movements = desk.movements
    .filter(({ createdAt }) => createdAt <= ctx.options.now)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  return { movements, wires: receiveWires(customer, billing, ctx) };
}

interface Movement {
  key: readonly string[];
  type: BalanceTransaction['type'];
  category: string;
  amount: Minor;
  currency: string;
  fees: BalanceTransaction['fees'];
  exchangeRate: string | null;
  at: Instant;
  availableAt: Instant;
  sourceId: string;
}

/** One customer's movements as they are written. */
class Desk {
  readonly movements: BalanceTransaction[] = [];

  constructor(
    private readonly customer: Customer,
    private readonly ctx: WorldContext,
  ) {}

  charge(payment: Payment, charge: Charge): void {
    const at = charge.succeededAt;
    if (at === null) return;
    const { amount, currency, exchangeRate } = this.settled(payment, charge.amount, at);
    const rate = feeRateOf(this.customer, payment.method);
    const fee = feeOf(rate, amount, currency);
    const fees = fee === 0n ? [] : [processing(fee, rate.name)];
    const days = settlingDays[payment.method];
    const debit = payment.method !== 'card';
    this.write({
      key: ['charge', charge.key],
      type: debit ? 'payment' : 'charge',
      category: 'charge',
      ...{ amount, currency, fees, exchangeRate, at },
      availableAt: startOfUtcDay(this.calendar.add(utcDay(at), days)),
      sourceId: charge.id,
    });
    if (currency !== payment.currency) this.ctx.noteLookAlike('L47', charge.id);
    if (charge.returnedAt !== null) this.giveBack(payment, charge, charge.returnedAt);
  }

  /** A debit that came back (S15); what Stripe took for it stays with Stripe. */
  private giveBack(payment: Payment, charge: Charge, at: Instant): void {
    this.write({
      key: ['charge failed', charge.key],
      type: 'payment_failure_refund',
      category: 'charge_failure',
      ...this.settled(payment, -charge.amount, at),
      ...{ fees: [], at, availableAt: startOfUtcDay(utcDay(at)), sourceId: charge.id },
    });
  }

  refund(refund: Refund, of: { payment: Payment } | undefined): void {
    if (of === undefined) return;
    const { id, amount, createdAt: at, failedAt } = refund;
    this.write({
      key: ['refund', refund.key],
      type: of.payment.method === 'card' ? 'refund' : 'payment_refund',
      category: 'refund',
      ...this.settled(of.payment, -amount, at),
      ...{ fees: [], at, availableAt: startOfUtcDay(utcDay(at)), sourceId: id },
    });
    if (failedAt === null) return;
    this.write({
      key: ['refund failed', refund.key],
      type: 'refund_failure',
      category: 'refund_failure',
      ...this.mirrored(of.payment, amount, at),
      ...{ fees: [], at: failedAt, availableAt: startOfUtcDay(utcDay(failedAt)), sourceId: id },
    });
    if (failedAt <= this.ctx.options.now) this.ctx.noteLookAlike('L46', id);
  }

  /** Inquiries and prevented disputes move nothing; a won one returns the amount, not the fee. */
  dispute(dispute: Dispute, of: { payment: Payment } | undefined): void {
    if (of === undefined || movesNothing(dispute)) return;
    const { id, amount, createdAt: at, closedAt } = dispute;
    this.write({
      key: ['dispute', dispute.key],
      type: 'adjustment',
      category: 'dispute',
      ...this.settled(of.payment, -amount, at),
      fees: dispute.fee === 0n ? [] : [processing(dispute.fee, 'Dispute fee')],
      ...{ at, availableAt: startOfUtcDay(utcDay(at)), sourceId: id },
    });
    if (dispute.status !== 'won' || closedAt === null) return;
    this.write({
      key: ['dispute won', dispute.key],
      type: 'adjustment',
      category: 'dispute_reversal',
      ...this.mirrored(of.payment, amount, at),
      ...{ fees: [], at: closedAt, availableAt: startOfUtcDay(addDays(utcDay(closedAt), 1)) },
      sourceId: id,
    });
  }

  private get calendar() {
    return bankCalendars[entities[this.customer.entity].calendar];
  }

  private settled({ currency }: Payment, amount: Minor, at: Instant) {
    return settle(this.ctx.options.seed, this.customer.entity, { amount, currency, at });
  }

  /** The return of what was taken: exactly as much, at the rate at which it was taken. */
  private mirrored(payment: Payment, amount: Minor, takenAt: Instant) {
    const taken = this.settled(payment, -amount, takenAt);
    return { ...taken, amount: -taken.amount };
  }

  private write(movement: Movement): void {
    const { key, fees, at, ...rest } = movement;
    const fee = sumOf(fees.map(({ amount }) => amount));
    this.movements.push({
      id: stripeId('txn', ...key),
      entity: this.customer.entity,
      ...rest,
      ...{ fee, fees, net: rest.amount - fee, createdAt: at, customerKey: this.customer.key },
    });
  }
}

const movesNothing = ({ status }: Dispute): boolean =>
  status === 'warning_needs_response' || status === 'warning_closed' || status === 'prevented';

const processing = (amount: Minor, description: string) => ({
  type: 'stripe_fee' as const,
  amount,
  description,
});
