import { stripeId } from '../../kit/ids';
import type { CreditGrant, Invoice, InvoiceLine } from '../../truth/billing';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { baseOf } from '../billing-state';
import { grainOf } from '../stripe-rounding';
import { collectedAnew } from './collected-anew';
import { amountIn } from '../../kit/amount-in';
import * as edit from './edit-billing';

const lineFoots: Injection = {
  id: 'A44',
  title: 'A line is not its unit price times its quantity, and the totals do not know',
  stage: 'billing',
  candidates: ({ billing, customer }) =>
    billing.invoices
      .filter((invoice) => {
        const isTaxed = !['none', 'eu_reverse_charge'].includes(customer.taxStatus);
        return !isTaxed && perUnit(invoice) !== undefined && edit.isPlain(billing, invoice);
      })
      .map(({ id, finalizedAt, createdAt }) => ({ key: id, at: finalizedAt ?? createdAt })),
  // Low is one minor unit beyond the tolerance of the document, high a hundred dollars.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const { currency, lines } = invoice;
    const line = perUnit(invoice);
    if (line === undefined) return [];
    const off = magnitude === 'low' ? BigInt(lines.length) + 1n : amountIn(currency, 100n);
    line.amount += off;
    const impact = { amount: off, currency };
    return [
      { control: 'IN-01', code: 'IN01-I9', key, impact },
      { control: 'IN-01', code: 'IN01-I1', key, impact },
    ];
  },
};

const perUnit = ({ lines }: Invoice): InvoiceLine | undefined =>
  lines.find(({ unit, kind, price }) => {
    const isPlain = price?.transform === undefined && !kind.startsWith('proration');
    return unit !== null && isPlain;
  });

const balanceIgnored: Injection = {
  id: 'A46',
  title: 'What is due ignores the balance that was applied, and was paid in full',
  stage: 'billing',
  candidates: ({ billing }) =>
    billing.invoices
      .filter((invoice) => {
        const { status, startingBalance, endingBalance, totals } = invoice;
        const isApplied = startingBalance < 0n && endingBalance === 0n;
        const isPaid = status === 'paid' && edit.onlyPayment(billing, invoice) !== null;
        return isApplied && isPaid && totals.preCreditNotes === 0n && totals.postCreditNotes === 0n;
      })
      .map(({ id, finalizedAt, createdAt }) => ({ key: id, at: finalizedAt ?? createdAt })),
  // Low ignores one of the smallest amounts that Stripe charges, high all that was applied.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const { totals, currency } = invoice;
    const payment = edit.onlyPayment(world.billing, invoice);
    const applied = totals.total - totals.amountDue;
    const ignored = magnitude === 'low' ? grainOf(currency) : applied;
    const due = totals.amountDue + ignored;
    if (payment !== null) edit.payInstead(payment, due);
    for (const application of invoice.applications) {
      application.requested = due;
      if (application.status === 'paid') application.paid = due;
    }
    if (invoice.paidOffStripe > 0n) invoice.paidOffStripe = due;
    invoice.totals = { ...totals, amountDue: due, amountPaid: due };
    const impact = { amount: ignored, currency };
    return [{ control: 'IN-01', code: 'IN01-I3', key, impact }];
  },
};

/** Lines that a grant pays wholly while it has money left to the end. */
const wellPaid = ({ billing }: CustomerWorld) =>
  billing.invoices
    .filter(({ status, totals, lines }) => {
      return (
        status === 'paid' && totals.amountDue === 0n && totals.total === 0n && lines.length > 0
      );
    })
    .flatMap((invoice) =>
      invoice.lines.flatMap((line) => {
        const [credit, ...others] = line.grantCredits;
        const grant = billing.grants.find(({ key }) => key === credit?.grantKey);
        const isEnough = grant !== undefined && credit !== undefined && isNeverUsedUp(grant);
        return isEnough && others.length === 0 ? [{ invoice, line, grant, credit }] : [];
      }),
    );

