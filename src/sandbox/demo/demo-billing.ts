import { addDays } from '../../core/calendar';
import { customerName, demoAsOf, demoEntities, instantOn, type DemoEntity } from './demo-company';
import type { Row } from './demo-file';
import { salesforceId, stripeId } from './demo-ids';
import { less, major, shareOf, sumOf } from './demo-money';
import type { ExpectedFinding } from './expected-runs';
import { SeededRandom } from './seeded-random';

/** A line of an invoice, in minor units. */
interface Line {
  description: string;
  quantity: number;
  amount: bigint;
  discount: bigint;
  taxExcl: bigint;
  taxIncl: bigint;
}

type Status = 'paid' | 'open' | 'void' | 'uncollectible' | 'draft';

interface Invoice {
  entity: DemoEntity;
  customer: string;
  currency: string;
  documentOn: string;
  status: Status;
  lines: readonly Line[];
  /** What the document says beyond its lines: rounding, or the planted gap. */
  extra?: bigint;
  /** Customer credit used. */
  credit?: bigint;
  /** Amounts of the payments applied; left out: one over all that is due, where it is paid. */
  payments?: readonly bigint[];
  /** What the invoice says was paid, where that is not what its payments come to. */
  claimsPaid?: bigint;
}

const offers = [
  { description: 'Plus plan', unit: { USD: 2_000, EUR: 2_300, GBP: 2_000, JPY: 3_000 }, most: 1 },
  { description: 'Team seats', unit: { USD: 3_000, EUR: 2_800, GBP: 2_500, JPY: 4_500 }, most: 80 },
  { description: 'API usage', unit: { USD: 173, EUR: 161, GBP: 137, JPY: 260 }, most: 4_000 },
] as const;

/** Invoices, their lines and the payments applied to them, as Stripe would export them. */
export class DemoBilling {
  readonly invoices: Row[] = [];
  readonly lines: Row[] = [];
  readonly payments: Row[] = [];
  readonly expected: ExpectedFinding[] = [];
  private readonly random = new SeededRandom(20_260_602);

  constructor() {
    for (const [id, invoices] of [['ni-us', 480] as const, ['ni-ie', 200] as const])
      for (let i = 0; i < invoices; i += 1) this.ordinaryInvoice(demoEntities[id]);
    for (const entity of Object.values(demoEntities)) this.lookAlikes(entity);
    this.plant();
  }

  /** Adds an invoice with its lines and payments, and gives its id. */
  private invoice(invoice: Invoice): string {
    const { entity, currency, status, lines, documentOn } = invoice;
    const id = stripeId('in', this.random);
    const net = sumOf(lines.map((line) => less(line.amount, line.discount, line.taxIncl)));
    const totalExTax = net + (invoice.extra ?? 0n);
    const taxIncl = sumOf(lines.map((line) => line.taxIncl));
    const tax = sumOf(lines.map((line) => line.taxExcl)) + taxIncl;
    const credit = invoice.credit ?? 0n;
    const due = totalExTax + tax - credit;
    const applied = invoice.payments ?? (status === 'paid' && due > 0n ? [due] : []);
    const paid = status === 'void' ? 0n : (invoice.claimsPaid ?? sumOf(applied));
    const left = due > paid ? due - paid : 0n;
    const money = (minor: bigint): string => major(minor, currency);
    const finalized = status !== 'draft';
    const { last: paidOn, byWire } = this.payFor(invoice, id, applied);
    this.invoices.push({
      invoice_id: id,
      entity_id: entity.id,
      number: finalized ? this.nextNumber(entity) : null,
      customer_id: `cus_${salesforceId('Rk', this.invoices.length + 1).slice(2, 16)}`,
      customer_name: invoice.customer,
      status,
      currency,
      collection_method: this.random.pick(['charge_automatically', 'send_invoice']),
      created_at: instantOn(this.random, entity, documentOn),
      // Late in the evening of the book time zone it is the next day in UTC.
      finalized_at: finalized ? instantOn(this.random, entity, documentOn) : null,
      paid_at: status === 'paid' ? instantOn(this.random, entity, paidOn ?? documentOn) : null,
      document_date: documentOn,
      subtotal: money(sumOf(lines.map((line) => line.amount))),
      discount_total: money(sumOf(lines.map((line) => line.discount))),
      credit_grant_total: money(0n),
      tax_total: money(tax),
      tax_inclusive_total: money(taxIncl),
      total: money(totalExTax + tax),
      total_ex_tax: money(totalExTax),
      starting_credit: money(credit),
      ending_credit: money(0n),
      cn_pre: money(0n),
      cn_post: money(0n),
      amount_due: money(due),
      amount_paid: money(paid),
      amount_paid_oob: money(byWire),
      amount_remaining: money(left),
      amount_overpaid: money(paid > due ? paid - due : 0n),
      line_count: String(lines.length),
    });
    this.addLines(id, invoice);
    return id;
  }

