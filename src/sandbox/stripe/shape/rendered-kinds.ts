/** What the sandbox makes and real objects are known of. */
export const renderedKinds: ReadonlySet<string> = new Set([
  ...['account', 'balance_transaction', 'billing.credit_balance_transaction'],
  ...['billing.credit_grant', 'billing.meter', 'charge', 'coupon', 'credit_note'],
  ...['credit_note_line_item', 'customer', 'customer_balance_transaction', 'discount', 'dispute'],
  ...['event', 'invoice', 'invoice_payment', 'invoiceitem', 'line_item', 'payment_intent'],
  ...['payment_record', 'payout', 'plan', 'price', 'product', 'promotion_code', 'refund'],
  ...['subscription', 'subscription_item', 'subscription_schedule'],
]);
