import { stripeId } from '../../kit/ids';
import { addMonthsToInstant, DAY, MINUTE, type Instant } from '../../kit/instants';
import type { Invoice, InvoiceLine, Payment } from '../../truth/billing';
import type { SubscriptionPlan } from '../../truth/plan';
import type { CustomerWorld } from '../../world/customer-world';
import type { ExpectedFinding, Injection } from '../../world/injection';
import { monthsOf } from '../billing-periods';
import { plainLine } from '../invoice-lines';
import { amountIn } from '../../kit/amount-in';
import * as edit from './edit-billing';

/** A copy of a plain paid invoice some time later, with a payment of its own. */
function copyInvoice(
  world: CustomerWorld,
  invoice: Invoice,
  suffix: string,
  move: (at: Instant) => Instant,
): Invoice {
  const moved = (at: Instant | null): Instant | null => (at === null ? null : move(at));
  const payment = edit.onlyPayment(world.billing, invoice);
  if (payment === null) throw new RangeError(`${invoice.key} has no payment of its own`);
  const paid = copyPayment(payment, suffix, move);
  const key = `${invoice.key}/${suffix}`;
  const copy: Invoice = {
    ...invoice,
    ...{ key, id: stripeId('in', key), createdAt: move(invoice.createdAt) },
    ...{ periodStart: move(invoice.periodStart), periodEnd: move(invoice.periodEnd) },
    ...{ finalizedAt: moved(invoice.finalizedAt), dueAt: moved(invoice.dueAt) },
    ...{ paidAt: moved(invoice.paidAt), number: null, totals: { ...invoice.totals } },
    lines: invoice.lines.map((line) => copyLine(line, suffix)),
    applications: invoice.applications
      .filter(({ status }) => status === 'paid')
      .map((application) => ({
        ...application,
        ...{ id: stripeId('inpay', key), paymentKey: paid.key },
        ...{ createdAt: move(application.createdAt), paidAt: moved(application.paidAt) },
      })),
  };
  const { billing } = world;
  billing.payments.push(paid);
  const after = billing.invoices.findIndex(({ createdAt }) => createdAt > copy.createdAt);
  billing.invoices.splice(after === -1 ? billing.invoices.length : after, 0, copy);
  edit.renumber(world);
  if (paid.wire !== null) paid.wire.reference = `INV ${copy.number ?? copy.id}`;
  return copy;
}

const copyLine = (line: InvoiceLine, suffix: string): InvoiceLine => {
  const key = `${line.key}/${suffix}`;
  return { ...line, key, id: stripeId('il', key), grantCredits: [] };
};

function copyPayment(payment: Payment, suffix: string, move: (at: Instant) => Instant): Payment {
  const key = `${payment.key}/${suffix}`;
  const charge = edit.lastCharge(payment);
  const id = stripeId(payment.kind === 'payment_record' ? 'prec' : 'pi', key);
  return {
    ...payment,
    ...{ key, id, createdAt: move(payment.createdAt) },
    charges:
      charge === null
        ? []
        : [
            {
              ...charge,
              ...{ key: `${key}/1`, id: stripeId(charge.id.slice(0, 2), key) },
              createdAt: move(charge.createdAt),
              succeededAt: charge.succeededAt === null ? null : move(charge.succeededAt),
            },
          ],
    wire:
      payment.wire === null
        ? null
        : { ...payment.wire, receivedAt: move(payment.wire.receivedAt), remittanceKey: key },
  };
}

const duplicateInvoice: Injection = {
  id: 'A47',
  title: 'A retry without an idempotency key bills a period twice',
  stage: 'billing',
  candidates: ({ billing }, { options }) =>
    billing.invoices
      .filter((invoice) => {
        const { status, collection, paidAt, lines } = invoice;
        const isCharged = status === 'paid' && collection === 'charge_automatically';
        const isWhole = lines.every(({ kind }) => kind === 'subscription' || kind === 'usage');
        const isOld = paidAt !== null && paidAt < options.now - DAY;
        return isCharged && isWhole && isOld && edit.isPlain(billing, invoice);
      })
      .map(({ id, finalizedAt, createdAt }) => ({ key: id, at: finalizedAt ?? createdAt })),
  // Low follows within seconds, high the day after.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const later = magnitude === 'low' ? 40 : DAY - MINUTE;
    const copy = copyInvoice(world, invoice, 'twice', (at) => at + later);
    return copy.lines.map(({ id, amount, discount, taxInclusive }): ExpectedFinding => {
      const impact = { amount: amount - discount - taxInclusive, currency: copy.currency };
      return { control: 'IN-02', code: 'IN02-DUP_EXACT', key: id, impact };
    });
  },
};

