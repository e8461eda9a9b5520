import { stripeId } from '../../kit/ids';
import { addMonths, firstOfMonth, monthOf, startOfUtcDay, utcDay } from '../../kit/instants';
import type { Invoice } from '../../truth/billing';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { StripeRecord } from '../../world/records';
import { recordBalanceTransaction } from './render-balance-transaction';
import { renderCoupon, renderDiscount, renderPromotionCode } from './render-coupon';
import {
  renderBalanceMovement,
  renderCreditNote,
  renderCreditNoteLine,
} from './render-credit-note';
import { renderCustomer } from './render-customer';
import { renderEvents } from './render-events';
import { renderGrant, renderGrantTransaction } from './render-grant';
import { renderInvoice } from './render-invoice';
import { itemsOf, renderInvoiceItem } from './render-invoice-item';
import { renderLine } from './render-line';
import {
  renderCharge,
  renderInvoicePayment,
  renderPaymentIntent,
  renderPaymentRecord,
} from './render-payment';
import { renderPrice } from './render-price';
import { renderDispute, renderRefund } from './render-reversal';
import { renderSchedule } from './render-schedule';
import { renderSubscription, renderSubscriptionItem } from './render-subscription';
import { Rendering, type AccountLinks } from './rendering';

/** What the account knows of its movements before any payout is made. */
export const noLinks: AccountLinks = { payoutOf: new Map() };

/** Share of the last month's events whose payload is in a shape before basil (CONTROLS §1.2). */
export const legacyEventShare = 0.15;

/**
 * Every Stripe object of one customer at the world's now, in the shape the SDK pins. Published
 * prices, products, meters and payouts are the account's: see renderStripeAccount. A promotion that
 * many customers hold comes with each of them; a writer keeps the first.
 */
export function* renderStripe(
  world: CustomerWorld,
  context: WorldContext,
  links: AccountLinks = noLinks,
  legacyShare = legacyEventShare,
): Generator<StripeRecord> {
  const rendering = new Rendering(world, context, links);
  const { customer } = world;
  if (customer.arrivedAt > rendering.now) return;
  yield rendering.record('customers', renderCustomer(rendering), customer.arrivedAt, {
    email: customer.email,
  });
  yield* secondCustomers(rendering);
  yield* catalogueRecords(rendering);
  yield* subscriptionRecords(rendering);
  for (const invoice of world.billing.invoices) yield* invoiceRecords(invoice, rendering);
  yield* itemRecords(rendering);
  yield* paymentRecords(rendering);
  yield* reversalRecords(rendering);
  yield* creditRecords(rendering);
  for (const movement of world.movements) {
    const payout = links.payoutOf.get(movement.id) ?? null;
    yield recordBalanceTransaction(movement, rendering.now, payout);
  }
  yield* usageRecords(rendering);
  yield* renderEvents(rendering, legacyShare);
}

/** Further customers of one account, as the first but for their ids and beginnings (A105). */
function* secondCustomers(rendering: Rendering): Generator<StripeRecord> {
  const begun = new Map<string, number>();
  for (const { billedTo, createdAt } of rendering.world.plan.subscriptions)
    if (billedTo !== undefined && createdAt <= rendering.now)
      begun.set(billedTo, Math.min(createdAt, begun.get(billedTo) ?? createdAt));
  for (const [id, created] of begun) {
    const object = { ...renderCustomer(rendering), id, created, balance: 0 };
    yield rendering.record('customers', object, created, { email: object.email ?? '' });
  }
}

function* catalogueRecords(rendering: Rendering): Generator<StripeRecord> {
  const { plan } = rendering.world;
  for (const price of rendering.allPrices()) {
    if (price.published) continue;
    const object = renderPrice(price, rendering.catalogue);
    yield rendering.record('prices', object, price.createdAt, priceFilters(object));
  }
  for (const coupon of plan.coupons) {
    const { createdAt, promotionCode } = coupon;
    yield rendering.record('coupons', renderCoupon(coupon, rendering), createdAt);
    if (promotionCode === null) continue;
    const object = renderPromotionCode(coupon, promotionCode);
    const filters = { code: promotionCode, coupon: coupon.id, active: 'true' };
    yield rendering.record('promotion_codes', object, createdAt, filters);
  }
  yield* discountRecords(rendering);
}

