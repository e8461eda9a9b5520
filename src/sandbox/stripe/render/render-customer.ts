import type Stripe from 'stripe';
import { stripeId } from '../../kit/ids';
import { entities, type Customer } from '../../truth/company';
import type { CustomerWorld } from '../../world/customer-world';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

export const addressOf = ({ country, region }: Customer): Wire<Stripe.Address> => ({
  city: null,
  country,
  line1: null,
  line2: null,
  postal_code: null,
  state: region,
});

export const taxExemptOf = ({ taxStatus }: Customer): 'none' | 'reverse' =>
  taxStatus === 'eu_reverse_charge' ? 'reverse' : 'none';

/** 'A1B2C3D4', the beginning of the customer's own invoice numbers. */
export const invoicePrefixOf = ({ key }: Customer): string =>
  stripeId('prefix', key).slice(-8).toUpperCase();

/** One more than the last number that the customer was given, or than it has invoices with one. */
function nextSequence({ customer, billing }: CustomerWorld): number {
  const numbers = billing.invoices.flatMap(({ number }) => number ?? []);
  if (entities[customer.entity].numbering === 'account') return numbers.length + 1;
  return 1 + Math.max(0, ...numbers.map((number) => Number(number.split('-').at(-1))));
}

/** The customer as it stands at the world's now. */
export function renderCustomer(rendering: Rendering): Wire<Stripe.Customer> {
  const { customer, billing } = rendering.world;
  const balance = rendering.amount(billing.balance, customer.currency);
  const currency = customer.currency.toLowerCase();
  return {
    id: customer.stripeId,
    object: 'customer',
    address: addressOf(customer),
    balance,
    created: customer.arrivedAt,
    currency: billing.invoices.length === 0 ? null : currency,
    customer_account: null,
    default_source: null,
    delinquent: billing.invoices.some(
      ({ status, dueAt }) => status === 'open' && dueAt !== null && dueAt < rendering.now,
    ),
    description: null,
    discount: null,
    email: customer.email,
    // The customer's balance with the sign turned: what is credit to it is positive (CONTROLS S3).
    ...(billing.balance === 0n
      ? { invoice_credit_balance: {} }
      : { invoice_credit_balance: { [currency]: -balance } }),
    invoice_prefix: invoicePrefixOf(customer),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: true,
    metadata: {
      organization_id: customer.organizationId,
      ...(customer.accountId === null ? {} : { salesforce_account_id: customer.accountId }),
    },
    name: customer.name,
    next_invoice_sequence: nextSequence(rendering.world),
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: taxExemptOf(customer),
    test_clock: null,
  };
}
