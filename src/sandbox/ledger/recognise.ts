import type { Instant } from '../kit/instants';
import { stripeId } from '../kit/ids';
import { productOf } from '../company/catalog';
import type { Day } from '../kit/instants';
import type { CreditGrant, InvoiceLine, Payment } from '../truth/billing';
import type { ProductCode } from '../truth/catalog';
import type { RevenueBooks } from '../truth/ledger';
import type { CustomerWorld, WorldContext } from '../world/customer-world';
import { accounts } from './accounts';
import { ageReceivables } from './age-receivables';
import { BundleRevenue } from './bundle-revenue';
import { Contracts } from './contracts';
import { CustomerBooks, type OpenInvoice } from './customer-books';
import * as days from './ledger-days';
import { postApplication, postDispute, postMovement, postWires } from './post-cash';
import { postCreditNote, postLostDispute, postRefund, postVoidedNote } from './post-credits';
import { postBalanceMovement, postInvoice, postVoid, postWriteOff } from './post-invoices';
import type { RevenueLine } from './revenue-line';
import { trackLines } from './track-lines';

type Sources = Omit<CustomerWorld, 'cutover' | 'ledger'>;

/**
 * The revenue subledger and the postings of one customer, from what was sold, used, billed and
 * paid. The policy, in short (policy.md has it whole): revenue by day over the service period,
 * usage in the month of use, services when given; taxes never; credits and refunds against what was
 * earned and what was not, in proportion; what nobody pays is a credit loss.
 */
export function recognise(world: Sources, ctx: WorldContext): RevenueBooks {
  const books = new CustomerBooks(world.customer, world.billing, ctx);
  const contracts = new Contracts(world);
  const bundles = contracts.bundles.map((bundle) => new BundleRevenue(bundle, books.subledger));
  const lines = trackLines(books, world, contracts);
  const events = eventsOf(books, world, bundles).filter(({ at }) => at <= ctx.options.now);
  events.sort((a, b) => a.at - b.at || a.order - b.order);
  for (const { post } of events) post();
  postWires(books, world.wires);
  for (const line of lines) books.subledger.recognise(line);
  for (const bundle of bundles) bundle.recognise();
  const { entries, schedule } = books.subledger;
  const today = books.book.dayOf(ctx.options.now);
  const postings = books.book.postings();
  return {
    ...contracts.list(billedByObligation(world, books), today),
    ...{ schedule, entries, postings, ageing: ageReceivables(world, postings, ctx) },
  };
}

interface LedgerEvent {
  at: Instant;
  /** Of events at one instant. */
  order: number;
  post: () => void;
}

/** Everything that is posted on its day, in the order in which it happened. */
function eventsOf(
  books: CustomerBooks,
  { billing, movements }: Sources,
  bundles: readonly BundleRevenue[],
): LedgerEvent[] {
  const events: LedgerEvent[] = [];
  const on = (at: Instant | null, order: number, post: () => void): void => {
    if (at !== null) events.push({ at, order, post });
  };
  for (const of of books.invoices.values()) invoiceEvents(books, of, bundles, on);
  for (const one of billing.balanceTransactions)
    on(one.at, 4, () => {
      postBalanceMovement(books, one);
    });
  for (const note of billing.creditNotes) {
    on(note.createdAt, 3, () => {
      postCreditNote(books, note);
    });
    const { voidedAt } = note;
    if (voidedAt === null) continue;
    on(voidedAt, 3, () => {
      postVoidedNote(books, note, voidedAt);
    });
  }
  const explained = explainedRefunds(billing);
  for (const refund of billing.refunds)
    if (!explained.has(refund.key) && !explained.has(refund.id))
      on(refund.createdAt, 5, () => {
        postRefund(books, refund);
      });
  for (const dispute of billing.disputes) {
    const { status, closedAt } = dispute;
    if (status !== 'lost' || closedAt === null) continue;
    on(closedAt, 5, () => {
      postLostDispute(books, dispute, closedAt);
    });
  }
  for (const movement of movements)
    on(movement.createdAt, 2, () => {
      if (movement.type === 'adjustment') postDispute(books, movement);
      else postMovement(books, movement);
    });
  for (const payment of billing.payments) checkoutEvent(books, payment, on);
  for (const grant of billing.grants) grantEvents(books, grant, on);
  return events;
}

/** Refunds that a credit note posts, by key; by id those that a movement of the balance posts. */
const explainedRefunds = ({ creditNotes, balanceTransactions }: Sources['billing']) =>
  new Set([
    ...creditNotes.flatMap(({ refunds }) => refunds.map(({ refundKey }) => refundKey)),
    ...balanceTransactions.flatMap(({ metadata }) => metadata.refund ?? []),
  ]);

type Plan = (at: Instant | null, order: number, post: () => void) => void;

