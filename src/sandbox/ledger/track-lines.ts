import { productOf } from '../company/catalog';
import { addMonths, type Day } from '../kit/instants';
import { stripeId } from '../kit/ids';
import type { Minor } from '../kit/units';
import type { Invoice, InvoiceLine } from '../truth/billing';
import type { BillingPlan } from '../truth/plan';
import type { OrderLine, OrderTruth } from '../truth/sold';
import type { CustomerWorld } from '../world/customer-world';
import { ConsumedUsage, type UsagePeriod } from './consumed-usage';
import type { CustomerBooks } from './customer-books';
import { laterOf } from './ledger-days';
import { LineRevenue, type Piece } from './line-revenue';
import { obligationOf, type Contracts } from './contracts';
import { RevenueLine, type RevenueLineFacts, type RevenuePlan } from './revenue-line';

type Sources = Pick<CustomerWorld, 'sold' | 'plan' | 'usage' | 'billing'>;

/**
 * Every line that is billed, drafted or pending, and service that no line bills yet: usage of the
 * running period and months in arrears. All of it in the order in which it is billed.
 */
export function trackLines(
  books: CustomerBooks,
  world: Sources,
  contracts: Contracts,
): RevenueLine[] {
  const tracker = new Tracker(books, world, contracts);
  for (const invoice of world.billing.invoices) {
    const lines: RevenueLine[] = [];
    for (const line of invoice.lines) {
      const tracked = tracker.track(line, invoice);
      if (tracked !== null) lines.push(tracked);
    }
    books.invoices.set(invoice.key, {
      ...{ invoice, lines, open: 0n, openFunctional: 0n, writtenOff: null },
    });
  }
  for (const { line } of world.billing.pendingItems) tracker.track(line, null);
  tracker.trackArrears();
  tracker.trackRunningUsage();
  return tracker.lines;
}

/** Revenue base of a line: promotional credit lowers it, paid credit does not (CONTROLS §2.2). */
function baseOf(line: InvoiceLine, books: CustomerBooks): Minor {
  let base = line.amount - line.discount - line.taxInclusive;
  for (const { grantKey, amount } of line.grantCredits) {
    const grant = books.billing.grants.find(({ key }) => key === grantKey);
    if (grant?.category !== 'paid') base -= amount;
  }
  return base;
}

class Tracker {
  readonly lines: RevenueLine[] = [];
  private readonly consumed: Map<string, Piece[]>;
  private readonly oneOffs: Map<string, BillingPlan['oneOffs'][number]>;
  private readonly depositKeys: Map<string, string>;
  private readonly running: { period: UsagePeriod; line: InvoiceLine }[];

  constructor(
    private readonly books: CustomerBooks,
    private readonly world: Sources,
    private readonly contracts: Contracts,
  ) {
    const { plan, billing } = world;
    this.oneOffs = new Map(plan.oneOffs.map((charge) => [`${charge.key}/line`, charge]));
    this.depositKeys = new Map(
      plan.grants
        .filter(({ boughtBy }) => boughtBy !== null)
        .map(({ key, boughtBy }) => [`${boughtBy ?? ''}/line`, key]),
    );
    this.running = runningUsage(world);
    const { entity } = books.book;
    const { now } = books.ctx.options;
    const consumed = new ConsumedUsage(entity, world.usage.metered, billing.grants, now);
    this.consumed = consumed.piecesOf([
      ...billing.invoices.flatMap((invoice) => this.usagePeriods(invoice)),
      ...this.running.map(({ period }) => period),
    ]);
  }

  private usagePeriods({ lines, finalizedAt, ...rest }: Invoice): UsagePeriod[] {
    if (finalizedAt !== null && isCopy(rest)) return [];
    const on = finalizedAt === null ? null : this.books.book.dayOf(finalizedAt);
    return lines.flatMap((line): UsagePeriod[] => {
      const { kind, price, id, periodStart: from, periodEnd: to } = line;
      if (kind !== 'usage' || price === null) return [];
      const billed = on === null ? null : { on, base: baseOf(line, this.books) };
      return [{ id, price, from, to, billed }];
    });
  }

