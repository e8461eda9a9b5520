import { stripeId } from '../kit/ids';
import type { Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { CreditGrant, Invoice, InvoiceLine } from '../truth/billing';
import type { GrantPlan } from '../truth/plan';
import { baseOf, type BillingState } from './billing-state';

type TransactionKind = CreditGrant['transactions'][number]['kind'];

/** Plans the beginning and the end of each credit grant. */
export function planGrants(state: BillingState): void {
  for (const grant of state.plan.grants) {
    state.queue.plan(grant.effectiveAt, (at) => {
      give(state, grant, at);
    });
  }
}

function give(state: BillingState, plan: GrantPlan, at: Instant): void {
  const grant: CreditGrant = {
    ...{ key: plan.key, id: plan.id, category: plan.category, currency: plan.currency },
    ...{ amount: plan.amount, effectiveAt: at, expiresAt: plan.expiresAt, voidedAt: null },
    boughtByInvoiceKey: null,
    transactions: [],
  };
  state.billing.grants.push(grant);
  record(grant, 'credit_granted', plan.amount, at, null, null);
  if (plan.expiresAt === null) return;
  state.queue.plan(plan.expiresAt, (end) => {
    const rest = remainingOf(grant);
    record(grant, 'credits_expired', rest, end, null, null);
    const isBreakage = rest > 0n && plan.category === 'paid';
    if (isBreakage && state.lookAlikes) state.context.noteLookAlike('L39', grant.id);
  });
}

/** Says which invoice each grant was bought with, as far as it exists. */
export function linkGrants(state: BillingState): void {
  const bought = new Map(state.plan.grants.map(({ key, boughtBy }) => [key, boughtBy]));
  for (const grant of state.billing.grants) {
    const charge = bought.get(grant.key) ?? null;
    if (charge === null) continue;
    const invoice = state.billing.invoices.find(({ status, lines }) => {
      return status !== 'void' && lines.some(({ key }) => key.startsWith(`${charge}/line`));
    });
    grant.boughtByInvoiceKey = invoice?.key ?? null;
  }
}

/** What is left of a grant. */
export function remainingOf(grant: CreditGrant): Minor {
  return grant.transactions.reduce((rest, { kind, amount }) => {
    return kind === 'credit_granted' || kind === 'credits_restored' ? rest + amount : rest - amount;
  }, 0n);
}

function record(
  grant: CreditGrant,
  kind: TransactionKind,
  amount: Minor,
  at: Instant,
  invoiceKey: string | null,
  lineKey: string | null,
): void {
  if (amount === 0n) return;
  const id = stripeId('cbtxn', grant.key, grant.transactions.length);
  grant.transactions.push({ id, kind, amount, at, invoiceKey, lineKey });
}

/**
 * Pays usage lines from the grants in force as the period ends and the draft is made, so that a
 * grant still pays for what was used up to the instant of its expiry. Those that expire first come
 * first, promotional before paid; the last one may pay a part of a line (L39).
 */
export function drawDownGrants(state: BillingState, invoice: Invoice, at: Instant): void {
  const { grants } = state.billing;
  if (grants.length === 0) return;
  const usable = grants
    .filter(({ currency, effectiveAt, expiresAt, voidedAt }) => {
      const isOver = (expiresAt !== null && expiresAt < at) || voidedAt !== null;
      return currency === invoice.currency && effectiveAt <= at && !isOver;
    })
    .sort(firstUsed);
  for (const line of invoice.lines) {
    if (line.kind !== 'usage') continue;
    payLine(invoice, line, usable, at);
    const isSplit = line.grantCredits.length > 0 && baseOf(line) > 0n;
    if (isSplit && state.lookAlikes) state.context.noteLookAlike('L39', line.id);
  }
}

function payLine(
  invoice: Invoice,
  line: InvoiceLine,
  grants: readonly CreditGrant[],
  at: Instant,
): void {
  for (const grant of grants) {
    const owed = baseOf(line);
    if (owed <= 0n) return;
    const left = remainingOf(grant);
    const amount = left < owed ? left : owed;
    if (amount <= 0n) continue;
    line.grantCredits.push({ grantKey: grant.key, amount });
    record(grant, 'credits_applied', amount, at, invoice.key, line.key);
  }
}

/** Gives back what a voided invoice took; expired grants let it go again at once. */
export function restoreGrants(state: BillingState, invoice: Invoice, at: Instant): void {
  for (const line of invoice.lines) {
    for (const { grantKey, amount } of line.grantCredits) {
      const grant = state.billing.grants.find(({ key }) => key === grantKey);
      if (grant === undefined) throw new RangeError(`${invoice.key} used no grant ${grantKey}`);
      record(grant, 'credits_restored', amount, at, invoice.key, line.key);
      const isOver = grant.expiresAt !== null && grant.expiresAt <= at;
      if (isOver) record(grant, 'credits_expired', amount, at, null, null);
    }
  }
}

function firstUsed(a: CreditGrant, b: CreditGrant): number {
  const end = (grant: CreditGrant) => grant.expiresAt ?? Number.MAX_SAFE_INTEGER;
  if (end(a) !== end(b)) return end(a) - end(b);
  if (a.category !== b.category) return a.category === 'promotional' ? -1 : 1;
  return a.effectiveAt - b.effectiveAt;
}
