import type Stripe from 'stripe';
import { startOfUtcDay } from '../../kit/instants';
import { stripeId } from '../../kit/ids';
import { wireAmount } from '../../kit/units';
import type { BalanceTransaction, Payout } from '../../truth/cash';
import { entities } from '../../truth/company';
import type { StripeRecord } from '../../world/records';
import type { Wire } from './wire';

/** A movement of the account's balance, in its settlement currency (CONTROLS S4). */
export function renderBalanceTransaction(
  movement: BalanceTransaction,
  now: number,
): Wire<Stripe.BalanceTransaction> {
  const { currency, exchangeRate } = movement;
  return {
    id: movement.id,
    object: 'balance_transaction',
    amount: wireAmount(movement.amount, currency),
    available_on: movement.availableAt,
    balance_type: 'payments',
    created: movement.createdAt,
    currency: currency.toLowerCase(),
    description: null,
    exchange_rate: exchangeRate === null ? null : Number(exchangeRate),
    fee: wireAmount(movement.fee, currency),
    fee_details: movement.fees.map(({ amount, description, type }) => ({
      amount: wireAmount(amount, currency),
      application: null,
      currency: currency.toLowerCase(),
      description,
      type,
    })),
    net: wireAmount(movement.net, currency),
    reporting_category: movement.category,
    source: movement.sourceId,
    status: movement.availableAt <= now ? 'available' : 'pending',
    // The SDK's union is open at runtime: a type that nobody has mapped arrives all the same.
    type: movement.type,
  };
}

/** The record of a movement; `payout` is the automatic payout that holds it. */
export function recordBalanceTransaction(
  movement: BalanceTransaction,
  now: number,
  payout: string | null,
): StripeRecord {
  return {
    entity: movement.entity,
    collection: 'balance_transactions',
    id: movement.id,
    created: movement.createdAt,
    filters: {
      type: movement.type,
      currency: movement.currency.toLowerCase(),
      source: movement.sourceId,
      ...(payout === null ? {} : { payout }),
    },
    object: renderBalanceTransaction(movement, now),
  };
}

export function renderPayout(payout: Payout): Wire<Stripe.Payout> {
  const { currency, status } = payout;
  const bankAccount = entities[payout.entity].bankAccounts[currency] ?? currency;
  return {
    id: payout.id,
    object: 'payout',
    amount: wireAmount(payout.amount, currency),
    application_fee: null,
    application_fee_amount: null,
    arrival_date: startOfUtcDay(payout.arrivalOn),
    automatic: payout.automatic,
    balance_transaction: payout.balanceTransactionId,
    created: payout.createdAt,
    currency: currency.toLowerCase(),
    description: 'STRIPE PAYOUT',
    destination: stripeId('ba', bankAccount),
    failure_balance_transaction: payout.failureBalanceTransactionId,
    failure_code: payout.failedAt === null ? null : 'account_closed',
    failure_message: payout.failedAt === null ? null : 'The bank account has been closed.',
    livemode: true,
    metadata: {},
    method: 'standard',
    original_payout: payout.originalPayoutId,
    payout_method: null,
    reconciliation_status: payout.reconciliation,
    reversed_by: payout.reversedById,
    source_type: 'card',
    statement_descriptor: null,
    status,
    trace_id:
      payout.traceId === null
        ? { status: status === 'paid' ? 'unsupported' : 'pending', value: null }
        : { status: 'supported', value: payout.traceId },
    type: 'bank_account',
  };
}
