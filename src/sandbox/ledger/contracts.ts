import { rateOf } from '../kit/units';
import { addDays, type Day } from '../kit/instants';
import { divideHalfUp, priceOf, type Minor } from '../kit/units';
import { productOf } from '../company/catalog';
import type { InvoiceLine } from '../truth/billing';
import type { Obligation, RevenueContract } from '../truth/ledger';
import type { Deal, OrderLine, OrderTruth } from '../truth/sold';
import type { CustomerWorld } from '../world/customer-world';
import { entities } from '../truth/company';

/** The performance obligation that a line belongs to: order line, subscription item, or itself. */
export const obligationOf = ({ orderLineKey, itemKey, key }: InvoiceLine): string =>
  `POB-${orderLineKey ?? itemKey ?? key.replaceAll('/again', '')}`;

/** An order whose revenue follows the contract and not its invoices. */
export interface Bundle {
  order: OrderTruth;
  lines: { line: OrderLine; allocated: Minor }[];
}

/**
 * Revenue contracts: an activated order, or a subscription or sale without one. A bundle (shape B1)
 * shares its fixed price out by standalone selling prices (ASC 606-10-32-31), the last line taking
 * the rest; usage is variable and stays with its own lines (32-40).
 */
export class Contracts {
  readonly bundles: Bundle[] = [];
  private readonly orders: { order: OrderTruth; deal: Deal }[];
  private readonly bundled = new Map<string, Minor>();

  constructor(private readonly world: Pick<CustomerWorld, 'customer' | 'sold' | 'plan'>) {
    this.orders = world.sold.deals.flatMap((deal) =>
      deal.orders
        .filter(({ status, activatedAt }) => status === 'Activated' && activatedAt !== null)
        .map((order) => ({ order, deal })),
    );
    for (const { order, deal } of this.orders) {
      const fixed = order.lines.filter(isFixed);
      if (deal.shape !== 'B1' || order.originalOrderId !== null || fixed.length < 2) continue;
      const lines = allocate(fixed);
      this.bundles.push({ order, lines });
      for (const { line, allocated } of lines) this.bundled.set(line.key, allocated);
    }
  }

  /** The line's revenue follows a bundle's plan. */
  hasOwnPlan(orderLineKey: string | null): boolean {
    return orderLineKey !== null && this.bundled.has(orderLineKey);
  }

  /** Contracts and obligations; those without an order come to what was billed of them. */
  list(
    billed: ReadonlyMap<string, { line: InvoiceLine; base: Minor; start: Day; end: Day }>,
    today: Day,
  ): { contracts: RevenueContract[]; obligations: Obligation[] } {
    const contracts: RevenueContract[] = [];
    const obligations: Obligation[] = [];
    for (const { order, deal } of this.orders) {
      contracts.push(this.contractOf(order, deal, today));
      for (const line of order.lines) obligations.push(this.obligationOfLine(order, line));
    }
    const known = new Set(obligations.map(({ id }) => id));
    for (const [id, of] of billed) {
      if (known.has(id)) continue;
      const contract = this.openContract(contracts, id, of);
      contract.transactionPrice += of.base;
      obligations.push(plainObligation(id, contract.id, of));
    }
    return { contracts, obligations };
  }

  private contractOf(order: OrderTruth, deal: Deal, today: Day): RevenueContract {
    const original = this.orders.find((o) => o.order.orderId === order.originalOrderId);
    const isChange = order.type === 'Amendment' || order.type === 'Reduction';
    const { customer } = this.world;
    return {
      ...{ id: `RC-${order.key}`, customerKey: customer.key, orderId: order.orderId },
      ...{ opportunityId: deal.opportunityId, entity: customer.entity, currency: order.currency },
      ...{ contractOn: order.effectiveOn, variableEstimate: 0n },
      transactionPrice: order.lines.filter(isFixed).reduce((sum, { total }) => sum + total, 0n),
      modificationOf: isChange && original ? `RC-${original.order.key}` : null,
      modification: isChange ? (order.type === 'Amendment' ? 'separate' : 'prospective') : null,
      status: order.endOn < today ? 'closed' : 'active',
    };
  }

  private obligationOfLine(order: OrderTruth, line: OrderLine): Obligation {
    return {
      ...{ id: `POB-${line.key}`, contractId: `RC-${order.key}`, product: line.product },
      standaloneSellingPrice: standalone(line),
      allocated: isFixed(line) ? (this.bundled.get(line.key) ?? line.total) : 0n,
      method: productOf(line.product).method,
      ...{ serviceStart: line.startOn, serviceEnd: addDays(line.endOn, 1) },
      quantity: BigInt(line.quantity),
    };
  }

  /** The contract of a subscription, or of a sale on its own. */
  private openContract(
    contracts: RevenueContract[],
    obligationId: string,
    { start }: { start: Day },
  ): RevenueContract {
    const { customer, plan } = this.world;
    const key = obligationId.slice(4);
    const of = plan.subscriptions.find(({ items, changes }) =>
      [...items, ...changes.flatMap((c) => (c.kind === 'add_item' ? [c.item] : []))].some(
        (item) => item.key === key,
      ),
    );
    const id = `RC-${of?.key ?? key}`;
    const known = contracts.find((contract) => contract.id === id);
    if (known !== undefined) return known;
    const at = of?.createdAt ?? null;
    const contract: RevenueContract = {
      ...{ id, customerKey: customer.key, orderId: null, opportunityId: null },
      ...{ entity: customer.entity, currency: customer.currency, transactionPrice: 0n },
      contractOn: at === null ? start : entities[customer.entity].zone.dayOf(at),
      ...{ variableEstimate: 0n, modificationOf: null, modification: null, status: 'active' },
    };
    contracts.push(contract);
    return contract;
  }
}

/** Part of the fixed price: not usage, and no minimum of it. */
const isFixed = ({ charge, product, commit }: OrderLine): boolean =>
  charge !== 'usage' && !(product === 'API-COMMIT' && charge === 'recurring' && commit !== null);

/** List price of a line for its whole term. */
const standalone = ({ listPerPeriod, multiplier, quantity }: OrderLine): Minor =>
  priceOf(rateOf(multiplier), listPerPeriod) * BigInt(quantity);

function allocate(lines: readonly OrderLine[]): Bundle['lines'] {
  const total = lines.reduce((sum, line) => sum + line.total, 0n);
  const shares = shareOut(total, lines.map(standalone));
  return lines.map((line, i) => ({ line, allocated: shares[i] ?? 0n }));
}

/** A price by the standalone selling prices of what it buys; the last takes the rest. */
export function shareOut(total: Minor, prices: readonly Minor[]): Minor[] {
  const whole = prices.reduce((sum, price) => sum + price, 0n);
  let left = total;
  return prices.map((price, i) => {
    const share = i === prices.length - 1 ? left : divideHalfUp(total * price, whole);
    left -= share;
    return share;
  });
}

function plainObligation(
  id: string,
  contractId: string,
  { line, base, start, end }: { line: InvoiceLine; base: Minor; start: Day; end: Day },
): Obligation {
  return {
    ...{ id, contractId, product: line.product, standaloneSellingPrice: base, allocated: base },
    method: productOf(line.product).method,
    ...{ serviceStart: start, serviceEnd: end, quantity: line.quantity },
  };
}
