import type { ItemPlan, PlanChange, Proration, SubscriptionPlan } from '../truth/plan';
import type { OrderTruth } from '../truth/sold';
import { chargeOfLine, itemOfLine } from './plan-order';
import type { PlanBench } from './plan-bench';

/**
 * Sets an amendment up on the subscription it amends, until the same end: more seats as an item of
 * their own, fewer as a smaller quantity, seats of a quarter gone by an invoice of their own.
 */
export function applyAmendment(
  subscription: SubscriptionPlan,
  order: OrderTruth,
  bench: PlanBench,
): void {
  const at = bench.turnOf(order.effectiveOn);
  const proration: Proration = order.billingFrequency === 'Annual' ? 'always_invoice' : 'none';
  for (const line of order.lines) {
    if (line.charge === 'one_time') {
      bench.plan.oneOffs.push(
        chargeOfLine(order, line, {
          ...{ key: `${line.key}-X`, at, unit: line.unitForTerm, quantity: BigInt(line.quantity) },
          ...{ periodStart: bench.turnOf(line.startOn), periodEnd: at },
        }),
      );
    } else if (line.quantity > 0) {
      const item: ItemPlan = itemOfLine(order, line, bench);
      subscription.changes.push({ at, kind: 'add_item', item, proration });
    } else if (line.quantity < 0) {
      const item = subscription.items.find(({ orderLineKey }) => orderLineKey === line.revises);
      if (!item) throw new RangeError(`${order.key} amends no item of ${subscription.key}`);
      const quantity = quantityBefore(subscription, item) + BigInt(line.quantity);
      subscription.changes.push({ at, kind: 'quantity', itemKey: item.key, quantity, proration });
    }
  }
  subscription.orderKeys = [...subscription.orderKeys, order.key];
}

/** An item's quantity after the changes set up so far. */
function quantityBefore({ changes }: SubscriptionPlan, item: ItemPlan): bigint {
  const isOfItem = (change: PlanChange) =>
    change.kind === 'quantity' && change.itemKey === item.key;
  const last = changes.filter(isOfItem).at(-1);
  return last?.kind === 'quantity' ? last.quantity : (item.quantity ?? 0n);
}
