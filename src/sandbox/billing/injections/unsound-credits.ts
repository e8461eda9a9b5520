import { approval } from '../actors';
import { stripeId } from '../../kit/ids';
import { addDays, addMonths, DAY, firstOfMonth, monthOf, type Instant } from '../../kit/instants';
import type { CreditNote, Dispute, Invoice, Refund } from '../../truth/billing';
import { entities } from '../../truth/company';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { baseOf } from '../billing-state';
import { noteNumberOf } from '../credit-notes';
import { totalsOf } from '../invoice-totals';
import { shareForStripe } from '../stripe-rounding';
import * as edit from './edit-billing';

/** Refunds by themselves, outside any credit note. */
const bareRefunds = ({ billing }: CustomerWorld): Refund[] => {
  const noted = new Set(
    billing.creditNotes.flatMap(({ refunds }) => refunds.map(({ refundKey }) => refundKey)),
  );
  return billing.refunds.filter(({ key, status }) => status === 'succeeded' && !noted.has(key));
};

const unapprovedRefund: Injection = {
  id: 'A63',
  title: 'A refund nobody approved, or that its requester approved',
  stage: 'billing',
  candidates: (world) =>
    bareRefunds(world).map(({ id, createdAt }) => ({ key: id, at: createdAt })),
  // Low is approved by the person who asked for it, high by nobody.
  apply: (world, { key }, magnitude, context) => {
    const refund = bareRefunds(world).find(({ id }) => id === key);
    if (refund === undefined) return [];
    const random = context.random('injection', 'A63', key);
    const { requested_by: by = '', ticket = '' } = approval('support', refund.createdAt, random);
    const isLow = magnitude === 'low';
    refund.metadata = isLow ? { requested_by: by, approved_by: by, ticket } : {};
    const code = isLow ? 'CR01-SAME_PERSON' : 'CR01-NO_APPROVAL';
    const impact = { amount: refund.amount, currency: currencyOf(world, refund.chargeKey) };
    return [{ control: 'CR-01', code, key, impact }];
  },
};

const currencyOf = ({ billing, customer }: CustomerWorld, chargeKey: string): string =>
  billing.payments.find(({ charges }) => charges.some(({ key }) => key === chargeKey))?.currency ??
  customer.currency;

/** Paid invoices whose whole charge was refunded by itself, and that can be credited on top. */
const refundedInFull = (world: CustomerWorld): { invoice: Invoice; refund: Refund }[] =>
  bareRefunds(world).flatMap((refund) => {
    const { billing } = world;
    const payment = billing.payments.find(({ charges }) => {
      return charges.some(
        ({ key, amount }) => key === refund.chargeKey && amount === refund.amount,
      );
    });
    const invoice = billing.invoices.find(({ applications }) => {
      return applications.some((one) => one.paymentKey === payment?.key && one.status === 'paid');
    });
    const isCreditable =
      invoice?.status === 'paid' &&
      invoice.totals.total === refund.amount &&
      invoice.lines.every((line) => baseOf(line) >= 0n) &&
      billing.creditNotes.every(({ invoiceKey }) => invoiceKey !== invoice.key);
    return isCreditable ? [{ invoice, refund }] : [];
  });

const creditedTwice: Injection = {
  id: 'A65',
  title: 'An invoice whose charge was refunded is credited as well',
  stage: 'billing',
  candidates: (world, { options }) =>
    refundedInFull(world)
      .filter(({ refund }) => refund.createdAt < options.now - 3 * DAY)
      .map(({ invoice, refund }) => ({ key: invoice.id, at: refund.createdAt + 2 * DAY })),
  // Low credits a twentieth on top, high everything once more.
  apply: (world, { key, at }, magnitude, context) => {
    const invoice = edit.invoiceOf(world, key);
    const share = magnitude === 'low' ? 50_000n : 1_000_000n;
    const random = context.random('injection', 'A65', key);
    const note = paidBackNote(invoice, share, approval('revenue', at, random), at);
    world.billing.creditNotes.push(note);
    invoice.totals = totalsOf(invoice, [note]);
    const impact = { amount: note.amount, currency: invoice.currency };
    return [{ control: 'CR-01', code: 'CR01-EXCEEDS_ORIGINAL', key, impact }];
  },
};

