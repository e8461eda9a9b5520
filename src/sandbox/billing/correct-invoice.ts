import { hasTrait } from '../company/exemplars';
import { stripeId } from '../kit/ids';
import { DAY, type Instant } from '../kit/instants';
import type { Invoice, InvoiceLine } from '../truth/billing';
import { approval, handsOn } from './actors';
import type { BillingState } from './billing-state';
import { canBeCredited, issueNote, voidNote, type NoteTerms } from './credit-notes';
import { newInvoice } from './draft-invoice';
import { finaliseInvoice } from './finalise-invoice';
import { refundWithNote } from './refund-charge';
import { taxLines } from './tax-lines';
import { usesCreditSoon } from './uses-credit-soon';
import { voidInvoice } from './void-invoice';

/** How often an invoice that was sent is corrected afterwards, of 1,000. */
const courses = [
  ['none', 952],
  ['credit while owed', 16],
  ['credit once paid', 8],
  ['revise', 11],
  ['void and reissue', 7],
  ['credit and rebill', 6],
] as const;

/** Plans what becomes of an invoice that was sent: mostly nothing but its payment. */
export function planCorrection(state: BillingState, invoice: Invoice, at: Instant): void {
  const random = state.random('correct', invoice.key);
  const drawn = random.weighted(courses);
  const isFirst = state.billing.invoices[0] === invoice;
  const course = isFirst && hasTrait(state.customer, 'revises') ? 'revise' : drawn;
  const days = random.int(1, 5);
  if (course === 'none' || isItselfACorrection(invoice)) return;
  if (course === 'credit while owed') {
    planEarlyCredit(state, invoice, at + (days + 2) * DAY);
  } else if (course === 'credit once paid') {
    planLateCredit(state, invoice, at + (days + 70) * DAY);
  } else if (state.lookAlikes) {
    state.queue.plan(at + days * DAY + random.int(0, 20_000), (then) => {
      if (!isUntouched(state, invoice)) return;
      if (course === 'revise') revise(state, invoice, then);
      else if (course === 'void and reissue') reissue(state, invoice, then);
      else creditAndRebill(state, invoice, then);
    });
  }
}

const isItselfACorrection = ({ revises, metadata }: Invoice): boolean =>
  revises !== null || 'reissue_of' in metadata || 'rebill_of' in metadata;

/** Open, nothing paid and nothing on its way. */
const isUnpaid = (state: BillingState, { status, totals, applications }: Invoice): boolean =>
  status === 'open' &&
  totals.amountPaid === 0n &&
  applications.every(({ paymentKey }) => state.payment(paymentKey).status !== 'processing');

/** Nothing credited either, and nothing paid from credit. */
function isUntouched(state: BillingState, invoice: Invoice): boolean {
  return (
    isUnpaid(state, invoice) &&
    invoice.lines.every(({ grantCredits }) => grantCredits.length === 0) &&
    canBeCredited(state, invoice)
  );
}

function planEarlyCredit(state: BillingState, invoice: Invoice, when: Instant): void {
  state.queue.plan(when, (at) => {
    if (!isUntouched(state, invoice)) return;
    const random = state.random('credit', invoice.key);
    const note = issueNote(state, invoice, termsOf(state, invoice, 'balance', at), at);
    if (!state.lookAlikes || !random.chance(0.12)) return;
    state.queue.plan(at + random.int(25, 35) * DAY, (then) => {
      if (!isUnpaid(state, invoice)) return;
      voidNote(state, note, then);
      state.context.noteLookAlike('L46', note.id);
    });
  });
}

