import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { balanceTransactionTypes } from './balance-transaction-types';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['available', 'pending'] as const);

/** A movement of the Stripe balance, with Stripe's signs, and what its fee is made of (S4). */
export const mapBalanceTransaction: ObjectMapping<StripeContext> = {
  object: 'balance_transaction',
  tables: ['balance_transactions', 'balance_transaction_fees'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'balance_transaction');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const available = instantOf(reader, 'available_on');
    const own = { balance_transaction_id: raw.objectId, entity_id: context.entityId };
    const transaction = {
      ...own,
      type: reader.oneOf('type', balanceTransactionTypes),
      category: reader.text('reporting_category'),
      balance_type: reader.optionalText('balance_type'),
      status: reader.oneOf('status', statuses),
      currency: currency.code,
      amount: amountOf(reader, 'amount', currency),
      fee: amountOf(reader, 'fee', currency),
      net: amountOf(reader, 'net', currency),
      exchange_rate: reader.optionalDecimal('exchange_rate'),
      document_id: reader.nullableId('source'),
      description: reader.optionalText('description'),
      created_at: created,
      posting_date: dateOf(created, context),
      available_at: available,
      available_on: dateOf(available, context),
    };
    const fees = reader.objects('fee_details').map((fee, at) => {
      const feeCurrency = currencyOf(fee);
      return {
        ...own,
        fee_no: String(at + 1),
        fee_type: fee.text('type'),
        currency: feeCurrency.code,
        amount: amountOf(fee, 'amount', feeCurrency),
        application: fee.optionalText('application'),
        description: fee.optionalText('description'),
      };
    });
    return { balance_transactions: [transaction], balance_transaction_fees: fees };
  },
};
