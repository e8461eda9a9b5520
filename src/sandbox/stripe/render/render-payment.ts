import type Stripe from 'stripe';
import { stripeId } from '../../kit/ids';
import type { Charge, Invoice, Payment, PaymentApplication } from '../../truth/billing';
import { addressOf } from './render-customer';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

type WireCharge = Wire<Stripe.Charge>;
type MethodDetails = Wire<Stripe.Charge.PaymentMethodDetails>;

const methodTypes = {
  card: 'card',
  ach_debit: 'us_bank_account',
  sepa_debit: 'sepa_debit',
  wire: 'customer_balance',
} as const;

export function renderInvoicePayment(
  application: PaymentApplication,
  invoice: Invoice,
  rendering: Rendering,
): Wire<Stripe.InvoicePayment> {
  const { id, kind } = rendering.payment(application.paymentKey);
  const { currency } = invoice;
  const { paid } = application;
  return {
    id: application.id,
    object: 'invoice_payment',
    amount_paid: paid === null ? null : rendering.amount(paid, currency),
    amount_requested: rendering.amount(application.requested, currency),
    created: application.createdAt,
    currency: currency.toLowerCase(),
    invoice: invoice.id,
    is_default: application.isDefault,
    livemode: true,
    payment:
      kind === 'payment_intent'
        ? { payment_intent: id, type: 'payment_intent' }
        : { payment_record: id, type: 'payment_record' },
    status: application.status,
    status_transitions: {
      canceled_at: application.canceledAt,
      paid_at: application.paidAt,
    },
  };
}

const unusedOfIntent = {
  allowed_payment_method_types: null,
  amount_details: { tip: {} },
  amount_capturable: 0,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  capture_method: 'automatic',
  confirmation_method: 'automatic',
  customer_account: null,
  excluded_payment_method_types: null,
  managed_payments: null,
  next_action: null,
  on_behalf_of: null,
  payment_details: { customer_reference: null, order_reference: null },
  payment_method_configuration_details: null,
  payment_method_options: null,
  payment_record: null,
  processing: null,
  review: null,
  setup_future_usage: null,
  shipping: null,
  source: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<Wire<Stripe.PaymentIntent>>;

/** A declined charge's code and words, as Stripe writes them for a card. */
const declineOf = (
  code: string | null,
  charge: Charge | undefined,
): Wire<Stripe.PaymentIntent.LastPaymentError> => ({
  advice_code: 'try_again_later',
  code: code ?? 'card_declined',
  ...(charge ? { charge: charge.id } : {}),
  decline_code: 'generic_decline',
  doc_url: 'https://docs.stripe.com/error-codes/card-declined',
  message: 'Your card was declined.',
  network_decline_code: '05',
  type: 'card_error',
});

export function renderPaymentIntent(
  payment: Payment,
  rendering: Rendering,
): Wire<Stripe.PaymentIntent> {
  const { currency, status } = payment;
  const last = payment.charges.at(-1);
  const amount = rendering.amount(payment.amount, currency);
  const failed = status === 'requires_payment_method';
  return {
    id: payment.id,
    object: 'payment_intent',
    amount,
    amount_received: status === 'succeeded' ? amount : 0,
    canceled_at: status === 'canceled' ? (last?.createdAt ?? payment.createdAt) : null,
    cancellation_reason: status === 'canceled' ? 'void_invoice' : null,
    client_secret: `${payment.id}_secret_${stripeId('s', payment.id).slice(4)}`,
    created: payment.createdAt,
    currency: currency.toLowerCase(),
    customer: rendering.payerOf(payment),
    description: 'Payment for Invoice',
    last_payment_error: failed ? declineOf(last?.failureCode ?? null, last) : null,
    latest_charge: last?.id ?? null,
    livemode: true,
    metadata: { ...payment.metadata },
    payment_method: failed ? null : rendering.paymentMethodId(payment.method),
    payment_method_types: [methodTypes[payment.method]],
    receipt_email: null,
    status,
    ...unusedOfIntent,
  };
}

const last4 = (key: string): string =>
  String(stripeId('last4', key).charCodeAt(12) * 73)
    .padStart(4, '0')
    .slice(-4);

const cardOf = (charge: Charge, amount: number): Wire<Stripe.Charge.PaymentMethodDetails.Card> => ({
  amount_authorized: amount,
  authorization_code: null,
  brand: 'visa',
  checks: {
    address_line1_check: null,
    address_postal_code_check: 'pass',
    cvc_check: 'pass',
  },
  country: 'US',
  electronic_commerce_indicator: null,
  exp_month: 12,
  exp_year: 2031,
  extended_authorization: { status: 'disabled' },
  fingerprint: stripeId('fp', charge.key).slice(5, 21),
  funding: 'credit',
  incremental_authorization: { status: 'unavailable' },
  installments: null,
  last4: last4(charge.key),
  mandate: null,
  multicapture: { status: 'unavailable' },
  network: 'visa',
  network_token: { used: false },
  network_transaction_id: null,
  overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
  regulated_status: 'unregulated',
  three_d_secure: null,
  transaction_link_id: null,
  wallet: null,
});

function methodDetails(payment: Payment, charge: Charge, amount: number): MethodDetails {
  const fingerprint = stripeId('fp', payment.key).slice(5, 21);
  switch (payment.method) {
    case 'card':
      return { card: cardOf(charge, amount), type: 'card' };
    case 'ach_debit':
      return {
        type: 'us_bank_account',
        us_bank_account: {
          account_holder_type: 'company',
          account_type: 'checking',
          bank_name: null,
          fingerprint,
          last4: last4(payment.key),
          payment_reference: null,
          routing_number: null,
        },
      };
    case 'sepa_debit':
      return {
        sepa_debit: {
          bank_code: null,
          branch_code: null,
          country: 'DE',
          fingerprint,
          last4: last4(payment.key),
          mandate: null,
        },
        type: 'sepa_debit',
      };
    case 'wire':
      return { customer_balance: {}, type: 'customer_balance' };
  }
}

const approved = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'approved_by_network',
  reason: null,
  risk_level: 'normal',
  risk_score: 20,
  seller_message: 'Payment complete.',
  type: 'authorized',
} satisfies WireCharge['outcome'];