function planLateCredit(state: BillingState, invoice: Invoice, when: Instant): void {
  state.queue.plan(when, (at) => {
    const isOver = invoice.totals.amountOverpaid > 0n;
    if (invoice.status !== 'paid' || isOver || !canBeCredited(state, invoice)) return;
    const paid = invoice.applications.find(({ status }) => status === 'paid');
    if (paid === undefined) return;
    const charge = state.payment(paid.paymentKey).charges.at(-1);
    if (charge !== undefined && (charge.disputed || charge.refunded > 0n)) return;
    if (usesCreditSoon(state, invoice)) {
      issueNote(state, invoice, termsOf(state, invoice, 'balance', at), at);
    } else if (charge === undefined) {
      issueNote(state, invoice, termsOf(state, invoice, 'out_of_band', at), at);
    } else {
      const { share, metadata } = termsOf(state, invoice, 'refund', at);
      refundWithNote(state, invoice, charge, share, { ...metadata }, at);
    }
  });
}

function termsOf(
  state: BillingState,
  invoice: Invoice,
  to: NoteTerms['to'],
  at: Instant,
): NoteTerms {
  const random = state.random('credit terms', invoice.key);
  return {
    share: BigInt(random.int(5, 30)) * 10_000n,
    reason: random.pick(['order_change', 'product_unsatisfactory']),
    to,
    metadata: approval('revenue', at, random, handsOn(state, invoice).recorders),
  };
}

/** A revision: it replaces the original, which is voided as it becomes final (S12). */
function revise(state: BillingState, invoice: Invoice, at: Instant): void {
  const next = copyOf(state, invoice, at, { revises: invoice.key });
  invoice.revisedBy = next.key;
  replace(state, invoice, next, at);
}

function reissue(state: BillingState, invoice: Invoice, at: Instant): void {
  const next = copyOf(state, invoice, at, {
    metadata: { ...invoice.metadata, reissue_of: invoice.id },
  });
  replace(state, invoice, next, at);
}

function replace(state: BillingState, invoice: Invoice, next: Invoice, at: Instant): void {
  voidInvoice(state, invoice, at);
  sendAgain(state, invoice, next, at);
}

function sendAgain(state: BillingState, invoice: Invoice, next: Invoice, at: Instant): void {
  const subscription = state.subscriptionOf(invoice);
  for (const item of subscription?.items ?? []) {
    item.chargedLineKeys = item.chargedLineKeys.map((key) => {
      return invoice.lines.some((line) => line.key === key) ? againKey(key) : key;
    });
  }
  if (subscription?.billed.latestInvoiceKey === invoice.key) {
    subscription.billed.latestInvoiceKey = next.key;
  }
  const days = state.terms.get(invoice.key);
  if (days !== undefined) state.terms.set(next.key, days);
  taxLines(state.customer, next.lines);
  state.addInvoice(next);
  state.queue.plan(at + 60, (then) => {
    finaliseInvoice(state, next, then);
  });
  for (const one of [invoice, next]) state.context.noteLookAlike('L15', one.id);
}

function creditAndRebill(state: BillingState, invoice: Invoice, at: Instant): void {
  const next = copyOf(state, invoice, at, {
    metadata: { ...invoice.metadata, rebill_of: invoice.id },
  });
  const random = state.random('credit terms', invoice.key);
  const { recorders } = handsOn(state, invoice);
  const metadata = { ...approval('revenue', at, random, recorders), rebilled_by: next.id };
  const terms = { share: 1_000_000n, reason: 'order_change', to: 'balance', metadata } as const;
  issueNote(state, invoice, terms, at);
  sendAgain(state, invoice, next, at);
}

const againKey = (key: string): string => `${key}/again`;

function copyOf(
  state: BillingState,
  invoice: Invoice,
  at: Instant,
  rest: Partial<Invoice>,
): Invoice {
  const { collection, currency, subscriptionKey, metadata } = invoice;
  const lines = invoice.lines.map((line): InvoiceLine => {
    const key = againKey(line.key);
    const invoiceItemId = line.invoiceItemId === null ? null : stripeId('ii', key);
    return { ...line, key, id: stripeId('il', key), invoiceItemId, grantCredits: [] };
  });
  return newInvoice(state, `${invoice.key}/again`, at, {
    ...{ reason: 'manual', collection, currency, subscriptionKey, metadata, lines },
    ...{ periodStart: invoice.periodStart, periodEnd: invoice.periodEnd },
    ...rest,
  });
}
