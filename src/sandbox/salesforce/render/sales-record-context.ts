import type { Instant } from '../../kit/instants';
import type { Customer } from '../../truth/company';
import type { ContractTruth, Deal, FieldEdit, OrderLine, OrderTruth } from '../../truth/sold';
import type { CustomerWorld } from '../../world/customer-world';

/** One customer's sales history with what is looked up in it while it is rendered. */
export class SalesRecordContext {
  readonly customer: Customer;
  readonly accountId: string;
  readonly deals: readonly Deal[];
  readonly contracts: readonly ContractTruth[];
  private readonly lines = new Map<string, OrderLine>();
  private readonly ordersById = new Map<string, OrderTruth>();

  constructor(
    world: CustomerWorld,
    readonly now: Instant,
  ) {
    this.customer = world.customer;
    this.accountId = world.customer.accountId ?? '';
    this.deals = world.sold.deals;
    this.contracts = world.sold.contracts;
    for (const order of this.deals.flatMap((deal) => deal.orders)) {
      this.ordersById.set(order.orderId, order);
      for (const line of order.lines) this.lines.set(line.key, line);
    }
  }

  /** The order line that an amendment line changes. */
  revised(line: OrderLine): OrderLine | undefined {
    return line.revises === null ? undefined : this.lines.get(line.revises);
  }

  contract(id: string | null): ContractTruth | undefined {
    return this.contracts.find(({ contractId }) => contractId === id);
  }

  /** Units taken off a line by activated reductions, as a positive number. */
  reducedBy(line: OrderLine): number {
    return this.deals
      .flatMap(({ orders }) => orders)
      .filter(({ status }) => status === 'Activated')
      .flatMap(({ lines }) => lines)
      .filter(({ revises, quantity }) => revises === line.key && quantity < 0)
      .reduce((sum, { quantity }) => sum - quantity, 0);
  }

  /** The last tracked or untracked edit of a record. */
  lastEdit(deal: Deal, recordId: string): FieldEdit | undefined {
    return deal.edits
      .filter((edit) => edit.recordId === recordId)
      .sort((a, b) => a.at - b.at)
      .at(-1);
  }
}
