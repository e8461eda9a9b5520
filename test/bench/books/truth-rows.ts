import { MovementBook } from '../../../src/sandbox/cash/movement-book';
import { payOut } from '../../../src/sandbox/cash/pay-out';
import { openRoster } from '../../../src/sandbox/company/roster';
import { isoInstant } from '../../../src/sandbox/kit/instants';
import type { BalanceTransaction, BankLine } from '../../../src/sandbox/truth/cash';
import type { CustomerWorld } from '../../../src/sandbox/world/customer-world';
import { InvoiceNumbers } from '../../../src/sandbox/world/number-invoices';
import { simulateCustomer } from '../../../src/sandbox/world/simulate-customer';
import { worldContext } from '../../../src/sandbox/world/world-context';
import { worldOrders, type WorldWish } from '../../../src/sandbox/world/world-request';
import { money, TruthBook, type TruthRows } from './truth-book';
import {
  addBookingChanges,
  addCustomerLinks,
  addEntitlements,
  addPhases,
  addSummaries,
} from './truth-links';

/**
 * The truth of a clean company, row by row, from the histories that its systems were rendered from:
 * neither what was rendered nor any mapping takes part. The selects of `books-selects.ts` say which
 * columns of the books these values are.
 */
export function truthRows(wish: WorldWish): TruthRows {
  const { options } = worldOrders(wish);
  const [roster, context] = [openRoster(options), worldContext(options)];
  const [book, numbers, movements] = [
    new TruthBook(),
    new InvoiceNumbers(context),
    new MovementBook(),
  ];
  const worlds = Array.from({ length: roster.size }, (_, i) =>
    simulateCustomer(roster.customer(i + 1), { roster, context }),
  );
  for (const world of worlds) {
    numbers.note(world);
    for (const movement of world.movements) movements.add(movement);
  }
  for (const world of worlds) {
    numbers.assign(world);
    addSold(book, world);
    addDocuments(book, world);
    addCash(book, world);
    addCredit(book, world);
    addLedger(book, world);
    for (const movement of world.movements) addMovement(book, movement);
    addUsage(book, world);
    addCustomerLinks(book, world);
    addBookingChanges(book, world);
    addPhases(book, world, options.now);
    addSummaries(book, world, options.now);
  }
  addEntitlements(book, roster.people);
  const paidOut = payOut(movements, context);
  for (const movement of paidOut.movements) addMovement(book, movement);
  for (const { id, amount, currency, status } of paidOut.payouts)
    book.add('payouts', id, money(amount, currency), currency, status);
  const reconciled = new Set(
    paidOut.payouts.filter((one) => one.reconciliation === 'completed').map(({ id }) => id),
  );
  for (const { id, net, currency } of [
    ...worlds.flatMap((world) => world.movements),
    ...paidOut.movements,
  ]) {
    const payout = paidOut.payoutOf.get(id) ?? '';
    if (!reconciled.has(payout)) continue;
    book.add('payout_balance_transactions', `${payout}/${id}`, currency, money(net, currency));
  }
  const lines = new Map<string, BankLine>();
  for (const line of [...worlds.flatMap(({ wires }) => wires), ...paidOut.bankLines])
    lines.set(`${line.bankAccount}/${line.txnId}`, line);
  for (const [key, { amount, currency, valueOn }] of lines)
    book.add('bank_transactions', key, money(amount, currency), currency, valueOn);
  return book.rows;
}

function addSold(book: TruthBook, { sold }: CustomerWorld): void {
  for (const deal of sold.deals) {
    const { opportunityId: id, amount, currency, isWon, closeDate } = deal;
    book.add('opportunities', id, money(amount, currency), currency, isWon, closeDate);
    for (const { lineItemId, total } of deal.lines)
      book.add('opportunity_lines', lineItemId, id, money(total, currency), currency);
    for (const order of deal.orders) {
      const total = money(order.total, order.currency);
      book.add('orders', order.orderId, order.number, total, order.currency, order.status);
      for (const { orderItemId, total: amount_ } of order.lines) {
        const own = money(amount_, order.currency);
        book.add('order_lines', orderItemId, order.orderId, own, order.currency);
      }
    }
  }
  for (const { contractId, number, startOn, endOn } of sold.contracts)
    book.add('contracts', contractId, number, startOn, endOn);
}

