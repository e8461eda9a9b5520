import { noteNumberOf } from '../billing/credit-notes';
import { entities, type EntityId } from '../truth/company';
import type { Instant } from '../kit/instants';
import type { CustomerWorld, WorldContext } from './customer-world';

/**
 * Numbers of accounts that number their invoices in one sequence: known only once all customers'
 * invoices are, in the order of finalisation. A later `now` adds numbers and changes none.
 */
export class InvoiceNumbers {
  private readonly keys: string[] = [];
  private readonly finalized: Instant[] = [];
  private readonly entity: EntityId[] = [];
  private numbers: Map<string, string> | null = null;
  /** Of accounts with a former prefix: their first number after it, null until there is one. */
  private readonly renamed = new Map<EntityId, string | null>();

  constructor(private readonly context: Pick<WorldContext, 'options' | 'noteLookAlike'>) {}

  note({ customer, billing }: CustomerWorld): void {
    if (entities[customer.entity].numbering !== 'account') return;
    for (const invoice of billing.invoices) {
      if (invoice.finalizedAt === null) continue;
      this.keys.push(invoice.id);
      this.finalized.push(invoice.finalizedAt);
      this.entity.push(customer.entity);
    }
  }

  /**
   * Writes the numbers into one customer's invoices, and where its wires name an invoice by its id,
   * as the payer's bank does: the number is what the payer saw. All customers have been noted.
   */
  assign({ billing, wires }: CustomerWorld): void {
    this.numbers ??= this.order();
    const given = new Map<string, string>();
    const renamed = new Set(this.renamed.values());
    for (const invoice of billing.invoices) {
      invoice.number = this.numbers.get(invoice.id) ?? invoice.number;
      if (invoice.number === null) continue;
      given.set(invoice.id, invoice.number);
      if (renamed.has(invoice.number)) this.context.noteLookAlike('L44', invoice.number);
    }
    numberNotes(billing);
    const named = (reference: string): string =>
      reference.replace(/in_[0-9A-Za-z]+/g, (id) => given.get(id) ?? id);
    for (const line of wires) line.reference = named(line.reference);
    for (const { wire } of billing.payments) if (wire) wire.reference = named(wire.reference);
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
      numbers.set(keys[i] ?? '', this.numberOf(of, next, finalized[i] ?? 0));
    }
    return numbers;
  }

  private numberOf(of: EntityId, next: number, at: Instant): string {
    const { numberPrefix, formerPrefix: former } = entities[of];
    const digits = String(next).padStart(6, '0');
    const number = `${numberPrefix}-${digits}`;
    if (former === undefined || !this.context.options.lookAlikes) return number;
    if (at >= former.until) {
      if (this.renamed.get(of) === null) this.renamed.set(of, number);
      return number;
    }
    this.renamed.set(of, null);
    return `${former.prefix}-${digits}`;
  }
}

/** Credit notes take the number of their invoice and count on from it, oldest first. */
function numberNotes({ invoices, creditNotes }: CustomerWorld['billing']): void {
  const numbers = new Map(invoices.map(({ key, number }) => [key, number]));
  const counts = new Map<string, number>();
  for (const note of [...creditNotes].sort((a, b) => a.createdAt - b.createdAt)) {
    const of = numbers.get(note.invoiceKey) ?? null;
    if (of === null) continue;
    const nth = (counts.get(of) ?? 0) + 1;
    counts.set(of, nth);
    note.number ??= noteNumberOf(of, nth);
  }
}
