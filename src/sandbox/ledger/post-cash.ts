import type { Instant } from '../kit/instants';
import type { BalanceTransaction, BankLine } from '../truth/cash';
import { accounts } from './accounts';
import type { CustomerBooks, OpenInvoice } from './customer-books';
import { bankTxnId } from '../cash/receive-wires';
import type { Leg } from './posting-book';
import { reinstate } from './post-invoices';

/** The account that money waits in until it is applied. */
const waitingIn = (kind: 'payment_intent' | 'payment_record'): string =>
  kind === 'payment_intent' ? accounts.unapplied : accounts.outsidePayments;

/** A payment pays an invoice. */
export function postApplication(
  books: CustomerBooks,
  of: OpenInvoice,
  { paymentKey, amount, at }: { paymentKey: string; amount: bigint; at: Instant },
): void {
  const payment = books.payments.get(paymentKey);
  if (payment === undefined) return;
  const day = books.book.dayOf(at);
  if (amount > 0n) reinstate(books, of, amount, at);
  const { currency } = of.invoice;
  books.book.post(day, 'CASH', [
    { account: waitingIn(payment.kind), amount, currency, docRef: payment.id },
    books.receivable(of, -amount, day),
  ]);
}

/** One movement of the Stripe balance: the fee beside the gross amount, never netted (CA-05). */
export function postMovement(books: CustomerBooks, movement: BalanceTransaction): void {
  const { id, net, fee, currency, createdAt } = movement;
  const legs: Leg[] = [{ account: accounts.stripeClearing, amount: net, currency, docRef: id }];
  if (fee !== 0n) legs.push({ account: accounts.processorFees, amount: fee, currency, docRef: id });
  const other = otherSide(books, movement);
  if (other !== null) legs.push(other);
  books.book.post(books.book.dayOf(createdAt), 'CASH', legs);
}

/** What a movement is for; a type that nobody has mapped has no other side (CA-04). */
function otherSide(books: CustomerBooks, { type, sourceId }: BalanceTransaction): Leg | null {
  if (type === 'charge' || type === 'payment' || type === 'payment_failure_refund') {
    const found = [...books.charges.values()].find(({ charge }) => charge.id === sourceId);
    if (found === undefined) return null;
    const { charge, payment } = found;
    const amount = type === 'payment_failure_refund' ? charge.amount : -charge.amount;
    const { currency, id: docRef } = payment;
    return { account: accounts.unapplied, amount, currency, docRef };
  }
  const refund = books.billing.refunds.find(({ id }) => id === sourceId);
  if (refund === undefined) return null;
  const amount = type === 'refund_failure' ? -refund.amount : refund.amount;
  const { currency } = books.customer;
  return { account: accounts.refundLiability, amount, currency, docRef: refund.id };
}

/** What a dispute takes, and gives back where it is won, stands as disputed until it is decided. */
export function postDispute(books: CustomerBooks, movement: BalanceTransaction): void {
  const { id, net, fee, currency, createdAt, category, sourceId } = movement;
  const dispute = books.billing.disputes.find((one) => one.id === sourceId);
  if (dispute === undefined) return;
  const amount = category === 'dispute' ? dispute.amount : -dispute.amount;
  const of = books.charges.get(dispute.chargeKey)?.payment.currency ?? books.customer.currency;
  const legs: Leg[] = [
    { account: accounts.stripeClearing, amount: net, currency, docRef: id },
    { account: accounts.disputed, amount, currency: of, docRef: dispute.id },
  ];
  if (fee !== 0n) legs.push({ account: accounts.processorFees, amount: fee, currency, docRef: id });
  books.book.post(books.book.dayOf(createdAt), 'CASH', legs);
}

/** A wire on the bank's day: what the bank and the payer's state kept is expense (L45). */
export function postWires(books: CustomerBooks, wires: readonly BankLine[]): void {
  const byTxn = new Map(wires.map((line) => [line.txnId, line]));
  for (const payment of books.billing.payments) {
    const { wire } = payment;
    if (wire === null) continue;
    const line = byTxn.get(bankTxnId('wire', wire.remittanceKey));
    if (line === undefined) continue;
    const { currency, id: docRef } = payment;
    const legs: Leg[] = [
      { account: accounts.outsidePayments, amount: -payment.amount, currency, docRef },
    ];
    if (wire.bankFee !== 0n)
      legs.push({ account: accounts.bankCharges, amount: wire.bankFee, currency, docRef });
    if (wire.withheld !== 0n)
      legs.push({ account: accounts.withheldTax, amount: wire.withheld, currency, docRef });
    const amount = payment.amount - wire.bankFee - wire.withheld;
    legs.push({ account: accounts.bank, amount, currency, docRef: line.txnId });
    books.book.post(line.bookedOn, 'CASH', legs);
  }
}
