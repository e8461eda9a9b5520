import { stripeId } from '../../kit/ids';
import { DAY, MINUTE } from '../../kit/instants';
import { RATE_SCALE } from '../../kit/units';
import type { SubscriptionPlan } from '../../truth/plan';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { candidateOf, isPlainPlus, subscriptionIn } from './price-injections';

const longTrialDays = 180;

/** High resets the trial until it has lasted 180 days, low once: 28 days. */
const trialReset: Injection = {
  id: 'A32',
  title: 'A trial that was reset',
  stage: 'plan',
  candidates: ({ plan, customer }, { options }) =>
    plan.subscriptions
      .filter(({ trialEndAt, startAt, changes }) => {
        const end = startAt + longTrialDays * DAY;
        const isTrial = trialEndAt !== null && customer.segment === 'self_serve';
        return isTrial && end + 20 * DAY <= options.now && changes.every(({ at }) => at > end);
      })
      .map(candidateOf),
  apply: (world, candidate, magnitude) => {
    const subscription = subscriptionIn(world, candidate);
    const days = magnitude === 'high' ? longTrialDays : 28;
    subscription.trialEndAt = subscription.startAt + days * DAY;
    subscription.anchorAt = subscription.trialEndAt;
    return [{ control: 'SU-02', code: 'SU02-TRIAL_OVERRUN', key: subscription.id, impact: null }];
  },
};

/** High follows twenty minutes after the first, low almost a day after it. */
const secondSubscription: Injection = {
  id: 'A48',
  title: 'A second subscription for the same workspace',
  stage: 'plan',
  candidates: ({ plan, customer }, { options }) =>
    customer.segment === 'self_serve' && plan.subscriptions.length === 1
      ? plan.subscriptions
          .filter(isPlainPlus)
          .filter(({ trialEndAt, startAt, changes }) => {
            const isOld = startAt + 40 * DAY <= options.now && trialEndAt === null;
            return isOld && changes.length === 0;
          })
          .map(candidateOf)
      : [],
  apply: (world, candidate, magnitude) => {
    const first = subscriptionIn(world, candidate);
    const at = first.startAt + (magnitude === 'high' ? 20 * MINUTE : DAY - 10 * MINUTE);
    const second = copyOf(first, at);
    world.plan.subscriptions.push(second);
    const price = second.items[0]?.price;
    return [
      {
        ...{ control: 'IN-02', code: 'IN02-DUP_SUBSCRIPTION', key: second.id },
        impact: { amount: (price?.unit ?? 0n) / RATE_SCALE, currency: world.customer.currency },
      },
    ];
  },
};

function copyOf(first: SubscriptionPlan, at: number): SubscriptionPlan {
  const key = `${first.key}/again`;
  return {
    ...first,
    ...{ key, id: stripeId('sub', key), createdAt: at, startAt: at, anchorAt: at },
    items: first.items.map((item) => {
      const itemKey = `${item.key}/again`;
      return { ...item, key: itemKey, id: stripeId('si', itemKey) };
    }),
    changes: [],
  };
}

/** Subscriptions without meters, oldest first: usage stays with the customer that used it. */
const licensed = ({ plan }: CustomerWorld): SubscriptionPlan[] =>
  plan.subscriptions
    .filter(({ items }) => items.every(({ price }) => price.usage === 'licensed'))
    .sort((a, b) => a.startAt - b.startAt);

/** High bills all but the oldest subscription to the second customer, low the newest. */
const duplicateCustomer: Injection = {
  id: 'A105',
  title: 'A second Stripe customer for one account',
  stage: 'plan',
  candidates: (world, { options }) => {
    const { accountId } = world.customer;
    const begun = licensed(world).filter(({ startAt }) => startAt <= options.now);
    const newest = begun.at(-1);
    if (accountId === null || newest === undefined || begun.length < 2) return [];
    return [{ key: accountId, at: newest.startAt }];
  },
  apply: (world, { key }, magnitude) => {
    const id = `cus_${stripeId('cus', world.customer.key, 'duplicate').slice(-14)}`;
    const moved = licensed(world).slice(magnitude === 'high' ? 1 : -1);
    for (const subscription of moved) subscription.billedTo = id;
    return [{ control: 'MD-01', code: 'MD01-DUP_CUSTOMER', key, impact: null }];
  },
};

export const setupInjections: readonly Injection[] = [
  trialReset,
  secondSubscription,
  duplicateCustomer,
];
