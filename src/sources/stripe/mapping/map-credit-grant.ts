import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  optionalDate,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

const categories = new Set(['paid', 'promotional'] as const);
const amountTypes = new Set(['monetary'] as const);
const kinds = new Set([
  'credits_application_invoice_voided',
  'credits_granted',
  'credits_applied',
  'credits_expired',
  'credits_voided',
] as const);

/** Money of a grant or of its use; credits in custom units would have no currency. */
function moneyOf(holder: PayloadReader): { currency: string; amount: string } {
  const of = holder.object('amount');
  of.oneOf('type', amountTypes);
  const monetary = of.object('monetary');
  const currency = currencyOf(monetary);
  return { currency: currency.code, amount: amountOf(monetary, 'value', currency) };
}

export const mapCreditGrant: ObjectMapping<StripeContext> = {
  object: 'billing.credit_grant',
  tables: ['credit_grants'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'billing.credit_grant');
    const effective = optionalInstant(reader, 'effective_at');
    const expires = optionalInstant(reader, 'expires_at');
    const grant = {
      grant_id: raw.objectId,
      entity_id: context.entityId,
      customer_id: reader.id('customer'),
      name: reader.optionalText('name'),
      category: reader.oneOf('category', categories),
      ...moneyOf(reader),
      effective_at: effective,
      effective_on: optionalDate(effective, context),
      expires_at: expires,
      expires_on: optionalDate(expires, context),
      voided_at: optionalInstant(reader, 'voided_at'),
      priority: reader.optionalInteger('priority'),
      applicability: { json: reader.json('applicability_config') },
      created_at: instantOf(reader, 'created'),
      purchase_invoice_id: reader.optionalObject('metadata')?.optionalText('invoice_id') ?? null,
    };
    return { credit_grants: [grant] };
  },
};

export const mapCreditBalanceTransaction: ObjectMapping<StripeContext> = {
  object: 'billing.credit_balance_transaction',
  tables: ['credit_grant_transactions'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'billing.credit_balance_transaction');
    const [credit, debit] = [reader.optionalObject('credit'), reader.optionalObject('debit')];
    const side = credit ?? debit;
    if (!side || (credit && debit))
      throw reader.problem('type', 'inconsistent', 'is not one of credit and debit.');
    const applied =
      side.optionalObject('credits_applied') ??
      side.optionalObject('credits_application_invoice_voided');
    const effective = instantOf(reader, 'effective_at');
    const transaction = {
      transaction_id: raw.objectId,
      grant_id: reader.id('credit_grant'),
      entity_id: context.entityId,
      kind: side.oneOf('type', kinds),
      direction: credit ? 'credit' : 'debit',
      ...moneyOf(side),
      invoice_id: applied?.optionalId('invoice') ?? null,
      invoice_line_id: applied?.optionalId('invoice_line_item') ?? null,
      effective_at: effective,
      effective_on: dateOf(effective, context),
      created_at: instantOf(reader, 'created'),
    };
    return { credit_grant_transactions: [transaction] };
  },
};
