import type Stripe from 'stripe';
import type { BilledItem, BilledSubscription } from '../../truth/billing';
import type { SubscriptionPlan } from '../../truth/plan';
import { stripeId } from '../../kit/ids';
import { embeddedPrice, renderPlan } from './render-price';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

export function renderSubscriptionItem(
  item: BilledItem,
  plan: SubscriptionPlan,
  rendering: Rendering,
): Wire<Stripe.SubscriptionItem> {
  return {
    id: item.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: item.createdAt,
    current_period_end: item.periodEnd,
    current_period_start: item.periodStart,
    current_trial: null,
    discounts: [],
    metadata: {
      ...rendering.orderMetadata(item.orderLineKey),
      ...(item.workspace === null ? {} : { workspace: item.workspace }),
    },
    plan: renderPlan(item.price, rendering.catalogue),
    price: embeddedPrice(item.price, rendering.catalogue),
    ...(item.quantity === null ? {} : { quantity: Number(item.quantity) }),
    subscription: plan.id,
    tax_rates: [],
  };
}

/** Fields of a subscription that this company never uses. */
const unused = {
  application: null,
  application_fee_percent: null,
  billing_cycle_anchor_config: null,
  billing_schedules: [],
  billing_thresholds: null,
  customer_account: null,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  managed_payments: null,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  test_clock: null,
  transfer_data: null,
} satisfies Partial<Wire<Stripe.Subscription>>;

const settings = {
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: 'off',
  },
  trial_settings: {
    end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' },
  },
} satisfies Partial<Wire<Stripe.Subscription>>;

const billingModeOf = (plan: SubscriptionPlan): Wire<Stripe.Subscription.BillingMode> =>
  plan.mode === 'flexible'
    ? { flexible: { proration_discounts: 'included' }, type: 'flexible' }
    : { flexible: null, type: 'classic' };

function pauseOf(
  billed: BilledSubscription,
  plan: SubscriptionPlan,
): Wire<Stripe.Subscription.PauseCollection> | null {
  if (billed.pauseCollection === null) return null;
  const until = plan.changes.findLast((change) => change.kind === 'pause');
  return {
    behavior: billed.pauseCollection,
    resumes_at: until?.kind === 'pause' ? until.until : null,
  };
}

const cancellationOf = (
  billed: BilledSubscription,
): Wire<Stripe.Subscription.CancellationDetails> => ({
  comment: null,
  feedback: null,
  feedback_option: null,
  reason: billed.canceledAt === null ? null : 'cancellation_requested',
});

/** A subscription at the world's now, its items inside it. */
export function renderSubscription(
  billed: BilledSubscription,
  plan: SubscriptionPlan,
  rendering: Rendering,
): Wire<Stripe.Subscription> {
  const { couponKey } = plan;
  return {
    id: plan.id,
    object: 'subscription',
    billing_cycle_anchor: plan.anchorAt,
    billing_mode: billingModeOf(plan),
    cancel_at: billed.cancelAt,
    cancel_at_period_end: billed.cancelAtPeriodEnd,
    canceled_at: billed.canceledAt,
    cancellation_details: cancellationOf(billed),
    collection_method: plan.collection,
    created: plan.createdAt,
    currency: rendering.world.customer.currency.toLowerCase(),
    customer: plan.billedTo ?? rendering.customerId,
    days_until_due: plan.daysUntilDue,
    discounts: couponKey === null ? [] : [stripeId('di', couponKey, plan.key)],
    ended_at: billed.endedAt,
    items: {
      object: 'list',
      data: billed.items.map((item) => renderSubscriptionItem(item, plan, rendering)),
      has_more: false,
      url: `/v1/subscription_items?subscription=${plan.id}`,
    },
    latest_invoice: rendering.invoiceId(billed.latestInvoiceKey),
    livemode: true,
    metadata: { ...plan.metadata },
    pause_collection: pauseOf(billed, plan),
    schedule: plan.scheduleId,
    start_date: plan.startAt,
    status: billed.status,
    trial_end: billed.trialEnd,
    trial_start: billed.trialStart,
    ...unused,
    ...settings,
  };
}