  private nextNumber(entity: DemoEntity): string {
    const own = this.invoices.filter((row) => row.entity_id === entity.id && row.number !== null);
    return `${entity.id.toUpperCase()}-${String(own.length + 2_401).padStart(6, '0')}`;
  }

  private addLines(invoiceId: string, { entity, currency, lines }: Invoice): void {
    const money = (minor: bigint): string => major(minor, currency);
    for (const line of lines)
      this.lines.push({
        invoice_line_id: stripeId('il', this.random),
        invoice_id: invoiceId,
        entity_id: entity.id,
        line_type: line.description === 'API usage' ? 'USAGE' : 'SUBSCRIPTION',
        description: line.description,
        currency,
        amount: money(line.amount),
        discount: money(line.discount),
        credit_grant: money(0n),
        tax_excl: money(line.taxExcl),
        tax_incl: money(line.taxIncl),
        quantity: String(line.quantity),
      });
  }

  /** Applies payments in the days after an invoice; gives the last day, and what came by wire. */
  private payFor(
    invoice: Invoice,
    invoiceId: string,
    amounts: readonly bigint[],
  ): { last: string | null; byWire: bigint } {
    let last: string | null = null;
    let byWire = 0n;
    for (const amount of amounts) {
      const on = addDays(invoice.documentOn, this.random.int(0, 5));
      last = on > demoAsOf ? demoAsOf : on;
      const wire = this.random.percent(20);
      if (wire) byWire += amount;
      this.payment(invoice, { invoiceId, amount, on: last, wire });
    }
    return { last, byWire };
  }

  /** A payment that succeeded, through Stripe or beside it, or one that came to nothing. */
  private payment(
    { entity, currency }: Invoice,
    payment: { invoiceId: string; amount: bigint; on: string; wire?: boolean; failed?: boolean },
  ): void {
    const { amount, on, wire = false, failed = false } = payment;
    this.payments.push({
      invoice_payment_id: stripeId('inpay', this.random),
      invoice_id: payment.invoiceId,
      entity_id: entity.id,
      payment_id: stripeId(wire ? 'pyr' : 'pi', this.random),
      payment_type: wire ? 'payment_record' : 'payment_intent',
      amount_requested: major(amount, currency),
      amount_paid: major(failed ? 0n : amount, currency),
      currency,
      status: failed ? 'canceled' : 'paid',
      paid_at: failed ? null : instantOn(this.random, entity, on),
      posting_date: on,
    });
  }

  private sampleLine(entity: DemoEntity, currency: string): Line {
    const { random } = this;
    const offer = random.pick(offers);
    const unit = BigInt(offer.unit[currency as keyof typeof offer.unit]);
    const quantity = random.int(1, offer.most);
    const amount = unit * BigInt(quantity);
    const discount = random.percent(15) ? shareOf(amount, 1_000n) : 0n;
    const inclusive = currency === 'JPY';
    const rate = entity.id === 'ni-us' ? 825n : 2_300n;
    const taxExcl = !inclusive && random.percent(45) ? shareOf(less(amount, discount), rate) : 0n;
    // Ten parts of a hundred and ten are tax.
    const taxIncl = inclusive ? shareOf(less(amount, discount), 909n) : 0n;
    return { description: offer.description, quantity, amount, discount, taxExcl, taxIncl };
  }

  private sample(entity: DemoEntity): Omit<Invoice, 'status'> {
    const { random } = this;
    const currency = random.percent(12) ? entity.foreign : entity.currency;
    const lines = Array.from({ length: random.int(1, 3) }, () => this.sampleLine(entity, currency));
    const customer = customerName(random, entity);
    const documentOn = addDays('2026-05-29', random.int(0, 34));
    return { entity, customer, currency, documentOn, lines };
  }

