import type Stripe from 'stripe';
import { DAY } from '../../kit/instants';
import { stripeId } from '../../kit/ids';
import type { Dispute, Refund } from '../../truth/billing';
import { renderBalanceTransaction } from './render-balance-transaction';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

/** A refund; one that failed after all names the movement that gave the money back (S14). */
export function renderRefund(refund: Refund, rendering: Rendering): Wire<Stripe.Refund> {
  const { charge, payment } = rendering.charge(refund.chargeKey);
  const movements = rendering.movements(refund.id);
  const taken = movements.find(({ type }) => type === 'refund' || type === 'payment_refund');
  const given = movements.find((movement) => movement !== taken);
  const failed = refund.failedAt !== null;
  return {
    id: refund.id,
    object: 'refund',
    amount: rendering.amount(refund.amount, payment.currency),
    balance_transaction: taken?.id ?? null,
    charge: charge.id,
    created: refund.createdAt,
    currency: payment.currency.toLowerCase(),
    customer: rendering.customerId,
    customer_account: null,
    destination_details: {
      card: {
        reference_status: 'pending',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    ...(given === undefined ? {} : { failure_balance_transaction: given.id }),
    ...(failed ? { failure_reason: 'expired_or_canceled_card' } : {}),
    metadata: { ...refund.metadata },
    payment_intent: payment.kind === 'payment_intent' ? payment.id : null,
    payment_method: rendering.paymentMethodId(payment.method),
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}

const evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
} satisfies Wire<Stripe.Dispute.Evidence>;

/** Days that the seller has to answer a dispute. */
const answerDays = 9;

export function renderDispute(dispute: Dispute, rendering: Rendering): Wire<Stripe.Dispute> {
  const { charge, payment } = rendering.charge(dispute.chargeKey);
  const answered = dispute.status !== 'needs_response' && !dispute.status.startsWith('warning');
  const dueBy = dispute.createdAt + answerDays * DAY;
  return {
    id: dispute.id,
    object: 'dispute',
    amount: rendering.amount(dispute.amount, payment.currency),
    balance_transactions: rendering
      .movements(dispute.id)
      .map((movement) => renderBalanceTransaction(movement, rendering.now)),
    charge: charge.id,
    created: dispute.createdAt,
    currency: payment.currency.toLowerCase(),
    enhanced_eligibility_types: [],
    evidence,
    evidence_details: {
      due_by: dueBy,
      enhanced_eligibility: {},
      has_evidence: answered,
      past_due: !answered && dueBy < rendering.now,
      submission_count: answered ? 1 : 0,
      submission_method: answered ? 'manual' : 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: dispute.status.startsWith('warning'),
    livemode: true,
    metadata: {},
    network_reason_code: stripeId('reason', dispute.key).slice(-2),
    payment_intent: payment.kind === 'payment_intent' ? payment.id : null,
    payment_method_details: {
      card: {
        brand: 'visa',
        case_type: dispute.status.startsWith('warning') ? 'inquiry' : 'chargeback',
        network: 'visa',
        network_reason_code: '10.4',
      },
      type: 'card',
    },
    reason: dispute.reason,
    status: dispute.status,
  };
}
