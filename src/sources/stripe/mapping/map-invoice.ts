import type { BooksRow, MappedRows, ObjectMapping, RawObject } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import { mapInvoiceLine } from './map-invoice-line';
import type { StripeCurrency } from './stripe-currency';
import { taxesOf } from './taxes';
import {
  amountOf,
  creditOf,
  currencyOf,
  dateOf,
  instantOf,
  linkIn,
  metadataText,
  major,
  minorOf,
  openStripe,
  optionalAmountOf,
  optionalDate,
  optionalInstant,
  sumOf,
  wholeList,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['draft', 'open', 'paid', 'uncollectible', 'void'] as const);
const methods = new Set(['charge_automatically', 'send_invoice'] as const);
const reasons = new Set([
  'automatic_pending_invoice_item_invoice',
  'manual',
  'quote_accept',
  'subscription',
  'subscription_create',
  'subscription_cycle',
  'subscription_threshold',
  'subscription_update',
] as const);

/** An invoice with all its lines, and before API 2025-03-31 the payment that it names. */
export const mapInvoice: ObjectMapping<StripeContext> = {
  object: 'invoice',
  parts: ['lines'],
  tables: ['invoices', 'invoice_lines', 'invoice_payments'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'invoice');
    if (reader.optionalBoolean('deleted') === true) return {};
    const currency = currencyOf(reader);
    const lines = wholeList(reader, 'lines', raw).map((line, at) =>
      mapInvoiceLine(line, { raw, currency, context, at }),
    );
    const paid = paidOf(reader, currency);
    const { entityId: entity_id } = context;
    const invoice = {
      ...{ invoice_id: raw.objectId, entity_id, line_count: String(lines.length) },
      ...parties(reader, context),
      ...times(reader, context),
      ...totals(reader, currency),
      ...{ amount_paid: paid.paid, amount_paid_oob: paid.outOfBand },
      amount_remaining: paid.remaining,
    };
    return {
      invoices: [invoice],
      invoice_lines: lines,
      invoice_payments: legacyPayments(reader, raw, { currency, context, paid }),
    };
  },
};

function parties(reader: PayloadReader, context: StripeContext): BooksRow {
  const customer = reader.optionalId('customer') ?? reader.optionalId('customer_account');
  if (customer === null) throw reader.problem('customer', 'missing_field', 'is null.');
  const parent = reader.optionalObject('parent');
  const subscription = parent?.optionalObject('subscription_details') ?? null;
  const legacy = reader.optionalObject('subscription_details');
  return {
    number: reader.nullableText('number'),
    customer_id: customer,
    customer_name: reader.optionalText('customer_name') ?? customer,
    status: reader.oneOf('status', statuses),
    currency: currencyOf(reader).code,
    billing_reason: reader.optionalOneOf('billing_reason', reasons),
    collection_method: reader.oneOf('collection_method', methods),
    subscription_id: subscription?.optionalId('subscription') ?? reader.optionalId('subscription'),
    quote_id:
      parent?.optionalObject('quote_details')?.optionalText('quote') ?? reader.optionalId('quote'),
    order_id:
      linkIn(reader, 'order_id', context) ??
      linkIn(subscription, 'order_id', context) ??
      linkIn(legacy, 'order_id', context),
    instalment_no: metadataText(reader, 'instalment_no'),
    schedule_id: reader.optionalId('subscription_schedule'),
    revises_invoice_id: reader.optionalObject('from_invoice')?.id('invoice') ?? null,
    revised_by_invoice_id: reader.optionalId('latest_revision'),
    auto_advance: reader.optionalBoolean('auto_advance'),
    finalization_error_code:
      reader.optionalObject('last_finalization_error')?.optionalText('code') ?? null,
  };
}

/** Document date: the printed one, else finalisation. Posting date: finalisation (S11). */
function times(reader: PayloadReader, context: StripeContext): BooksRow {
  const moves = reader.object('status_transitions');
  const created = instantOf(reader, 'created');
  const finalized = optionalInstant(moves, 'finalized_at');
  const effective = optionalInstant(reader, 'effective_at');
  const due = optionalInstant(reader, 'due_date');
  const paid = optionalInstant(moves, 'paid_at');
  const voided = optionalInstant(moves, 'voided_at');
  const uncollectible = optionalInstant(moves, 'marked_uncollectible_at');
  return {
    created_at: created,
    created_on: dateOf(created, context),
    finalized_at: finalized,
    effective_at: effective,
    due_at: due,
    due_on: optionalDate(due, context),
    paid_at: paid,
    paid_on: optionalDate(paid, context),
    voided_at: voided,
    voided_on: optionalDate(voided, context),
    uncollectible_at: uncollectible,
    uncollectible_on: optionalDate(uncollectible, context),
    document_date: optionalDate(finalized === null ? null : (effective ?? finalized), context),
    posting_date: optionalDate(finalized, context),
    period_start_at: optionalInstant(reader, 'period_start'),
    period_end_at: optionalInstant(reader, 'period_end'),
    next_attempt_at: optionalInstant(reader, 'next_payment_attempt'),
    finalizes_at: optionalInstant(reader, 'automatically_finalizes_at'),
  };
}