  private ordinaryInvoice(entity: DemoEntity): void {
    const { random } = this;
    const sample = this.sample(entity);
    const kind = random.int(1, 100);
    const due = dueOf(sample.lines);
    const third = due / 3n;
    if (kind <= 78) this.invoice({ ...sample, status: 'paid' });
    else if (kind <= 83)
      this.invoice({ ...sample, status: 'paid', payments: [third, due - third] });
    else if (kind <= 90) this.invoice({ ...sample, status: 'open' });
    else if (kind <= 93) this.invoice({ ...sample, status: 'open', payments: [third] });
    else if (kind <= 95) this.invoice({ ...sample, status: 'void' });
    else if (kind <= 96) this.invoice({ ...sample, status: 'uncollectible', payments: [third] });
    else if (kind <= 98) this.invoice({ ...sample, status: 'draft' });
    else this.invoice({ ...sample, status: 'paid', extra: BigInt(random.pick([-1, 1])) });
  }

  /** Credit used, a first attempt that failed, and the last evening of the period. */
  private lookAlikes(entity: DemoEntity): void {
    const june = (): Omit<Invoice, 'status'> => ({
      ...this.sample(entity),
      currency: entity.currency,
      lines: [this.sampleLine(entity, entity.currency)],
      documentOn: '2026-06-30',
    });
    const part = june();
    this.invoice({ ...part, status: 'paid', credit: dueOf(part.lines) / 4n });
    const whole = june();
    this.invoice({ ...whole, status: 'paid', credit: dueOf(whole.lines) });
    const retried = june();
    const invoiceId = this.invoice({ ...retried, status: 'paid' });
    const attempt = { invoiceId, amount: dueOf(retried.lines), on: '2026-06-30', failed: true };
    this.payment({ ...retried, status: 'paid' }, attempt);
  }

  private plant(): void {
    const us = demoEntities['ni-us'];
    const seats = (amount: bigint): Line[] => [
      { description: 'Team seats', quantity: 1, amount, discount: 0n, taxExcl: 0n, taxIncl: 0n },
    ];
    const common = { entity: us, currency: 'USD', status: 'paid' } as const;

    const gap = { ...common, customer: 'Harbor Retail Inc', documentOn: '2026-06-17' };
    const lines = [...seats(120_000n), ...seats(98_000n)];
    const wrong = this.invoice({ ...gap, lines, extra: 10_000n });
    this.expect('IN-01', 'IN01-I1', wrong, '100.00', 'an invoice 100.00 above its lines');

    const unpaid = { ...common, customer: 'Blue Harbor Analytics LLC', documentOn: '2026-06-19' };
    const claimed = { ...unpaid, lines: seats(745_000n), payments: [], claimsPaid: 745_000n };
    const invoiceId = this.invoice(claimed);
    this.payment(claimed, { invoiceId, amount: 745_000n, on: '2026-06-22', failed: true });
    const without = 'an invoice marked paid although its payment was canceled';
    this.expect('CA-01', 'CA01-PAID_NO_CASH', invoiceId, '7450.00', without);
    this.expect('IN-01', 'IN01-I5', invoiceId, '7450.00', without);

    const irish = { ...common, entity: demoEntities['ni-ie'], currency: 'EUR' };
    const twice = this.invoice({
      ...irish,
      customer: 'Oak Studios BV',
      documentOn: '2026-06-10',
      lines: seats(118_800n),
      payments: [118_800n, 118_800n],
    });
    const over = 'an invoice that its customer paid twice';
    this.expect('CA-01', 'CA01-OVERAPPLIED', twice, '1188.00', over, irish.entity);
  }

  private expect(
    control: string,
    code: string,
    invoice: string,
    impact: string,
    planted: string,
    entity: DemoEntity = demoEntities['ni-us'],
  ): void {
    const key = { invoice_id: invoice };
    const { id, currency } = entity;
    this.expected.push({ control, entity: id, code, key, currency, impact, planted });
  }
}

const dueOf = (lines: readonly Line[]): bigint =>
  sumOf(lines.map((line) => less(line.amount, line.discount) + line.taxExcl));