  track(line: InvoiceLine, invoice: Invoice | null): RevenueLine | null {
    const base = baseOf(line, this.books);
    const tax = line.taxExclusive + line.taxInclusive;
    const consumed = this.consumed.get(line.id) ?? null;
    const isNothing = base === 0n && tax === 0n && line.grantCredits.length === 0;
    if (isNothing && (consumed ?? []).every(({ amount }) => amount === 0n)) return null;
    const { book } = this.books;
    const product = productOf(line.product);
    const facts: RevenueLineFacts = {
      ...{ id: line.id, obligationId: obligationOf(line), method: product.method },
      ...{ plan: this.planOf(line), revenueAccount: product.revenueAccount },
      ...{ currency: invoice?.currency ?? this.books.customer.currency, base, tax },
      ...{ start: book.dayOf(line.periodStart), end: book.dayOf(line.periodEnd) },
      knownOn: this.knownOn(line, invoice),
    };
    const tracked = this.add(line.key, facts, consumed);
    const grant = this.grantOf(line);
    if (grant !== null && invoice?.status !== 'void') this.books.deposits.set(grant, tracked);
    return tracked;
  }

  private add(key: string, facts: RevenueLineFacts, consumed: Piece[] | null): RevenueLine {
    const revenue = new LineRevenue(facts.start, facts.end, facts.base, consumed);
    const line = new RevenueLine(facts, revenue, this.books.book.entity);
    this.books.addLine(key, line);
    this.lines.push(line);
    return line;
  }

  /** The grant that a line buys, or an instalment or a corrected copy of it. */
  private grantOf({ kind, key }: InvoiceLine): string | null {
    if (kind !== 'invoice_item') return null;
    for (const [bought, grant] of this.depositKeys)
      if (key === bought || key.startsWith(`${bought}/`)) return grant;
    return null;
  }

  private planOf(line: InvoiceLine): RevenuePlan {
    if (this.grantOf(line) !== null) return 'deposit';
    if (line.product === 'CREDIT-TOPUP') return 'deposit';
    const isChange = line.kind === 'proration_credit' || line.kind === 'proration_debit';
    return !isChange && this.contracts.hasOwnPlan(line.orderLineKey) ? 'contract' : 'own';
  }

  /**
   * When the subledger knew of a line's service: from its beginning where an order, a subscription
   * or a change was set up before; else when it was billed, and then it is caught up (L33).
   */
  private knownOn(line: InvoiceLine, invoice: Invoice | null): Day {
    const { book } = this.books;
    const start = book.dayOf(line.periodStart);
    const final = invoice?.finalizedAt ?? invoice?.createdAt ?? line.periodStart;
    if (invoice !== null && isCopy(invoice)) return laterOf(start, book.dayOf(final));
    if (line.kind === 'invoice_item') {
      const charge = this.oneOffs.get(line.key);
      if (charge !== undefined && charge.orderLineKey !== null) return start;
      return laterOf(start, book.dayOf(charge?.at ?? invoice?.createdAt ?? final));
    }
    const { subscriptions } = this.world.plan;
    const subscription = subscriptions.find(({ key }) => key === invoice?.subscriptionKey);
    return laterOf(start, book.dayOf(subscription?.createdAt ?? line.periodStart));
  }

  /** Months in arrears that are under way: what the order will be charged for them. */
  trackArrears(): void {
    for (const { id, key, line, order, start, end, base } of arrearsOf(this.world.sold)) {
      const from = { start, end, knownOn: laterOf(start, orderedOn(this.books, order)) };
      if (this.books.linesByKey.has(key) || end <= '2024') continue;
      const { method, revenueAccount } = productOf(line.product);
      const plan = this.contracts.hasOwnPlan(line.key) ? 'contract' : 'own';
      this.add(
        key,
        {
          ...{ id, obligationId: `POB-${line.key}`, method, plan, revenueAccount },
          ...{ currency: order.currency, base, tax: 0n, ...from },
        },
        null,
      );
    }
  }

