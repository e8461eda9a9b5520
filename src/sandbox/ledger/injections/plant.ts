import type { Instant } from '../../kit/instants';
import type { Minor } from '../../kit/units';
import type { Invoice, InvoiceLine } from '../../truth/billing';
import type { RevenueEntry, ScheduleLine } from '../../truth/ledger';
import type { CustomerWorld, Stage, WorldContext } from '../../world/customer-world';
import type { ExpectedFinding, Injection, Magnitude } from '../../world/injection';

/** Something that an injection can befall, with all that its change needs. */
export interface Found {
  key: string;
  at: Instant;
}

/** An injection from two questions: what could it befall, and what does it do to one of these. */
export function plant<Item extends Found>(
  id: string,
  title: string,
  find: (world: CustomerWorld, context: WorldContext) => Item[],
  change: (
    item: Item,
    of: { world: CustomerWorld; magnitude: Magnitude; context: WorldContext },
  ) => ExpectedFinding[],
  stage: Stage = 'ledger',
): Injection {
  return {
    ...{ id, title, stage },
    candidates: (world, context) => find(world, context).map(({ key, at }) => ({ key, at })),
    apply: (world, candidate, magnitude, context) => {
      const item = find(world, context).find(({ key }) => key === candidate.key);
      return item === undefined ? [] : change(item, { world, magnitude, context });
    },
  };
}

/** A billed line with its schedule, and the revenue entries made from that. */
export interface BilledLine extends Found {
  invoice: Invoice;
  line: InvoiceLine;
  schedule: ScheduleLine[];
  entries: RevenueEntry[];
}

/** Lines of final invoices that have revenue planned, and pass the test. */
export function billedLines(
  { billing, ledger }: CustomerWorld,
  test: (of: BilledLine) => boolean,
): BilledLine[] {
  const found: BilledLine[] = [];
  for (const invoice of billing.invoices) {
    const { finalizedAt: at } = invoice;
    if (at === null) continue;
    for (const line of invoice.lines) {
      const schedule = ledger.schedule.filter(({ invoiceLineId }) => invoiceLineId === line.id);
      if (schedule.length === 0) continue;
      const ids = new Set(schedule.map(({ id }) => id));
      const entries = ledger.entries.filter((e) => ids.has(e.scheduleLineId ?? ''));
      const of = { key: line.id, at, invoice, line, schedule, entries };
      if (test(of)) found.push(of);
    }
  }
  return found;
}

export const finding = (
  code: string,
  key: string,
  amount?: Minor,
  currency?: string,
): ExpectedFinding => ({
  ...{ control: `${code.slice(0, 2)}-${code.slice(2, 4)}`, code, key },
  impact: amount === undefined || currency === undefined ? null : { amount, currency },
});

/** Entries that are no longer made, and schedule lines that are no longer planned. */
export function dropEntries({ ledger }: CustomerWorld, entries: readonly RevenueEntry[]): void {
  const gone = new Set(entries.map(({ id }) => id));
  ledger.entries = ledger.entries.filter(({ id }) => !gone.has(id));
}

export function dropSchedule({ ledger }: CustomerWorld, lines: readonly ScheduleLine[]): void {
  const gone = new Set(lines.map(({ id }) => id));
  ledger.schedule = ledger.schedule.filter(({ id }) => !gone.has(id));
}

/** Changes what a schedule line comes to, and its entries with it; both sides alike. */
export function setAmount(world: CustomerWorld, line: ScheduleLine, amount: Minor): void {
  const before = line.amount;
  if (before === 0n) return;
  for (const entry of world.ledger.entries) {
    if (entry.scheduleLineId !== line.id || entry.amount === 0n) continue;
    entry.functional = (entry.functional * amount) / before;
    entry.amount = (entry.amount * amount) / before;
  }
  line.functional = (line.functional * amount) / before;
  line.amount = amount;
}

export const isRevenue = ({ account }: RevenueEntry): boolean => /^40/.test(account);