function invoiceEvents(
  books: CustomerBooks,
  of: OpenInvoice,
  bundles: readonly BundleRevenue[],
  on: Plan,
): void {
  const { invoice } = of;
  const { finalizedAt, voidedAt, uncollectibleAt } = invoice;
  if (finalizedAt === null) return;
  on(finalizedAt, 0, () => {
    billBundles(of, bundles, books.book.dayOf(finalizedAt));
    postInvoice(books, of, finalizedAt);
  });
  if (uncollectibleAt !== null)
    on(uncollectibleAt, 1, () => {
      postWriteOff(books, of, uncollectibleAt);
    });
  if (voidedAt !== null)
    on(voidedAt, 4, () => {
      unbillBundles(of, bundles, books.book.dayOf(voidedAt));
      postVoid(books, of, voidedAt);
    });
  for (const { paymentKey, paid, paidAt, status } of invoice.applications) {
    const returned = status === 'canceled' ? returnedCharge(books, paymentKey) : null;
    const amount = paid ?? returned?.amount ?? 0n;
    on(returned?.succeededAt ?? paidAt, 2, () => {
      const at = returned?.succeededAt ?? paidAt ?? 0;
      postApplication(books, of, { paymentKey, amount, at });
    });
    on(returned?.returnedAt ?? null, 2, () => {
      const at = returned?.returnedAt ?? 0;
      postApplication(books, of, { paymentKey, amount: -amount, at });
    });
  }
}

/** The charge of a payment that had paid and came back (S15). */
const returnedCharge = (books: CustomerBooks, paymentKey: string) =>
  books.payments.get(paymentKey)?.charges.find(({ returnedAt }) => returnedAt !== null) ?? null;

function billBundles(of: OpenInvoice, bundles: readonly BundleRevenue[], day: Day): void {
  for (const line of of.lines) {
    if (line.facts.plan !== 'contract') continue;
    const orderLineKey = line.facts.obligationId.slice(4);
    const bundle = bundles.find((one) => one.holds(orderLineKey));
    if (bundle === undefined) continue;
    const { base, start, end } = line.facts;
    bundle.bill(day, base, { orderLineKey, start, end });
    line.contractRate = bundle.rate;
  }
}

function unbillBundles(of: OpenInvoice, bundles: readonly BundleRevenue[], day: Day): void {
  for (const { facts, openBase } of of.lines)
    if (facts.plan === 'contract')
      bundles.find((one) => one.holds(facts.obligationId.slice(4)))?.unbill(day, openBase);
}

/** A sale through Checkout has no invoice: revenue at that moment, from the price list (L50). */
function checkoutEvent(books: CustomerBooks, payment: Payment, on: Plan): void {
  const { product } = payment.metadata;
  const charge = payment.charges.find(({ succeededAt }) => succeededAt !== null);
  if (payment.metadata.channel !== 'checkout' || product === undefined) return;
  on(charge?.succeededAt ?? null, 3, () => {
    const day = books.book.dayOf(charge?.succeededAt ?? 0);
    const { amount, currency, id: docRef } = payment;
    const functional = books.book.functionalOf(-amount, currency, day);
    const { revenueAccount } = productOf(product as ProductCode);
    const sold = { amount: -amount, functional, currency, docRef };
    const entries = books.subledger.side(`RE-${docRef.slice(3)}S`, revenueAccount, day, sold);
    const leg = { account: accounts.unapplied, amount, currency, docRef };
    books.book.post(day, 'RECEIVABLES', [leg], entries);
  });
}

/** Paid credit that expires unused is breakage, recognised then and no earlier (606-10-55-48). */
function grantEvents(books: CustomerBooks, grant: CreditGrant, on: Plan): void {
  if (grant.category !== 'paid') return;
  for (const { id, kind, amount, at } of grant.transactions) {
    if (kind !== 'credits_expired' || amount === 0n) continue;
    on(at, 6, () => {
      const day = books.book.dayOf(at);
      const deposit = books.deposits.get(grant.key);
      const { currency } = grant;
      const functional = deposit?.release(amount) ?? books.book.functionalOf(amount, currency, day);
      const { entity } = books.subledger;
      books.subledger.pair({
        id: `RE-${stripeId('breakage', id).slice(9)}`,
        ...{ debit: accounts.prepaidCredit, credit: productOf('API-COMMIT').revenueAccount },
        ...{ amount, functional, currency, on: day, postedAt: days.postedAfterDay(entity, day) },
        journalId: days.journalIdOf(entity.id, day, 'REVENUE'),
        ...{ scheduleLineId: null, reversalOf: null, docRef: grant.id },
      });
    });
  }
}

/** Lines by obligation, with what was billed of each. */
function billedByObligation({ billing }: Sources, books: CustomerBooks) {
  const billed = new Map<string, { line: InvoiceLine; base: bigint; start: Day; end: Day }>();
  for (const invoice of billing.invoices)
    for (const line of invoice.lines) {
      const tracked: RevenueLine | undefined = books.linesByKey.get(line.key);
      if (tracked === undefined || tracked.facts.plan === 'deposit') continue;
      const { obligationId, base, start, end } = tracked.facts;
      const known = billed.get(obligationId);
      const counts = invoice.finalizedAt !== null && invoice.status !== 'void';
      billed.set(obligationId, {
        line,
        base: (known?.base ?? 0n) + (counts ? base : 0n),
        start: known === undefined ? start : days.earlierOf(known.start, start),
        end: known === undefined ? end : days.laterOf(known.end, end),
      });
    }
  return billed;
}
