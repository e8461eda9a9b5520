import { fieldsIn, idIn, isFields, listIn, numberIn, without, type Fields } from './fields';
import type { LegacyLookups } from './legacy-lookups';
import { legacyInvoiceItem, legacyLine, planOf, taxAmounts } from './legacy-lines';

/** Since when an invoice has many payments, and lines a parent (CONTROLS §1.2). */
const basil = '2025-03-31';
/** Since when a discount names its coupon by `source`. */
const clover = '2025-09-30';

const dateOf = (version: string): string => version.slice(0, 10);

/** Whether objects of this version differ from those the SDK pins. */
export const isLegacy = (version: string): boolean => dateOf(version) < clover;

function legacyInvoice(invoice: Fields, lookups: LegacyLookups): Fields {
  const details = fieldsIn(fieldsIn(invoice, 'parent'), 'subscription_details');
  const payments = lookups.paymentsOf(String(invoice.id));
  const ofType = (type: string): Fields[] =>
    payments.map((one) => fieldsIn(one, 'payment')).filter((payment) => payment.type === type);
  const intent = idIn(ofType('payment_intent')[0] ?? {}, 'payment_intent');
  const taxes = listIn(invoice, 'total_taxes');
  const paid = invoice.status === 'paid';
  const discount = firstOf(invoice.discounts);
  const names = ['parent', 'payments', 'total_taxes', 'confirmation_secret', 'amount_overpaid'];
  const off = outOfBand(payments);
  return {
    ...without(invoice, ...names, 'amount_paid_off_stripe', 'customer_account', 'status_details'),
    // Before basil what came without Stripe was no part of what was paid.
    amount_paid: numberIn(invoice, 'amount_paid') - off,
    application_fee_amount: null,
    charge: intent === null ? null : lookups.chargeOf(intent),
    discount: discountObject(discount, lookups),
    paid,
    paid_out_of_band: paid && ofType('payment_record').length > 0,
    payment_intent: intent,
    quote: null,
    subscription: idIn(details, 'subscription'),
    subscription_details: { metadata: details.metadata ?? null },
    tax: taxes.length === 0 ? null : taxes.reduce((sum, tax) => sum + numberIn(tax, 'amount'), 0),
    total_tax_amounts: taxAmounts(taxes),
    transfer_data: null,
  };
}

const firstOf = (list: unknown): unknown =>
  Array.isArray(list) ? (list as unknown[])[0] : undefined;

const outOfBand = (payments: readonly Fields[]): number =>
  payments
    .filter((payment) => fieldsIn(payment, 'payment').type === 'payment_record')
    .reduce((sum, payment) => sum + numberIn(payment, 'amount_paid'), 0);

function discountObject(discount: unknown, lookups: LegacyLookups): Fields | null {
  if (isFields(discount)) return discount;
  const found = typeof discount === 'string' ? lookups.discount(discount) : null;
  return found === null ? null : withCoupon(found, lookups);
}

/** A discount before clover: its coupon whole. */
function withCoupon(discount: Fields, lookups: LegacyLookups): Fields {
  const id = idIn(fieldsIn(discount, 'source'), 'coupon');
  return { ...without(discount, 'source'), coupon: id === null ? null : lookups.coupon(id) };
}

function promotionWithCoupon(code: Fields, lookups: LegacyLookups): Fields {
  const id = idIn(fieldsIn(code, 'promotion'), 'coupon');
  return { ...without(code, 'promotion'), coupon: id === null ? null : lookups.coupon(id) };
}

/** The period was the subscription's own: where its items differ, the one that ends first. */
function legacySubscription(subscription: Fields, lookups: LegacyLookups): Fields {
  const items = listIn(subscription, 'items');
  const first = items.reduce<Fields | undefined>(
    (least, item) =>
      least === undefined || numberIn(item, 'current_period_end') < endOf(least) ? item : least,
    undefined,
  );
  const [only] = items;
  const discount = firstOf(subscription.discounts);
  return {
    ...without(subscription, 'billing_mode', 'billing_schedules', 'managed_payments'),
    current_period_end: first?.current_period_end ?? subscription.ended_at,
    current_period_start: first?.current_period_start ?? subscription.start_date,
    discount: discountObject(discount, lookups),
    items: { ...fieldsIn(subscription, 'items'), data: items.map(legacySubscriptionItem) },
    ...(items.length === 1 && only ? { plan: only.plan, quantity: only.quantity ?? null } : {}),
  };
}

const endOf = (item: Fields): number => numberIn(item, 'current_period_end');

const legacySubscriptionItem = (item: Fields): Fields => ({
  ...without(item, 'current_period_start', 'current_period_end', 'current_trial'),
  plan: item.plan ?? planOf(fieldsIn(item, 'price')),
});

function legacyCreditNote(note: Fields): Fields {
  const refunds = listIn(note, 'refunds');
  const names = ['refunds', 'total_taxes', 'pre_payment_amount', 'post_payment_amount'];
  return {
    ...without(note, ...names, 'customer_account'),
    refund: idIn(refunds[0] ?? {}, 'refund'),
    tax_amounts: taxAmounts(listIn(note, 'total_taxes')),
    type: note.type === 'mixed' ? 'post_payment' : note.type,
  };
}

const legacyCreditNoteLine = (line: Fields): Fields => ({
  ...without(line, 'taxes', 'metadata'),
  amount_excluding_tax: line.amount,
  tax_amounts: taxAmounts(listIn(line, 'taxes')),
  unit_amount_excluding_tax: line.unit_amount_decimal,
});

/** One object before basil; what stands inside it has been turned already. */
function beforeBasil(object: Fields, lookups: LegacyLookups): Fields {
  switch (object.object) {
    case 'invoice':
      return legacyInvoice(object, lookups);
    case 'line_item':
      return legacyLine(object, lookups);
    case 'invoiceitem':
      return legacyInvoiceItem(object, lookups);
    case 'subscription':
      return legacySubscription(object, lookups);
    case 'subscription_item':
      return legacySubscriptionItem(object);
    case 'charge': {
      const intent = idIn(object, 'payment_intent');
      return { ...object, invoice: intent === null ? null : lookups.invoiceOf(intent) };
    }
    case 'payment_intent':
      return { ...object, invoice: lookups.invoiceOf(String(object.id)) };
    case 'credit_note':
      return legacyCreditNote(object);
    case 'credit_note_line_item':
      return legacyCreditNoteLine(object);
    default:
      return object;
  }
}

function beforeClover(object: Fields, lookups: LegacyLookups): Fields {
  if (object.object === 'discount') return withCoupon(object, lookups);
  if (object.object === 'promotion_code') return promotionWithCoupon(object, lookups);
  return object;
}

/**
 * An object, and all inside it, in the shape of an older API version ('2024-06-20'); unchanged for
 * a version whose shape is today's. An event is left as it is: its payload keeps the version it was
 * made with (CONTROLS §1.2).
 */
export function toLegacyShape(object: Fields, version: string, lookups: LegacyLookups): Fields {
  if (!isLegacy(version) || object.object === 'event') return object;
  // A subscription needs the periods of its items, which they lose.
  const isWhole = object.object === 'subscription';
  const inside = Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      isWhole && name === 'items' ? value : turned(value, version, lookups),
    ]),
  );
  const old = beforeClover(inside, lookups);
  return dateOf(version) < basil ? beforeBasil(old, lookups) : old;
}

function turned(value: unknown, version: string, lookups: LegacyLookups): unknown {
  if (Array.isArray(value)) return value.map((item) => turned(item, version, lookups));
  return isFields(value) ? toLegacyShape(value, version, lookups) : value;
}
