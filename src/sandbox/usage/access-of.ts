import type { Instant } from '../kit/instants';
import type { BilledSubscription, Billing } from '../truth/billing';
import type { SubscriptionPlan } from '../truth/plan';
import type { CustomerWorld } from '../world/customer-world';

/** Who may use what of the product, as the product itself has it. */
export interface Access {
  id: string;
  workspace: string;
  plan: string;
  grantedAt: Instant;
  revokedAt: Instant | null;
  /** Our own people and tests, on the list that is reviewed each quarter (L29). */
  internal: boolean;
}

/**
 * Access follows billing: it is given with a subscription, and taken when the subscription ends or
 * is left unpaid after the last retry; a pause leaves it. What was left on all the same comes last.
 */
export function accessOf({ customer, plan, usage, billing }: CustomerWorld): Access[] {
  const paid = plan.subscriptions.flatMap((subscription) => {
    const billed = billing.subscriptions.find(({ key }) => key === subscription.key);
    if (billed === undefined || billed.status === 'incomplete_expired') return [];
    return [accessBy(subscription, billed, billing, customer.workspaces[0] ?? '')];
  });
  const internal = customer.internal
    ? customer.workspaces.map((workspace) => ({
        ...{ workspace, plan: 'internal', grantedAt: customer.arrivedAt, revokedAt: null },
        ...{ id: `ent_${workspace}`, internal: true },
      }))
    : [];
  const kept = (usage.keptAccess ?? []).map((access) => ({
    ...access,
    ...{ id: `ent_${access.workspace}/kept`, revokedAt: null, internal: false },
  }));
  return [...paid, ...internal, ...kept];
}

export function accessBy(
  subscription: SubscriptionPlan,
  billed: BilledSubscription,
  billing: Billing,
  anyWorkspace: string,
): Access {
  const { id, items, metadata } = subscription;
  const workspace = items.find((item) => item.workspace !== null)?.workspace ?? null;
  return {
    id: `ent_${id.slice(4)}`,
    workspace: metadata.workspace ?? workspace ?? anyWorkspace,
    plan: (items[0]?.price.product ?? 'PLUS').toLowerCase(),
    grantedAt: Math.max(subscription.startAt, subscription.createdAt),
    revokedAt: billed.status === 'unpaid' ? lastAttempt(billed, billing) : billed.endedAt,
    internal: false,
  };
}

/** When the last attempt to charge the subscription failed, or it ended before that. */
function lastAttempt({ key, endedAt }: BilledSubscription, billing: Billing): Instant | null {
  const payments = new Set(
    billing.invoices
      .filter(({ subscriptionKey }) => subscriptionKey === key)
      .flatMap(({ applications }) => applications.map(({ paymentKey }) => paymentKey)),
  );
  const failures = billing.payments
    .filter((payment) => payments.has(payment.key))
    .flatMap(({ charges }) => charges)
    .filter(({ status }) => status === 'failed')
    .map(({ createdAt }) => createdAt);
  if (failures.length === 0) return endedAt;
  return Math.min(Math.max(...failures), endedAt ?? Number.POSITIVE_INFINITY);
}