/** A term that is over long enough for another bill, with nothing that carries it on. */
function expired({ plan, billing }: CustomerWorld, now: Instant) {
  return plan.subscriptions.flatMap((subscription) => {
    const { endsAt, items, key } = subscription;
    const isRenewed = plan.subscriptions.some((other) => {
      return other !== subscription && endsAt !== null && other.startAt >= endsAt - 40 * DAY;
    });
    if (endsAt === null || isRenewed) return [];
    const last = billing.invoices.findLast((invoice) => {
      const isPaid = invoice.status === 'paid' && invoice.subscriptionKey === key;
      const isFixed = invoice.lines.every(({ kind }) => kind === 'subscription');
      return isPaid && isFixed && edit.isPlain(billing, invoice);
    });
    if (last?.lines.every(({ periodEnd }) => periodEnd === endsAt) !== true) return [];
    const months = Math.max(...items.map(({ price }) => monthsOf(price)));
    const fits = [2, 1].find((k) => (last.paidAt ?? now) < addMonthsToInstant(now, -k * months));
    return fits === undefined ? [] : [{ subscription, endsAt, last, months, fits }];
  });
}

const billsOn: Injection = {
  id: 'A18',
  title: 'Billing goes on after the end of the term, by a period; at high by two where they fit',
  stage: 'billing',
  candidates: (world, { options }) =>
    expired(world, options.now).map(({ last, endsAt }) => ({ key: last.id, at: endsAt })),
  apply: (world, { key }, magnitude, { options }) => {
    const found = expired(world, options.now).find(({ last }) => last.id === key);
    if (found === undefined) return [];
    const { subscription, last, months, fits } = found;
    const expected: ExpectedFinding[] = [];
    for (let k = 1; k <= (magnitude === 'low' ? 1 : fits); k += 1) {
      const move = (at: Instant): Instant => addMonthsToInstant(at, k * months);
      const copy = copyInvoice(world, last, `after-${String(k)}`, move);
      for (const line of copy.lines) {
        line.periodStart = move(line.periodStart);
        line.periodEnd = move(line.periodEnd);
        const impact = { amount: line.amount - line.discount, currency: copy.currency };
        expected.push({ control: 'BK-04', code: 'BK04-EXPIRED_BOOKING', key: line.id, impact });
      }
      carryOn(world, subscription, copy, options.now);
    }
    return expected;
  },
};

/** The subscription ends only where its last bill does; until then it is active. */
function carryOn(
  world: CustomerWorld,
  { key }: SubscriptionPlan,
  copy: Invoice,
  now: Instant,
): void {
  const billed = world.billing.subscriptions.find((one) => one.key === key);
  const end = Math.max(...copy.lines.map(({ periodEnd }) => periodEnd));
  if (billed === undefined) return;
  billed.status = end > now ? 'active' : 'canceled';
  billed.endedAt = end > now ? null : end;
  billed.canceledAt = billed.endedAt;
  billed.latestInvoiceKey = copy.key;
  for (const item of billed.items) {
    item.periodStart = Math.min(...copy.lines.map(({ periodStart }) => periodStart));
    item.periodEnd = end;
  }
}

const noOrder: Injection = {
  id: 'A17',
  title: 'An invoice made by hand, with no order behind it',
  stage: 'billing',
  candidates: ({ customer, billing }, { options }) =>
    customer.segment === 'sales_led'
      ? billing.invoices
          .filter((invoice) => {
            const { paidAt, collection } = invoice;
            const isSent = collection === 'send_invoice' && invoice.status === 'paid';
            const isOld = paidAt !== null && paidAt < options.now - 3 * DAY;
            return isSent && isOld && edit.isPlain(billing, invoice);
          })
          .map(({ id, finalizedAt, createdAt }) => ({ key: id, at: finalizedAt ?? createdAt }))
      : [],
  // Beside an invoice of the customer, paid as that one was: 480 or 48,000 of its currency.
  apply: (world, { key }, magnitude) => {
    const amount = amountIn(world.customer.currency, magnitude === 'low' ? 480n : 48_000n);
    const beside = edit.invoiceOf(world, key);
    const invoice = copyInvoice(world, beside, 'by-hand', (at) => at + 35 * MINUTE);
    const at = invoice.createdAt;
    Object.assign(invoice, { reason: 'manual', subscriptionKey: null, metadata: {} });
    Object.assign(invoice, { periodStart: at, periodEnd: at });
    const lineKey = `${invoice.key}/line`;
    const line = plainLine(lineKey, {
      ...{ kind: 'invoice_item', product: 'ENT-PLATFORM', description: 'Platform services' },
      ...{ amount, quantity: 1n, unit: amount * 1_000_000_000_000n },
      ...{ invoiceItemId: stripeId('ii', lineKey), periodStart: at, periodEnd: at + 30 * DAY },
    });
    invoice.lines = [line];
    edit.settleAnew(world, invoice);
    const impact = { amount: amount - line.taxInclusive, currency: invoice.currency };
    return [{ control: 'BK-04', code: 'BK04-NO_BOOKING', key: line.id, impact }];
  },
};

/** Documents with nothing behind them. */
export const unsupportedBilling: readonly Injection[] = [noOrder, billsOn, duplicateInvoice];