function totals(reader: PayloadReader, currency: StripeCurrency): BooksRow {
  const taxes = taxesOf(reader, { now: 'total_taxes', before: 'total_tax_amounts' });
  const tax = taxes.exclusive + taxes.inclusive;
  const exTax = optionalAmountOf(reader, 'total_excluding_tax', currency);
  const discounts = sumOf(reader.objects('total_discount_amounts'), 'amount');
  const grants = sumOf(
    reader.optionalObjects('total_pretax_credit_amounts'),
    'amount',
    (credit) => credit.text('type') === 'credit_balance_transaction',
  );
  return {
    subtotal: amountOf(reader, 'subtotal', currency),
    discount_total: major(discounts, currency),
    credit_grant_total: major(grants, currency),
    tax_total: major(tax, currency),
    tax_inclusive_total: major(taxes.inclusive, currency),
    total: amountOf(reader, 'total', currency),
    total_ex_tax: exTax ?? major(minorOf(reader, 'total', currency) - tax, currency),
    starting_credit: creditOf(reader, 'starting_balance', currency),
    // Null until the invoice is finalised: nothing is applied before.
    ending_credit: reader.holds('ending_balance')
      ? creditOf(reader, 'ending_balance', currency)
      : major(0n, currency),
    cn_pre: amountOf(reader, 'pre_payment_credit_notes_amount', currency),
    cn_post: amountOf(reader, 'post_payment_credit_notes_amount', currency),
    amount_due: amountOf(reader, 'amount_due', currency),
    amount_overpaid: optionalAmountOf(reader, 'amount_overpaid', currency) ?? major(0n, currency),
    shipping_total: optionalAmountOf(reader, 'amount_shipping', currency),
  };
}

interface Paid {
  paid: string;
  remaining: string;
  /** Null where the answer does not tell: the rows of books.invoice_payments do. */
  outOfBand: string | null;
  legacyOutOfBand: bigint;
}

/**
 * As since API 2025-03-31: what is paid includes what was paid outside Stripe. Before, an invoice
 * marked as paid outside left it out of what was paid, whether or not it still showed it as
 * remaining; where it counts it all the same, all of it came from outside (CONTROLS §1.2, §2.3).
 */
function paidOf(reader: PayloadReader, currency: StripeCurrency): Paid {
  const paid = minorOf(reader, 'amount_paid', currency);
  const remaining = minorOf(reader, 'amount_remaining', currency);
  if (reader.optionalBoolean('paid_out_of_band') === true) {
    const rest = minorOf(reader, 'amount_due', currency) - paid;
    const outside = rest > 0n ? rest : paid;
    return {
      paid: major(rest > 0n ? paid + rest : paid, currency),
      remaining: major(0n, currency),
      outOfBand: major(outside, currency),
      legacyOutOfBand: outside,
    };
  }
  const told = optionalAmountOf(reader, 'amount_paid_off_stripe', currency);
  const isLegacy = reader.has('paid_out_of_band');
  const none = paid === 0n || isLegacy ? major(0n, currency) : null;
  return {
    paid: major(paid, currency),
    remaining: major(remaining, currency),
    outOfBand: told ?? paidByRecords(reader, currency) ?? none,
    legacyOutOfBand: 0n,
  };
}

/** From the expanded list of payments, where it is there in full. */
function paidByRecords(reader: PayloadReader, currency: StripeCurrency): string | null {
  const list = reader.optionalObject('payments');
  if (!list || list.boolean('has_more')) return null;
  const records = list
    .objects('data')
    .filter((one) => one.text('status') === 'paid')
    .filter((one) => one.object('payment').text('type') === 'payment_record');
  return major(sumOf(records, 'amount_paid'), currency);
}

/** Before API 2025-03-31 an invoice named its payment; since then payments are objects. */
function legacyPayments(
  reader: PayloadReader,
  { objectId }: RawObject,
  { currency, context, paid }: { currency: StripeCurrency; context: StripeContext; paid: Paid },
): BooksRow[] {
  const row = (payment: string, type: string, amount: bigint, status: string): BooksRow => ({
    invoice_payment_id: `${objectId}/${payment}`,
    invoice_id: objectId,
    entity_id: context.entityId,
    payment_id: payment,
    payment_type: type,
    amount_requested: amountOf(reader, 'amount_due', currency),
    amount_paid: major(amount, currency),
    currency: currency.code,
    status,
    is_default: true,
    ...paidTimes(reader, status, context),
  });
  const outside = paid.legacyOutOfBand;
  const rows = outside > 0n ? [row('out_of_band', 'out_of_band', outside, 'paid')] : [];
  const charge = reader.optionalId('charge');
  const intent = reader.optionalId('payment_intent');
  const inside = minorOf(reader, 'amount_paid', currency);
  if (outside > 0n || (charge ?? intent) === null) return rows;
  const status = inside > 0n ? 'paid' : reader.text('status') === 'void' ? 'canceled' : 'open';
  rows.push(
    charge === null
      ? row(intent ?? '', 'payment_intent', inside, status)
      : row(charge, 'charge', inside, status),
  );
  return rows;
}

function paidTimes(reader: PayloadReader, status: string, context: StripeContext): BooksRow {
  if (status !== 'paid') return {};
  const paid = optionalInstant(reader.object('status_transitions'), 'paid_at');
  return { paid_at: paid, posting_date: optionalDate(paid, context) };
}