  trackRunningUsage(): void {
    for (const { line } of this.running) this.track(line, null);
  }
}

/** A corrected copy of another invoice: its service was known before, and was taken back. */
const isCopy = ({ revises, metadata }: Pick<Invoice, 'revises' | 'metadata'>): boolean =>
  revises !== null || 'reissue_of' in metadata || 'rebill_of' in metadata;

const orderedOn = (books: CustomerBooks, { activatedAt, createdAt }: OrderTruth): Day =>
  books.book.dayOf(activatedAt ?? createdAt);

/** Metered items since their last bill. */
function runningUsage({ billing, plan }: Sources): { period: UsagePeriod; line: InvoiceLine }[] {
  const billedTo = new Map<string, number>();
  for (const { lines } of billing.invoices)
    for (const { kind, itemKey, periodEnd } of lines)
      if (kind === 'usage' && itemKey !== null)
        billedTo.set(itemKey, Math.max(billedTo.get(itemKey) ?? 0, periodEnd));
  const running: { period: UsagePeriod; line: InvoiceLine }[] = [];
  for (const { key, status, endedAt, items } of billing.subscriptions) {
    const isOver = endedAt !== null || status === 'canceled' || status === 'unpaid';
    if (isOver || !plan.subscriptions.some((one) => one.key === key)) continue;
    for (const { key: itemKey, price, periodStart, periodEnd: to, orderLineKey } of items) {
      if (price.usage !== 'metered') continue;
      const from = Math.max(periodStart, billedTo.get(itemKey) ?? 0);
      if (from >= to) continue;
      const id = stripeId('il', `${itemKey}/usage/${String(from)}`);
      running.push({
        period: { id, price, from, to, billed: null },
        line: unbilledLine({ id, price, itemKey, orderLineKey, from, to }),
      });
    }
  }
  return running;
}

function unbilledLine(of: {
  id: string;
  price: NonNullable<InvoiceLine['price']>;
  itemKey: string;
  orderLineKey: string | null;
  from: number;
  to: number;
}): InvoiceLine {
  return {
    ...{ key: `${of.itemKey}/usage/${String(of.from)}`, id: of.id, kind: 'usage' },
    ...{ product: of.price.product, price: of.price, itemKey: of.itemKey, invoiceItemId: null },
    ...{ orderLineKey: of.orderLineKey, description: '', amount: 0n, quantity: 0n, unit: null },
    ...{ discount: 0n, couponKey: null, grantCredits: [], taxExclusive: 0n, taxInclusive: 0n },
    ...{ periodStart: of.from, periodEnd: of.to, credits: [] },
  };
}

interface ArrearsMonth {
  id: string;
  key: string;
  line: OrderLine;
  order: OrderTruth;
  start: Day;
  end: Day;
  base: Minor;
}

/** The months that orders in arrears are charged for, as CONTROLS §5.1's shape A3 says. */
function arrearsOf({ deals }: Sources['sold']): ArrearsMonth[] {
  const orders = deals
    .flatMap((deal) => deal.orders)
    .filter(({ status }) => status === 'Activated');
  const months: ArrearsMonth[] = [];
  for (const order of orders) {
    const isArrears = order.billing === 'arrears';
    if (!isArrears || order.lines.some(({ charge }) => charge !== 'recurring')) continue;
    for (const line of order.lines) {
      if (line.quantity <= 0) continue;
      for (let n = 1, start = line.startOn; start < line.endOn; n += 1) {
        const end = addMonths(line.startOn, n);
        const key = `${line.key}-X${String(n)}/line`;
        const quantity = BigInt(line.quantity) + reducedBy(line, start, orders);
        const base = line.netPerPeriod * quantity;
        months.push({ id: stripeId('il', key), key, line, order, start, end, base });
        start = end;
      }
    }
  }
  return months;
}

const reducedBy = (line: OrderLine, day: Day, orders: readonly OrderTruth[]): bigint =>
  orders
    .flatMap(({ lines }) => lines)
    .filter(({ revises, startOn }) => revises === line.key && startOn <= day)
    .reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
