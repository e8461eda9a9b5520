import type Stripe from 'stripe';
import { addMonthsToInstant } from '../../kit/instants';
import type { ItemPlan, SubscriptionPlan } from '../../truth/plan';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

/** Instants at which what is in force changes: the bounds of a schedule's phases. */
function boundsOf(plan: SubscriptionPlan): number[] {
  const end = plan.endsAt ?? addMonthsToInstant(plan.startAt, 12);
  const bounds = new Set([plan.startAt, end]);
  for (const { from, to } of plan.items)
    for (const at of [from, to]) if (at !== null && at > plan.startAt && at < end) bounds.add(at);
  return [...bounds].sort((a, b) => a - b);
}

const inForce = ({ from, to }: ItemPlan, at: number): boolean =>
  (from === null || from <= at) && (to === null || at < to);

const phaseItem = (
  item: ItemPlan,
  rendering: Rendering,
): Wire<Stripe.SubscriptionSchedule.Phase.Item> => ({
  billing_thresholds: null,
  discounts: [],
  metadata: rendering.orderMetadata(item.orderLineKey),
  plan: item.price.id,
  price: item.price.id,
  ...(item.quantity === null ? {} : { quantity: Number(item.quantity) }),
  tax_rates: [],
});

function phase(
  plan: SubscriptionPlan,
  [start, end]: [number, number],
  rendering: Rendering,
): Wire<Stripe.SubscriptionSchedule.Phase> {
  const { couponKey, trialEndAt } = plan;
  const coupon = rendering.world.plan.coupons.find(({ key }) => key === couponKey);
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: plan.collection,
    currency: rendering.world.customer.currency.toLowerCase(),
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: coupon ? [{ coupon: coupon.id, discount: null, promotion_code: null }] : [],
    end_date: end,
    invoice_settings: null,
    items: plan.items
      .filter((item) => inForce(item, start))
      .map((item) => phaseItem(item, rendering)),
    metadata: { ...plan.metadata },
    on_behalf_of: null,
    proration_behavior: 'none',
    start_date: start,
    transfer_data: null,
    trial_end: trialEndAt !== null && trialEndAt > start && trialEndAt <= end ? trialEndAt : null,
  };
}

const defaultsOf = (plan: SubscriptionPlan): Wire<Stripe.SubscriptionSchedule.DefaultSettings> => ({
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: 'automatic',
  billing_thresholds: null,
  collection_method: plan.collection,
  default_payment_method: null,
  description: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    days_until_due: plan.daysUntilDue,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  on_behalf_of: null,
  transfer_data: null,
});

const unused = {
  application: null,
  customer_account: null,
  pause_schedules: [],
  released_at: null,
  released_subscription: null,
  test_clock: null,
} satisfies Partial<Wire<Stripe.SubscriptionSchedule>>;

/** The schedule of a sales-led subscription: a phase for each stretch with its own items. */
export function renderSchedule(
  plan: SubscriptionPlan & { scheduleId: string },
  rendering: Rendering,
): Wire<Stripe.SubscriptionSchedule> {
  const bounds = boundsOf(plan);
  const stretches = bounds.slice(1).map((end, i): [number, number] => [bounds[i] ?? end, end]);
  const { now } = rendering;
  const current = stretches.find(([start, end]) => start <= now && now < end);
  const billed = rendering.world.billing.subscriptions.find(({ key }) => key === plan.key);
  const canceledAt = billed?.canceledAt ?? null;
  const endedAt = billed?.endedAt ?? null;
  const completed = endedAt !== null && canceledAt === null;
  const status = completed ? 'completed' : endedAt !== null ? 'canceled' : 'active';
  return {
    id: plan.scheduleId,
    object: 'subscription_schedule',
    billing_mode:
      plan.mode === 'flexible'
        ? { flexible: { proration_discounts: 'included' }, type: 'flexible' }
        : { flexible: null, type: 'classic' },
    canceled_at: status === 'canceled' ? canceledAt : null,
    completed_at: completed ? endedAt : null,
    created: plan.createdAt,
    current_phase:
      status === 'active' && current ? { start_date: current[0], end_date: current[1] } : null,
    customer: plan.billedTo ?? rendering.customerId,
    default_settings: defaultsOf(plan),
    end_behavior: plan.endsAt === null ? 'release' : 'cancel',
    livemode: true,
    metadata: { ...plan.metadata },
    phases: stretches.map((stretch) => phase(plan, stretch, rendering)),
    status: status === 'active' && now < plan.startAt ? 'not_started' : status,
    subscription: now < plan.startAt ? null : plan.id,
    ...unused,
  };
}
