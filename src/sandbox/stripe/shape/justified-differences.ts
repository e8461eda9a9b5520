/** Where our objects differ from real ones, and why they may. */
export const justifiedDifferences: Readonly<Record<string, string>> = {
  'charge.destination: lacking': 'of versions before the one the SDK pins, in its types no more',
  'charge.dispute: lacking': 'of versions before the one the SDK pins, in its types no more',
  'charge.order: lacking': 'of versions before the one the SDK pins, in its types no more',
  'charge.refunds: lacking': 'shown only when asked for; the server adds it from the refunds',
  'payment_intent.last_payment_error.payment_method: lacking':
    'a whole payment method, of which the sandbox keeps the id alone',
  'invoice.subscription: lacking': 'of versions before basil, in the types of the SDK no more',
  'billing.credit_grant.customer: real object, ours string':
    'the sample is expanded; the server expands it when asked',
  'subscription_schedule.phases[].items[].plan: real object, ours string':
    'the sample is expanded; the server gives the id',
  ...Object.fromEntries(
    [
      ...['business_profile', 'capabilities', 'controller', 'external_accounts'],
      ...['future_requirements', 'requirements', 'settings', 'tos_acceptance'],
    ].map((field) => [
      `account.${field}: lacking`,
      'about the onboarding of an account; who reads the account reads its id and country',
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['account', 'coupon', 'customer', 'discount', 'invoice', 'invoiceitem', 'plan', 'price'],
      ...['product', 'subscription_item'],
    ].map((kind) => [
      `${kind}.deleted: lacking`,
      'the samples mix in the answer for a deleted object; one that exists has no such field',
    ]),
  ),
};
