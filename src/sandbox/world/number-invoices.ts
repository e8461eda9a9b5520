import { entities, type EntityId } from '../truth/company';
import type { Instant } from '../kit/instants';
import type { CustomerWorld } from './customer-world';

/**
 * Numbers of accounts that number their invoices in one sequence: known only once all customers'
 * invoices are, in the order of finalisation. A later `now` adds numbers and changes none.
 */
export class InvoiceNumbers {
  private readonly keys: string[] = [];
  private readonly finalized: Instant[] = [];
  private readonly entity: EntityId[] = [];
  private numbers: Map<string, string> | null = null;

  note({ customer, billing }: CustomerWorld): void {
    if (entities[customer.entity].numbering !== 'account') return;
    for (const invoice of billing.invoices) {
      if (invoice.finalizedAt === null) continue;
      this.keys.push(invoice.id);
      this.finalized.push(invoice.finalizedAt);
      this.entity.push(customer.entity);
    }
  }

  /** Writes the numbers into one customer's invoices; all customers have been noted. */
  assign({ billing }: CustomerWorld): void {
    this.numbers ??= this.order();
    for (const invoice of billing.invoices)
      invoice.number = this.numbers.get(invoice.id) ?? invoice.number;
  }

  private order(): Map<string, string> {
    const { keys, finalized, entity } = this;
    const order = keys
      .map((_, i) => i)
      .sort((a, b) => {
        const [left = 0, right = 0] = [finalized[a], finalized[b]];
        return left - right || ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1);
      });
    const last = new Map<EntityId, number>();
    const numbers = new Map<string, string>();
    for (const i of order) {
      const of = entity[i];
      if (of === undefined) continue;
      const next = (last.get(of) ?? 0) + 1;
      last.set(of, next);
      numbers.set(keys[i] ?? '', `${entities[of].numberPrefix}-${String(next).padStart(6, '0')}`);
    }
    return numbers;
  }
}
