import { addDays } from '../../core/calendar';
import { customerName, demoEntities, instantOn, workday, type DemoEntity } from './demo-company';
import type { Row } from './demo-file';
import { stripeId } from './demo-ids';
import { major } from './demo-money';
import type { ExpectedFinding } from './expected-runs';
import { SeededRandom } from './seeded-random';

interface Payout {
  entity: DemoEntity;
  /** Minor units. */
  amount: bigint;
  currency: string;
  arrivesOn: string;
  /** The days the bank booked it; none: it did not. */
  bookedOn: readonly string[];
  failed?: boolean;
}

/** So many payouts on each business day, by entity and currency. */
const rhythm = [
  ['ni-us', 'USD', 5],
  ['ni-us', 'JPY', 1],
  ['ni-ie', 'EUR', 3],
  ['ni-ie', 'GBP', 1],
] as const;

/** The payout export and the bank statement of both entities. */
export class DemoCash {
  readonly payouts: Row[] = [];
  readonly bankLines: Row[] = [];
  readonly expected: ExpectedFinding[] = [];
  private readonly random = new SeededRandom(20_260_603);

  constructor() {
    for (const [id, currency, daily] of rhythm) this.ordinaryPayouts(id, currency, daily);
    for (const entity of Object.values(demoEntities)) this.otherLines(entity);
    this.lookAlikes();
    this.plant();
    const byDate = (name: string) => (a: Row, b: Row) =>
      String(a[name]).localeCompare(String(b[name]), 'en');
    this.payouts.sort(byDate('arrival_date'));
    this.bankLines.sort(byDate('value_date'));
  }

  private ordinaryPayouts(id: DemoEntity['id'], currency: string, daily: number): void {
    const entity = demoEntities[id];
    for (let day = 1; day <= 28; day += 1) {
      const arrivesOn = workday(entity, '2026-05-24', day);
      if (arrivesOn > '2026-07-03') return;
      for (let i = 0; i < daily; i += 1) {
        const amount = BigInt(this.random.int(90_000, 2_600_000));
        const bookedOn = [workday(entity, arrivesOn, this.random.percent(85) ? 0 : 1)];
        this.payout({ entity, amount, currency, arrivesOn, bookedOn });
      }
    }
  }

  private trace(): string {
    return `0910000${this.random.text(8, '0123456789')}`;
  }

  /** Adds a payout with its bank lines, and gives its id and trace. */
  private payout(payout: Payout): { payoutId: string; trace: string } {
    const { entity, currency, arrivesOn } = payout;
    const payoutId = stripeId('po', this.random);
    const trace = this.trace();
    const amount = major(payout.amount, currency);
    this.payouts.push({
      payout_id: payoutId,
      entity_id: entity.id,
      amount,
      currency,
      status: payout.failed ? 'failed' : 'paid',
      automatic: true,
      created_at: instantOn(this.random, entity, addDays(arrivesOn, -2)),
      arrival_date: arrivesOn,
      trace_id: trace,
    });
    for (const bookedOn of payout.bookedOn)
      this.receipt(entity, { amount, currency, bookedOn, trace });
    return { payoutId, trace };
  }

  private receipt(
    entity: DemoEntity,
    line: { amount: string; currency: string; bookedOn: string; trace: string },
  ): void {
    const { amount, currency, bookedOn, trace } = line;
    const reference = `STRIPE TRANSFER ${trace}`;
    const money = { amount, currency, value_date: bookedOn };
    this.bankLine(entity, { ...money, counterparty: 'STRIPE', reference, trace_id: trace });
  }

  private bankLine(entity: DemoEntity, line: Row): void {
    const date = String(line.value_date);
    this.bankLines.push({
      bank_account: `${entity.bankAccount}-${String(line.currency)}`,
      txn_id: `${date.replaceAll('-', '')}${this.random.text(7, '0123456789')}`,
      entity_id: entity.id,
      value_date: date,
      amount: line.amount ?? null,
      currency: line.currency ?? null,
      counterparty: line.counterparty ?? null,
      reference: line.reference ?? null,
      trace_id: line.trace_id ?? null,
      statement_id: `${entity.bankAccount}-${date.slice(0, 7)}`,
    });
  }