/** What a list of prices filters by. */
export const priceFilters = (price: ReturnType<typeof renderPrice>): Record<string, string> => ({
  active: String(price.active),
  currency: price.currency,
  product: typeof price.product === 'string' ? price.product : price.product.id,
  type: price.type,
});

function* discountRecords(rendering: Rendering): Generator<StripeRecord> {
  const { plan, billing } = rendering.world;
  for (const coupon of plan.coupons) {
    const holders = [
      ...plan.subscriptions
        .filter(({ couponKey }) => couponKey === coupon.key)
        .map(({ key, id, startAt }) => ({ key, subscription: id, invoice: null, start: startAt })),
      ...billing.invoices
        .filter(({ subscriptionKey, lines }) =>
          lines.some((line) => subscriptionKey === null && line.couponKey === coupon.key),
        )
        .map(({ key, id, createdAt }) => ({
          ...{ key, subscription: null, invoice: id },
          start: createdAt,
        })),
    ];
    for (const { key, ...on } of holders) {
      const id = stripeId('di', coupon.key, key);
      const object = renderDiscount(coupon, { id, ...on }, rendering);
      yield rendering.record('discounts', object, on.start);
    }
  }
}

function* subscriptionRecords(rendering: Rendering): Generator<StripeRecord> {
  const { plan, billing } = rendering.world;
  for (const billed of billing.subscriptions) {
    const of = plan.subscriptions.find(({ key }) => key === billed.key);
    if (of === undefined || of.createdAt > rendering.now) continue;
    const object = renderSubscription(billed, of, rendering);
    const customer = of.billedTo ?? rendering.customerId;
    const filters = { customer, status: billed.status, collection_method: of.collection };
    yield rendering.record('subscriptions', object, of.createdAt, filters);
    for (const item of billed.items)
      yield rendering.record(
        'subscription_items',
        renderSubscriptionItem(item, of, rendering),
        item.createdAt,
        { subscription: of.id },
      );
  }
  for (const { scheduleId, ...rest } of plan.subscriptions) {
    if (scheduleId === null || rest.createdAt > rendering.now) continue;
    const object = renderSchedule({ ...rest, scheduleId }, rendering);
    const customer = rest.billedTo ?? rendering.customerId;
    yield rendering.record('subscription_schedules', object, rest.createdAt, { customer });
  }
}

function* invoiceRecords(invoice: Invoice, rendering: Rendering): Generator<StripeRecord> {
  const customer = rendering.customerOf(invoice.subscriptionKey);
  const { id, createdAt } = invoice;
  const subscription = rendering.subscriptionId(invoice.subscriptionKey);
  yield rendering.record('invoices', renderInvoice(invoice, rendering), createdAt, {
    ...{ customer, subscription, status: invoice.status },
    collection_method: invoice.collection,
  });
  for (const line of invoice.lines) {
    const object = renderLine(line, invoice, rendering);
    yield rendering.record('invoice_line_items', object, createdAt, { invoice: id });
  }
  for (const application of invoice.applications) {
    const object = renderInvoicePayment(application, invoice, rendering);
    const payment = object.payment.payment_intent ?? object.payment.payment_record;
    yield rendering.record('invoice_payments', object, application.createdAt, {
      ...{ invoice: id, status: application.status },
      payment: typeof payment === 'string' ? payment : null,
    });
  }
}

function* itemRecords(rendering: Rendering): Generator<StripeRecord> {
  for (const item of itemsOf(rendering.world)) {
    const object = renderInvoiceItem(item, rendering);
    yield rendering.record('invoiceitems', object, item.createdAt, {
      ...{ customer: rendering.customerId, invoice: item.invoice?.id ?? null },
      pending: String(item.invoice === null),
    });
  }
}