const applied = (grant: CreditGrant): bigint =>
  grant.transactions
    .filter(({ kind }) => kind === 'credits_applied')
    .reduce((sum, { amount }) => sum + amount, 0n);

const isNeverUsedUp = (grant: CreditGrant): boolean => applied(grant) < grant.amount;

/** What expires is what was not applied. */
function expireRest(grant: CreditGrant): void {
  const expiry = grant.transactions.find(({ kind }) => kind === 'credits_expired');
  if (expiry !== undefined) expiry.amount = grant.amount - applied(grant);
}

const overageEarly: Injection = {
  id: 'A42',
  title: 'Usage is charged although the commitment is not used up',
  stage: 'billing',
  candidates: (world) =>
    wellPaid(world).map(({ invoice, line }) => ({
      key: line.id,
      at: invoice.finalizedAt ?? invoice.createdAt,
    })),
  // Low charges a tenth of the line, high the whole of it.
  apply: (world, { key }, magnitude) => {
    const found = wellPaid(world).find(({ line }) => line.id === key);
    if (found === undefined) return [];
    const { invoice, line, grant, credit } = found;
    const charged = magnitude === 'low' ? credit.amount / 10n + 1n : credit.amount;
    credit.amount -= charged;
    line.grantCredits = line.grantCredits.filter(({ amount }) => amount > 0n);
    const use = grant.transactions.find(({ kind, lineKey }) => {
      return kind === 'credits_applied' && lineKey === line.key;
    });
    if (use !== undefined) use.amount -= charged;
    grant.transactions = grant.transactions.filter(({ amount }) => amount > 0n);
    expireRest(grant);
    collectedAnew(world, invoice);
    const impact = { amount: charged, currency: invoice.currency };
    return [{ control: 'US-02', code: 'US02-OVERAGE_EARLY', key, impact }];
  },
};

/** Usage lines paid with money after a grant of the customer had expired with something left. */
const afterExpiry = ({ billing }: CustomerWorld) =>
  billing.invoices
    .filter((invoice) => edit.isPlain(billing, invoice))
    .flatMap((invoice) =>
      invoice.lines
        .filter(({ kind, amount }) => kind === 'usage' && amount > 1n)
        .flatMap((line) => {
          const grant = billing.grants.find(({ expiresAt, transactions }) => {
            const isOver = expiresAt !== null && expiresAt <= line.periodStart;
            return isOver && transactions.some(({ kind }) => kind === 'credits_expired');
          });
          return grant === undefined ? [] : [{ invoice, line, grant }];
        }),
    );

const expiredUsed: Injection = {
  id: 'A43',
  title: 'An expired credit grant pays for usage',
  stage: 'billing',
  candidates: (world) =>
    afterExpiry(world).map(({ invoice, line }) => ({
      key: line.id,
      at: invoice.finalizedAt ?? invoice.createdAt,
    })),
  // Low takes a single minor unit of it, high all that had been left.
  apply: (world, { key }, magnitude) => {
    const found = afterExpiry(world).find(({ line }) => line.id === key);
    if (found === undefined) return [];
    const { invoice, line, grant } = found;
    const left = grant.amount - applied(grant);
    const most = left < baseOf(line) - 1n ? left : baseOf(line) - 1n;
    const amount = magnitude === 'low' ? amountIn(invoice.currency, 1n) / 100n || 1n : most;
    line.grantCredits.push({ grantKey: grant.key, amount });
    grant.transactions.push({
      ...{ id: stripeId('cbtxn', grant.key, 'late'), kind: 'credits_applied', amount },
      ...{ at: invoice.createdAt, invoiceKey: invoice.key, lineKey: line.key },
    });
    expireRest(grant);
    grant.transactions = grant.transactions.filter((one) => one.amount > 0n);
    edit.settleAnew(world, invoice);
    const impact = { amount, currency: invoice.currency };
    return [{ control: 'US-02', code: 'US02-CREDIT_EXPIRED_USED', key, impact }];
  },
};

export const wrongAmounts: readonly Injection[] = [
  ...[overageEarly, expiredUsed, lineFoots, balanceIgnored],
];