const declined = {
  ...approved,
  advice_code: 'try_again_later',
  network_status: 'declined_by_network',
  reason: 'generic_decline',
  seller_message: 'The bank did not return any further details with this decline.',
  type: 'issuer_declined',
} satisfies WireCharge['outcome'];

const unusedOfCharge = {
  application: null,
  application_fee: null,
  application_fee_amount: null,
  fraud_details: {},
  on_behalf_of: null,
  radar_options: {},
  receipt_number: null,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<WireCharge>;

/** Movements of a charge: what it brought, and what its return took (CONTROLS S15). */
function movementsOf(charge: Charge, rendering: Rendering) {
  const movements = rendering.movements(charge.id);
  const brought = movements.find(({ type }) => type === 'charge' || type === 'payment');
  const taken = movements.find(({ type }) => type === 'payment_failure_refund');
  return {
    balance_transaction: brought?.id ?? null,
    failure_balance_transaction: taken?.id ?? null,
  } satisfies Partial<WireCharge>;
}

const declinedAtOnce = ({ status, returnedAt }: Charge): boolean =>
  status === 'failed' && returnedAt === null;

function failureOf(charge: Charge) {
  const returned = charge.returnedAt !== null;
  const failed = returned || charge.status === 'failed';
  const code = charge.failureCode ?? (returned ? 'debit_not_authorized' : 'card_declined');
  return {
    captured: !declinedAtOnce(charge),
    failure_code: failed ? code : null,
    failure_message: failed ? 'The payment could not be completed.' : null,
    outcome: declinedAtOnce(charge) ? declined : approved,
    paid: !failed && charge.status === 'succeeded',
    status: failed ? 'failed' : charge.status,
  } satisfies Partial<WireCharge>;
}

export function renderCharge(charge: Charge, payment: Payment, rendering: Rendering): WireCharge {
  const { currency } = payment;
  const { customer } = rendering.world;
  const amount = rendering.amount(charge.amount, currency);
  return {
    id: charge.id,
    object: 'charge',
    amount,
    amount_captured: declinedAtOnce(charge) ? 0 : amount,
    amount_refunded: rendering.amount(charge.refunded, currency),
    billing_details: {
      address: addressOf(customer),
      email: customer.email,
      name: customer.name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: 'NORTHWIND INTELLIGENCE',
    created: charge.createdAt,
    currency: currency.toLowerCase(),
    customer: rendering.payerOf(payment),
    description: 'Payment for Invoice',
    disputed: charge.disputed,
    livemode: true,
    metadata: { ...payment.metadata },
    payment_intent: payment.kind === 'payment_intent' ? payment.id : null,
    payment_method: rendering.paymentMethodId(payment.method),
    payment_method_details: methodDetails(payment, charge, amount),
    receipt_email: customer.email,
    receipt_url: `https://pay.stripe.com/receipts/payment/${charge.id}`,
    refunded: charge.refunded > 0n && charge.refunded === charge.amount,
    ...unusedOfCharge,
    ...movementsOf(charge, rendering),
    ...failureOf(charge),
  };
}

/** Money that came without Stripe and was reported to it (CONTROLS §1.2). */
export function renderPaymentRecord(
  payment: Payment,
  rendering: Rendering,
): Wire<Stripe.PaymentRecord> {
  const currency = payment.currency.toLowerCase();
  const of = (value: number): { currency: string; value: number } => ({ currency, value });
  const amount = rendering.amount(payment.amount, payment.currency);
  const { customer } = rendering.world;
  const address = addressOf(customer);
  const parties = { email: customer.email, name: customer.name, phone: null };
  const done = payment.status === 'succeeded';
  return {
    id: payment.id,
    object: 'payment_record',
    amount: of(amount),
    amount_authorized: of(0),
    amount_canceled: of(0),
    amount_failed: of(0),
    amount_guaranteed: of(done ? amount : 0),
    amount_refunded: of(0),
    amount_requested: of(amount),
    application: null,
    created: payment.createdAt,
    customer_details: { customer: rendering.payerOf(payment), ...parties },
    customer_presence: 'off_session',
    description: null,
    latest_payment_attempt_record: stripeId('par', payment.key),
    livemode: true,
    // Stripe knows no user: the tool that records the money writes who did.
    metadata: {
      ...payment.metadata,
      ...(payment.wire === null ? {} : { marked_by: payment.wire.markedBy }),
    },
    payment_method_details: {
      billing_details: { address, ...parties },
      custom: { display_name: 'Bank transfer', type: null },
      payment_method: null,
      type: 'custom',
    },
    processor_details: {
      custom: { payment_reference: payment.wire?.reference ?? null },
      type: 'custom',
    },
    reported_by: 'self',
    shipping_details: null,
  };
}
