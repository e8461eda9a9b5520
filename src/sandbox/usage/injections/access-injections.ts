import { DAY } from '../../kit/instants';
import type { SubscriptionPlan } from '../../truth/plan';
import type { SeatDay } from '../../truth/usage';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { accessOf } from '../access-of';
import { endOfService } from '../service-times';

const overDays = 40;

/** A workspace's seats, day by day. */
const seatsOf = ({ usage }: CustomerWorld, workspace: string): SeatDay[] =>
  usage.seats.filter((seat) => seat.workspace === workspace);

/** The most seats that were ever paid for in a workspace. */
function mostPaid({ plan }: CustomerWorld, workspace: string): number {
  const paid = plan.subscriptions.flatMap(({ items, changes }) =>
    items
      .filter((item) => item.workspace === workspace)
      .flatMap((item) => [
        item.quantity ?? 0n,
        ...changes.flatMap((c) =>
          c.kind === 'quantity' && c.itemKey === item.key ? [c.quantity] : [],
        ),
      ]),
  );
  return Math.max(0, ...paid.map(Number));
}

/** High assigns half as many again as were ever paid for, low one more, for 40 days. */
const seatsOver: Injection = {
  id: 'A31',
  title: 'More seats assigned than billed',
  stage: 'usage',
  candidates: (world) => {
    if (world.customer.segment !== 'team' || world.customer.internal) return [];
    return world.customer.workspaces.flatMap((workspace) => {
      const days = seatsOf(world, workspace);
      const last = days.at(-1);
      if (last === undefined || days.length < overDays + 5) return [];
      return [{ key: workspace, at: Date.parse(`${last.day}T12:00:00Z`) / 1000 }];
    });
  },
  apply: (world, { key }, magnitude) => {
    const paid = mostPaid(world, key);
    const assigned = magnitude === 'high' ? Math.ceil(paid * 1.5) : paid + 1;
    for (const day of seatsOf(world, key).slice(-overDays)) day.assigned = assigned;
    return [{ control: 'SU-02', code: 'SU02-SEATS_OVER', key, impact: null }];
  },
};

const endedLongAgo = (subscriptions: readonly SubscriptionPlan[], now: number): boolean =>
  subscriptions.length > 0 && subscriptions.every((one) => endOfService(one) <= now - 45 * DAY);

/** High was on all the time, low came back eight days ago. */
const accessWithoutSubscription: Injection = {
  id: 'A30',
  title: 'Access with no subscription',
  stage: 'usage',
  candidates: ({ customer, plan }, { options }) => {
    const [workspace] = customer.workspaces;
    const isOver = endedLongAgo(plan.subscriptions, options.now);
    if (customer.segment !== 'self_serve' || workspace === undefined || !isOver) return [];
    return [{ key: workspace, at: Math.max(...plan.subscriptions.map(endOfService)) }];
  },
  apply: ({ customer, usage }, { key }, magnitude, { options }) => {
    const grantedAt = magnitude === 'high' ? customer.arrivedAt : options.now - 8 * DAY;
    usage.keptAccess = [...(usage.keptAccess ?? []), { workspace: key, plan: 'plus', grantedAt }];
    return [{ control: 'SU-01', code: 'SU01-ACCESS_NO_SUB', key, impact: null }];
  },
};

/** High was on all the time, low was given back two days after it was taken. */
const accessThoughUnpaid: Injection = {
  id: 'A29',
  title: 'Access left on for a subscription that nobody pays',
  stage: 'billing',
  candidates: (world, { options }) =>
    world.billing.subscriptions
      .filter(({ status }) => status === 'unpaid')
      .flatMap(({ key }) => {
        const subscription = world.plan.subscriptions.find((one) => one.key === key);
        const at = subscription === undefined ? null : takenAt(world, subscription);
        if (subscription === undefined || at === null) return [];
        // Known by the last whole day but one, whenever it is given back.
        return at + 5 * DAY <= options.now ? [{ key: subscription.id, at }] : [];
      }),
  apply: (world, { key, at }, magnitude) => {
    const subscription = world.plan.subscriptions.find(({ id }) => id === key);
    const workspace = subscription?.metadata.workspace ?? world.customer.workspaces[0] ?? '';
    const grantedAt = magnitude === 'high' ? (subscription?.startAt ?? at) : at + 2 * DAY;
    const kept = { workspace, plan: 'plus', grantedAt };
    world.usage.keptAccess = [...(world.usage.keptAccess ?? []), kept];
    return [{ control: 'SU-01', code: 'SU01-UNPAID_STATE', key, impact: null }];
  },
};

const takenAt = (world: CustomerWorld, { id }: SubscriptionPlan): number | null =>
  accessOf(world).find((access) => access.id === `ent_${id.slice(4)}`)?.revokedAt ?? null;

export const accessInjections: readonly Injection[] = [
  accessThoughUnpaid,
  accessWithoutSubscription,
  seatsOver,
];