function* paymentRecords(rendering: Rendering): Generator<StripeRecord> {
  const customer = rendering.customerId;
  for (const payment of rendering.world.billing.payments) {
    const { kind, id, createdAt } = payment;
    if (kind === 'payment_record') {
      yield rendering.record('payment_records', renderPaymentRecord(payment, rendering), createdAt);
      continue;
    }
    const object = renderPaymentIntent(payment, rendering);
    yield rendering.record('payment_intents', object, createdAt, { customer });
    for (const charge of payment.charges)
      yield rendering.record(
        'charges',
        renderCharge(charge, payment, rendering),
        charge.createdAt,
        { customer, payment_intent: id },
      );
  }
}

function* reversalRecords(rendering: Rendering): Generator<StripeRecord> {
  const { refunds, disputes } = rendering.world.billing;
  for (const refund of refunds) {
    const object = renderRefund(refund, rendering);
    const { charge, payment } = rendering.charge(refund.chargeKey);
    const filters = { charge: charge.id, payment_intent: payment.id };
    yield rendering.record('refunds', object, refund.createdAt, filters);
  }
  for (const dispute of disputes) {
    const { charge, payment } = rendering.charge(dispute.chargeKey);
    const filters = { charge: charge.id, payment_intent: payment.id };
    yield rendering.record(
      'disputes',
      renderDispute(dispute, rendering),
      dispute.createdAt,
      filters,
    );
  }
}

function* creditRecords(rendering: Rendering): Generator<StripeRecord> {
  const customer = rendering.customerId;
  const { creditNotes, balanceTransactions, grants } = rendering.world.billing;
  for (const note of creditNotes) {
    const invoice = rendering.invoice(note.invoiceKey);
    const filters = { customer, invoice: invoice.id };
    const object = renderCreditNote(note, rendering);
    yield rendering.record('credit_notes', object, note.createdAt, filters);
    for (const line of note.lines) {
      const of = renderCreditNoteLine(line, invoice, rendering);
      yield rendering.record('credit_note_line_items', of, note.createdAt, {
        credit_note: note.id,
      });
    }
  }
  for (const movement of balanceTransactions) {
    const object = renderBalanceMovement(movement, rendering);
    const invoice = rendering.invoiceId(movement.invoiceKey);
    const filters = { customer, invoice };
    yield rendering.record('customer_balance_transactions', object, movement.at, filters);
  }
  for (const grant of grants) {
    if (grant.effectiveAt > rendering.now) continue;
    const object = renderGrant(grant, rendering);
    yield rendering.record('credit_grants', object, grant.effectiveAt, { customer });
    for (const transaction of grant.transactions) {
      const of = renderGrantTransaction(transaction, grant, rendering);
      const filters = { customer, credit_grant: grant.id };
      yield rendering.record('credit_balance_transactions', of, transaction.at, filters);
    }
  }
}

/** What a customer's meter took, hour by hour: the stand-in sums it up when it is asked. */
export interface MeterUsage {
  id: string;
  meter: string;
  customer: string;
  /** Instants of the first event of each hour, ascending, and its quantity. */
  at: number[];
  quantity: number[];
}

function* usageRecords(rendering: Rendering): Generator<StripeRecord> {
  const { usage } = rendering.world;
  const customer = rendering.customerId;
  let open: MeterUsage | null = null;
  let [last, end] = ['', 0];
  for (const { meter, firstAt, quantity } of usage.metered) {
    if (open === null || meter !== last || firstAt >= end) {
      if (open !== null) yield usageRecord(open, rendering);
      const month = firstOfMonth(monthOf(utcDay(firstAt)));
      [last, end] = [meter, startOfUtcDay(addMonths(month, 1))];
      const id = `${customer}/${meter}/${month}`;
      const of = rendering.catalogue.meterId(meter);
      open = { id, meter: of, customer, at: [], quantity: [] };
    }
    open.at.push(firstAt);
    open.quantity.push(quantity);
  }
  if (open) yield usageRecord(open, rendering);
}

function usageRecord(usage: MeterUsage, rendering: Rendering): StripeRecord {
  const { customer, meter, at } = usage;
  return rendering.record('meter_usage', usage, at[0] ?? 0, {
    customer_meter: `${customer}/${meter}`,
  });
}
