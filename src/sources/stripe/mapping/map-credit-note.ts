import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import type { StripeCurrency } from './stripe-currency';
import { taxesOf } from './taxes';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  major,
  minorOf,
  openStripe,
  optionalAmountOf,
  optionalDate,
  optionalInstant,
  sumOf,
  unitAmountOf,
  wholeList,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['issued', 'void'] as const);
const types = new Set(['mixed', 'post_payment', 'pre_payment'] as const);

/** A credit note with all its lines: positive amounts (CONTROLS §2.2, S13). */
export const mapCreditNote: ObjectMapping<StripeContext> = {
  object: 'credit_note',
  parts: ['lines'],
  tables: ['credit_notes', 'credit_note_lines'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'credit_note');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const effective = optionalInstant(reader, 'effective_at');
    const voided = optionalInstant(reader, 'voided_at');
    const own = { credit_note_id: raw.objectId, entity_id: context.entityId };
    const note = {
      ...own,
      number: reader.text('number'),
      invoice_id: reader.id('invoice'),
      customer_id: reader.optionalId('customer'),
      status: reader.oneOf('status', statuses),
      credit_type: reader.oneOf('type', types),
      reason: reader.optionalText('reason'),
      currency: currency.code,
      ...totals(reader, currency),
      ...effects(reader, currency),
      customer_credit_transaction_id: reader.optionalId('customer_balance_transaction'),
      created_at: created,
      created_on: dateOf(created, context),
      effective_at: effective,
      effective_date: dateOf(effective ?? created, context),
      voided_at: voided,
      voided_on: optionalDate(voided, context),
      requested_by: reader.optionalObject('metadata')?.optionalText('requested_by') ?? null,
      approval_id: reader.optionalObject('metadata')?.optionalText('approval_id') ?? null,
    };
    const lines = wholeList(reader, 'lines', raw).map((line) => ({
      ...own,
      ...lineOf(line, currency),
    }));
    return { credit_notes: [note], credit_note_lines: lines };
  },
};

function totals(reader: PayloadReader, currency: StripeCurrency): BooksRow {
  const taxes = taxesOf(reader, { now: 'total_taxes', before: 'tax_amounts' });
  const tax = taxes.exclusive + taxes.inclusive;
  const total = minorOf(reader, 'amount', currency);
  return {
    amount: major(total, currency),
    subtotal: amountOf(reader, 'subtotal', currency),
    discount_total: amountOf(reader, 'discount_amount', currency),
    amount_ex_tax:
      optionalAmountOf(reader, 'total_excluding_tax', currency) ?? major(total - tax, currency),
    tax: major(tax, currency),
  };
}

/**
 * First reduces what is owed; what is beyond was paid before, and is refunded, credited to the
 * customer or settled outside. Before API 2025-05-28 a note was of one type and named one refund.
 */
function effects(reader: PayloadReader, currency: StripeCurrency): BooksRow {
  const total = minorOf(reader, 'amount', currency);
  const type = reader.text('type');
  const isSplit = reader.has('post_payment_amount');
  if (!isSplit && type === 'mixed')
    throw reader.problem('post_payment_amount', 'missing_field', 'is missing on a mixed note.');
  const post = isSplit
    ? minorOf(reader, 'post_payment_amount', currency)
    : type === 'post_payment'
      ? total
      : 0n;
  const outside = reader.holds('out_of_band_amount')
    ? minorOf(reader, 'out_of_band_amount', currency)
    : 0n;
  const refunded = refundedOf(reader, post - outside);
  return {
    pre_payment: major(total - post, currency),
    post_payment: major(post, currency),
    refunded: major(refunded, currency),
    to_balance: major(post - outside - refunded, currency),
    out_of_band: major(outside, currency),
  };
}

/**
 * The sum of its refunds; before API 2025-03-31, of the one refund, whose amount it may not tell.
 */
function refundedOf(reader: PayloadReader, atMost: bigint): bigint {
  const refunds = reader.optionalObjects('refunds');
  if (refunds) return sumOf(refunds, 'amount_refunded');
  if (!reader.holds('refund')) return 0n;
  const refund = reader.expanded('refund');
  if (refund) return BigInt(refund.integer('amount'));
  if (!reader.holds('customer_balance_transaction')) return atMost;
  throw reader.problem('refund', 'missing_field', 'is not expanded beside a balance credit.');
}

function lineOf(line: PayloadReader, currency: StripeCurrency): BooksRow {
  const taxes = taxesOf(line, { now: 'taxes', before: 'tax_amounts' });
  return {
    credit_note_line_id: line.text('id'),
    invoice_line_id: line.optionalId('invoice_line_item'),
    line_type: line.optionalText('type'),
    description: line.optionalText('description'),
    currency: currency.code,
    amount: amountOf(line, 'amount', currency),
    discount: amountOf(line, 'discount_amount', currency),
    tax_excl: major(taxes.exclusive, currency),
    tax_incl: major(taxes.inclusive, currency),
    quantity: line.optionalDecimal('quantity_decimal') ?? line.optionalDecimal('quantity'),
    unit_amount: unitAmountOf(line, 'unit_amount_decimal', currency),
  };
}