  /** Wires of customers, payroll, rent and fees: no business of the processor. */
  private otherLines(entity: DemoEntity): void {
    const { random } = this;
    const { currency } = entity;
    for (let i = 0; i < 90; i += 1) {
      const value_date = workday(entity, '2026-05-24', random.int(1, 27));
      const customer = customerName(random, entity);
      const wire = {
        counterparty: customer.toUpperCase(),
        reference: `INVOICE PAYMENT ${random.text(6, '0123456789')}`,
        amount: major(BigInt(random.int(150_000, 9_000_000)), currency),
      };
      const cost = {
        counterparty: random.pick(['PAYROLL', 'OFFICE RENT', 'CLOUD HOSTING', 'BANK FEES']),
        reference: 'DIRECT DEBIT',
        amount: major(-BigInt(random.int(1_500, 4_000_000)), currency),
      };
      this.bankLine(entity, { value_date, currency, ...(random.percent(70) ? wire : cost) });
    }
  }

  /** In transit at either end of June, and failed and paid again. */
  private lookAlikes(): void {
    const entity = demoEntities['ni-us'];
    const common = { entity, currency: 'USD' };
    const transit = { amount: 3_190_744n, arrivesOn: '2026-06-30', bookedOn: ['2026-07-02'] };
    this.payout({ ...common, ...transit });
    const before = { amount: 1_278_009n, arrivesOn: '2026-05-29', bookedOn: ['2026-06-01'] };
    this.payout({ ...common, ...before });
    const returned = { amount: 522_150n, arrivesOn: '2026-06-17', bookedOn: [], failed: true };
    this.payout({ ...common, ...returned });
    const again = { amount: 522_150n, arrivesOn: '2026-06-23', bookedOn: ['2026-06-23'] };
    this.payout({ ...common, ...again });
    // Two of one amount on one day: only the trace tells them apart.
    const twin = { amount: 250_000n, arrivesOn: '2026-06-12', bookedOn: ['2026-06-12'] };
    this.payout({ ...common, ...twin });
    this.payout({ ...common, ...twin });
  }

  private plant(): void {
    const us = demoEntities['ni-us'];
    const lost = { entity: us, currency: 'USD', arrivesOn: '2026-06-18', bookedOn: [] };
    const missing = this.payout({ ...lost, amount: 841_237n });
    const control = 'CA-04';
    this.expected.push({
      control,
      entity: 'ni-us',
      code: 'CA04-NOT_IN_BANK',
      key: { trace_id: missing.trace },
      currency: 'USD',
      impact: '8412.37',
      planted: 'a paid payout that the bank never booked',
    });
    const trace = this.trace();
    this.receipt(us, { amount: '1250.00', currency: 'USD', bookedOn: '2026-06-25', trace });
    this.expected.push({
      control,
      entity: 'ni-us',
      code: 'CA04-BANK_NO_PAYOUT',
      key: { trace_id: trace },
      currency: 'USD',
      impact: '1250.00',
      planted: 'a receipt from Stripe that no payout explains',
    });
    const bookedOn = ['2026-06-16', '2026-06-16'];
    const irish = { entity: demoEntities['ni-ie'], currency: 'EUR', arrivesOn: '2026-06-16' };
    const twice = this.payout({ ...irish, amount: 390_418n, bookedOn });
    for (const code of ['CA04-BANK_AMT', 'CA04-BANK_TWICE'])
      this.expected.push({
        control,
        entity: 'ni-ie',
        code,
        key: { trace_id: twice.trace },
        currency: 'EUR',
        impact: '3904.18',
        planted: 'a payout that stands twice on the bank statement',
      });
  }
}