/** A credit note on a paid invoice whose money goes back by bank. */
function paidBackNote(
  invoice: Invoice,
  share: bigint,
  metadata: Record<string, string>,
  at: Instant,
): CreditNote {
  const key = `${invoice.key}/cn1`;
  const lines = invoice.lines
    .filter((line) => baseOf(line) > 0n)
    .map((line) => ({
      id: stripeId('cnli', key, line.key),
      lineKey: line.key,
      amount: shareForStripe(baseOf(line), share, invoice.currency),
      tax: shareForStripe(line.taxExclusive + line.taxInclusive, share, invoice.currency),
      taxInclusive: line.taxInclusive !== 0n,
    }));
  const amount = lines.reduce((sum, line) => {
    return sum + line.amount + (line.taxInclusive ? 0n : line.tax);
  }, 0n);
  return {
    ...{ key, id: stripeId('cn', key), number: noteNumberOf(invoice.number, 1) },
    ...{ invoiceKey: invoice.key, status: 'issued', reason: 'product_unsatisfactory' },
    ...{ createdAt: at, effectiveAt: at, voidedAt: null, lines, amount, prePayment: 0n },
    ...{ postPayment: amount, refunds: [], toBalance: 0n, outOfBand: amount, metadata },
  };
}

const backdatedNote: Injection = {
  id: 'A66',
  title: 'A credit note takes effect in the quarter before',
  stage: 'billing',
  candidates: ({ billing }) =>
    billing.creditNotes
      .filter(({ status }) => status === 'issued')
      .map(({ id, createdAt }) => ({ key: id, at: createdAt })),
  // Low on the last day of the quarter before, high a month before that.
  apply: (world, { key }, magnitude) => {
    const note = world.billing.creditNotes.find(({ id }) => id === key);
    if (note === undefined) return [];
    const { zone } = entities[world.customer.entity];
    const month = monthOf(zone.dayOf(note.createdAt));
    const intoQuarter = (Number(month.slice(5)) - 1) % 3;
    const quarter = addMonths(firstOfMonth(month), -intoQuarter);
    const day = magnitude === 'low' ? addDays(quarter, -1) : addMonths(quarter, -1);
    note.effectiveAt = zone.at(day, 12 * 3_600);
    const impact = { amount: note.amount, currency: world.customer.currency };
    return [{ control: 'CR-01', code: 'CR01-BACKDATED', key, impact }];
  },
};

const lostDisputes = ({ billing }: CustomerWorld): Dispute[] =>
  billing.disputes.filter(({ status, chargeKey, closedAt, createdAt }) => {
    const isRefunded = billing.refunds.some((refund) => refund.chargeKey === chargeKey);
    return status === 'lost' && !isRefunded && (closedAt ?? createdAt) > createdAt + 2 * DAY;
  });

const refundedAndLost: Injection = {
  id: 'A70',
  title: 'A charge is refunded, and its chargeback lost',
  stage: 'billing',
  candidates: (world) =>
    lostDisputes(world).map(({ id, createdAt }) => ({ key: id, at: createdAt + DAY })),
  // Low gives back a tenth, high all of it.
  apply: (world, { key, at }, magnitude, context) => {
    const dispute = lostDisputes(world).find(({ id }) => id === key);
    if (dispute === undefined) return [];
    const currency = currencyOf(world, dispute.chargeKey);
    const share = magnitude === 'low' ? 100_000n : 1_000_000n;
    const amount = shareForStripe(dispute.amount, share, currency);
    const random = context.random('injection', 'A70', key);
    const refundKey = `${dispute.chargeKey}/re1`;
    world.billing.refunds.push({
      ...{ key: refundKey, id: stripeId('re', refundKey), chargeKey: dispute.chargeKey, amount },
      ...{ status: 'succeeded', reason: 'requested_by_customer', createdAt: at, failedAt: null },
      metadata: approval('support', at, random),
    });
    const charges = world.billing.payments.flatMap((payment) => payment.charges);
    const charge = charges.find((one) => one.key === dispute.chargeKey);
    if (charge !== undefined) charge.refunded += amount;
    const impact = { amount, currency };
    return [{ control: 'CR-03', code: 'CR03-REFUND_AND_DISPUTE', key, impact }];
  },
};

const dueDateExtended: Injection = {
  id: 'A72',
  title: 'The due date of a final invoice is moved',
  stage: 'billing',
  candidates: ({ billing }) =>
    billing.invoices
      .filter((invoice) => invoice.dueAt !== null && edit.isPlain(billing, invoice))
      .map(({ id, dueAt, createdAt }) => ({ key: id, at: dueAt ?? createdAt })),
  // Low by five days, high by sixty.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const { dueAt, totals, currency } = invoice;
    if (dueAt === null) return [];
    invoice.dueAt = dueAt + (magnitude === 'low' ? 5 : 60) * DAY;
    const impact = { amount: totals.amountDue, currency };
    return [{ control: 'CR-04', code: 'CR04-DUE_DATE_EXTENDED', key, impact }];
  },
};

/** Credits, refunds and terms that nobody should have given so. */
export const unsoundCredits: readonly Injection[] = [
  ...[unapprovedRefund, creditedTwice, backdatedNote, refundedAndLost, dueDateExtended],
];
