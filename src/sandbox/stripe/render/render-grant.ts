import type Stripe from 'stripe';
import type { CreditGrant } from '../../truth/billing';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

type GrantTransaction = CreditGrant['transactions'][number];
type WireTransaction = Wire<Stripe.Billing.CreditBalanceTransaction>;
type Amount = Wire<Stripe.Billing.CreditGrant.Amount>;

const monetary = (amount: bigint, currency: string, rendering: Rendering): Amount => ({
  monetary: { currency: currency.toLowerCase(), value: rendering.amount(amount, currency) },
  type: 'monetary',
});

export function renderGrant(
  grant: CreditGrant,
  rendering: Rendering,
): Wire<Stripe.Billing.CreditGrant> {
  return {
    id: grant.id,
    object: 'billing.credit_grant',
    amount: monetary(grant.amount, grant.currency, rendering),
    applicability_config: { scope: { price_type: 'metered' } },
    category: grant.category,
    created: grant.effectiveAt,
    customer: rendering.customerId,
    customer_account: null,
    effective_at: grant.effectiveAt,
    expires_at: grant.expiresAt,
    livemode: true,
    metadata: {},
    name: null,
    priority: 50,
    test_clock: null,
    updated: grant.voidedAt ?? grant.effectiveAt,
    voided_at: grant.voidedAt,
  };
}

/** Credit given is a credit; what is used, expires or is voided is a debit of the grant. */
export function renderGrantTransaction(
  transaction: GrantTransaction,
  grant: CreditGrant,
  rendering: Rendering,
): WireTransaction {
  const { kind, at } = transaction;
  const size = transaction.amount < 0n ? -transaction.amount : transaction.amount;
  const amount = monetary(size, grant.currency, rendering);
  const used = usedOn(transaction, rendering);
  const common = {
    id: transaction.id,
    object: 'billing.credit_balance_transaction',
    created: at,
    credit_grant: grant.id,
    effective_at: at,
    livemode: true,
    test_clock: null,
  } as const;
  switch (kind) {
    case 'credit_granted': {
      const type = 'credits_granted';
      const credit = { amount, credits_application_invoice_voided: null, type } as const;
      return { ...common, credit, debit: null, type: 'credit' };
    }
    case 'credits_restored': {
      const type = 'credits_application_invoice_voided';
      const credit = { amount, credits_application_invoice_voided: used, type } as const;
      return { ...common, credit, debit: null, type: 'credit' };
    }
    case 'credits_applied':
    case 'credits_expired':
    case 'credits_voided':
      return {
        ...common,
        credit: null,
        debit: { amount, credits_applied: kind === 'credits_applied' ? used : null, type: kind },
        type: 'debit',
      };
  }
}

function usedOn(
  { invoiceKey, lineKey }: GrantTransaction,
  rendering: Rendering,
): { invoice: string; invoice_line_item: string } | null {
  if (invoiceKey === null) return null;
  const { id, lines } = rendering.invoice(invoiceKey);
  const line = lines.find(({ key }) => key === lineKey);
  return line === undefined ? null : { invoice: id, invoice_line_item: line.id };
}