function addDocuments(book: TruthBook, { billing, customer }: CustomerWorld): void {
  for (const invoice of billing.invoices) {
    const { id, number, currency: of, status, totals: t } = invoice;
    const sums = [t.total, t.amountDue, t.amountPaid, t.amountRemaining, t.amountOverpaid];
    const amounts = sums.map((amount) => money(amount, of));
    book.add('invoices', id, number, customer.stripeId, of, status, ...amounts);
    for (const line of invoice.lines) {
      const credits = line.grantCredits.reduce((sum, { amount }) => sum + amount, 0n);
      const parts = [line.amount, line.discount, credits, line.taxExclusive, line.taxInclusive];
      book.add('invoice_lines', line.id, id, of, ...parts.map((amount) => money(amount, of)));
    }
    for (const { id: payment, requested, paid, status: state } of invoice.applications)
      book.add('invoice_payments', payment, id, money(requested, of), money(paid ?? 0n, of), state);
  }
  for (const note of billing.creditNotes) {
    const invoice = billing.invoices.find(({ key }) => key === note.invoiceKey);
    const of = invoice?.currency ?? customer.currency;
    const parts = [note.amount, note.prePayment, note.postPayment].map((one) => money(one, of));
    const { id, number, status } = note;
    book.add('credit_notes', id, number, invoice?.id ?? null, of, status, ...parts);
    for (const { id: line } of note.lines) book.add('credit_note_lines', line, id);
  }
}

function addCash(book: TruthBook, { billing }: CustomerWorld): void {
  const currencies = new Map<string, string>();
  for (const payment of billing.payments) {
    const { id, currency: of, amount } = payment;
    for (const charge of payment.charges) currencies.set(charge.key, of);
    if (payment.kind === 'payment_record') {
      book.add('payments', id, null, of, money(amount, of), '0');
      continue;
    }
    book.add('payment_intents', id, of, money(amount, of), payment.status);
    for (const { id: charge, amount: asked, refunded } of payment.charges)
      book.add('payments', charge, id, of, money(asked, of), money(refunded, of));
  }
  for (const { id, amount, status, chargeKey } of billing.refunds) {
    const of = currencies.get(chargeKey) ?? '';
    book.add('refunds', id, of, money(amount, of), status);
  }
  for (const { id, amount, status, chargeKey } of billing.disputes) {
    const of = currencies.get(chargeKey) ?? '';
    book.add('disputes', id, of, money(amount, of), status);
  }
}

function addCredit(book: TruthBook, { billing, customer }: CustomerWorld): void {
  // Before its first document a customer has no currency, and so no balance.
  const balance = billing.invoices.length > 0 ? money(-billing.balance, customer.currency) : null;
  book.add('customers', customer.stripeId, customer.entity, customer.name, balance);
  for (const one of billing.balanceTransactions) {
    const { id, amount, endingBalance, currency: of } = one;
    const moved = [money(-amount, of), money(-endingBalance, of)];
    book.add('customer_credit_transactions', id, of, ...moved);
  }
  for (const { id, currency: of, amount, category, transactions } of billing.grants) {
    book.add('credit_grants', id, of, money(amount, of), category);
    for (const one of transactions)
      book.add('credit_grant_transactions', one.id, id, of, money(one.amount, of));
  }
}

function addMovement(book: TruthBook, movement: BalanceTransaction): void {
  const { id, type, category, currency: of, amount, fee, net } = movement;
  const parts = [amount, fee, net].map((one) => money(one, of));
  book.add('balance_transactions', id, type, category, of, ...parts);
  for (const [i, part] of movement.fees.entries())
    book.add('balance_transaction_fees', `${id}/${i + 1}`, part.type, of, money(part.amount, of));
}

function addLedger(book: TruthBook, { ledger }: CustomerWorld): void {
  for (const { id, currency: of, transactionPrice } of ledger.contracts)
    book.add('revenue_contracts', id, of, money(transactionPrice, of));
  for (const { id, contractId, product } of ledger.obligations)
    book.add('performance_obligations', id, contractId, product);
  for (const { id, currency: of, amount, period, status } of ledger.schedule)
    book.add('revenue_schedule_lines', id, of, money(amount, of), period, status);
  for (const { id, account, side, currency: of, amount } of ledger.entries)
    book.add('revenue_entries', id, account, side, of, money(amount, of));
}

function addUsage(book: TruthBook, { usage, customer }: CustomerWorld): void {
  const id = customer.internal ? customer.organizationId : customer.stripeId;
  for (const { meter, hour, quantity, events } of usage.store)
    book.add('usage_hours', `${id}/${meter}/${isoInstant(hour)}`, String(quantity), String(events));
  for (const { workspace, day, assigned, active } of usage.seats)
    book.add('seat_days', `${id}/${workspace}/${day}`, String(assigned), String(active));
}
