import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

const statuses = new Set([
  'appeal_needs_response',
  'appeal_under_review',
  'lost',
  'needs_response',
  'prevented',
  'under_review',
  'warning_closed',
  'warning_needs_response',
  'warning_under_review',
  'won',
] as const);

/** A dispute; it takes funds once, and gives them back at most once (S16). */
export const mapDispute: ObjectMapping<StripeContext> = {
  object: 'dispute',
  tables: ['disputes'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'dispute');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const moves = reader.objects('balance_transactions');
    const evidence = reader.optionalObject('evidence_details');
    const moving = (isOut: boolean): string | null =>
      moves.find((move) => BigInt(move.integer('amount')) < 0n === isOut)?.text('id') ?? null;
    const dispute = {
      dispute_id: raw.objectId,
      entity_id: context.entityId,
      payment_id: reader.id('charge'),
      payment_intent_id: reader.optionalId('payment_intent'),
      currency: currency.code,
      amount: amountOf(reader, 'amount', currency),
      status: reader.oneOf('status', statuses),
      reason: reader.text('reason'),
      is_charge_refundable: reader.optionalBoolean('is_charge_refundable'),
      created_at: created,
      created_on: dateOf(created, context),
      due_by_at: evidence && optionalInstant(evidence, 'due_by'),
      withdrawal_balance_transaction_id: moving(true),
      reinstatement_balance_transaction_id: moving(false),
    };
    return { disputes: [dispute] };
  },
};
