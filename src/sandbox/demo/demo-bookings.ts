import { addDays } from '../../core/calendar';
import {
  customerName,
  demoEntities,
  instantOn,
  ownerName,
  workday,
  type DemoEntity,
} from './demo-company';
import type { Row } from './demo-file';
import { salesforceId } from './demo-ids';
import { major, splitInto } from './demo-money';
import type { ExpectedFinding } from './expected-runs';
import { SeededRandom } from './seeded-random';

interface Deal {
  entity: DemoEntity;
  customer: string;
  product: string;
  status: 'Closed Won' | 'Closed Lost' | 'Negotiation' | 'Proposal';
  closedOn: string;
  /** Minor units. */
  amount: bigint;
  currency: string;
  termStart: string | null;
  deleted?: boolean;
}

interface OrderOptions {
  amount: bigint;
  currency?: string;
  /** Null: the order is a draft. */
  activatedOn: string | null;
}

const products = ['Enterprise platform', 'API commit', 'Team seats', 'Analytics', 'Onboarding'];

/** Opportunities and orders of both entities, as Salesforce would export them. */
export class DemoBookings {
  readonly opportunities: Row[] = [];
  readonly orders: Row[] = [];
  readonly expected: ExpectedFinding[] = [];
  private readonly random = new SeededRandom(20_260_601);

  constructor() {
    for (const [id, deals] of [['ni-us', 300] as const, ['ni-ie', 120] as const]) {
      for (let i = 0; i < deals; i += 1) this.ordinaryDeal(demoEntities[id]);
      this.lookAlikes(demoEntities[id]);
    }
    this.plantMissingOrders();
    this.plantWrongOrders();
  }

  /** Adds a deal and gives its id. */
  private deal(deal: Deal): string {
    const { entity, status, currency } = deal;
    const id = salesforceId('006', this.opportunities.length + 1);
    this.opportunities.push({
      opportunity_id: id,
      entity_id: entity.id,
      name: `${deal.customer} - ${deal.product}`,
      customer_id: salesforceId('001', this.opportunities.length + 1),
      customer_name: deal.customer,
      status,
      is_closed: status.startsWith('Closed'),
      is_won: status === 'Closed Won',
      is_deleted: deal.deleted ?? false,
      close_date: deal.closedOn,
      term_start: deal.termStart,
      term_end: deal.termStart && addDays(deal.termStart, 364),
      total_amount: major(deal.amount, currency),
      currency,
      owner_name: ownerName(this.random),
    });
    return id;
  }

  /** Adds an order for a deal already added, and gives its number. */
  private order(opportunityId: string, options: OrderOptions): string {
    const deal = this.opportunities.find((row) => row.opportunity_id === opportunityId);
    if (!deal) throw new RangeError(`there is no deal ${opportunityId}`);
    const entity = demoEntities[deal.entity_id === 'ni-ie' ? 'ni-ie' : 'ni-us'];
    const currency = options.currency ?? String(deal.currency);
    const number = String(10_000 + this.orders.length + 1).padStart(8, '0');
    const { activatedOn } = options;
    this.orders.push({
      order_id: salesforceId('801', this.orders.length + 1),
      entity_id: entity.id,
      order_number: number,
      opportunity_id: opportunityId,
      customer_id: deal.customer_id ?? null,
      customer_name: deal.customer_name ?? null,
      status: activatedOn === null ? 'Draft' : 'Activated',
      is_deleted: false,
      activated_at: activatedOn && instantOn(this.random, entity, activatedOn),
      activated_on: activatedOn,
      term_start: deal.term_start ?? null,
      term_end: deal.term_end ?? null,
      total_amount: major(options.amount, currency),
      currency,
      billing_frequency: this.random.pick(['Annual', 'Quarterly', 'Monthly']),
    });
    return number;
  }

  private sample(entity: DemoEntity): Pick<Deal, 'customer' | 'product' | 'currency' | 'amount'> {
    const { random } = this;
    const currency = random.percent(10) ? entity.foreign : entity.currency;
    const amount = random.int(480_000, 18_000_000);
    return {
      customer: customerName(random, entity),
      product: random.pick(products),
      currency,
      amount: BigInt(amount),
    };
  }

  /** Won, lost or open in the weeks around June; a won one has all its orders in time. */
  private ordinaryDeal(entity: DemoEntity): void {
    const { random } = this;
    const sample = this.sample(entity);
    const kind = random.int(1, 100);
    const open = random.pick(['Negotiation', 'Proposal'] as const);
    const status = kind <= 62 ? 'Closed Won' : kind <= 84 ? 'Closed Lost' : open;
    // The last deals of June have the days until the as-of date.
    const closedOn = workday(entity, '2026-05-17', random.int(1, kind <= 8 ? 32 : 30));
    const activatedOn = workday(entity, closedOn, random.int(0, 2));
    const termStart = workday(entity, activatedOn, random.int(0, 15));
    const id = this.deal({ entity, ...sample, status, closedOn, termStart });
    if (status !== 'Closed Won') {
      if (random.percent(20)) this.order(id, { amount: sample.amount, activatedOn: null });
      return;
    }
    const parts = random.percent(12) ? random.int(2, 3) : 1;
    for (const part of splitInto(sample.amount, parts)) {
      // An order that Salesforce rounds line by line may come out a cent off.
      const cent = random.percent(15) ? BigInt(random.pick([-1, 1])) : 0n;
      this.order(id, { amount: part + cent, activatedOn });
    }
  }

  /** What a careless control would flag: no charge, deleted, activated late at night. */
  private lookAlikes(entity: DemoEntity): void {
    const won = { status: 'Closed Won', product: 'Pilot without charge' } as const;
    const sample = this.sample(entity);
    const common = { ...sample, entity, ...won, termStart: null };
    this.deal({ ...common, closedOn: '2026-06-09', amount: 0n });
    const charged = { ...common, product: 'Duplicate of another record' };
    this.deal({ ...charged, closedOn: '2026-06-16', amount: 1_250_000n, deleted: true });
    const may = { ...common, ...this.sample(entity), product: 'Renewal' };
    const id = this.deal({ ...may, closedOn: '2026-05-29' });
    this.order(id, { amount: may.amount, activatedOn: '2026-06-02' });
    const june = { ...common, ...this.sample(entity), product: 'Expansion' };
    const late = this.deal({ ...june, closedOn: '2026-06-30', termStart: '2026-07-15' });
    this.order(late, { amount: june.amount, activatedOn: '2026-07-02' });
  }

  private expect(
    finding: Pick<ExpectedFinding, 'code' | 'impact' | 'planted'>,
    id: string,
    entity: DemoEntity = demoEntities['ni-us'],
  ): void {
    const currency = entity.currency;
    this.expected.push({
      control: 'BK-01',
      entity: entity.id,
      key: { opportunity_id: id },
      currency,
      ...finding,
    });
  }

  private usDeal(customer: string, product: string, deal: Partial<Deal>): string {
    return this.deal({
      entity: demoEntities['ni-us'],
      customer,
      product,
      status: 'Closed Won',
      closedOn: '2026-06-12',
      amount: 0n,
      currency: 'USD',
      termStart: '2026-07-01',
      ...deal,
    });
  }

  private plantMissingOrders(): void {
    const large = this.usDeal('Halcyon Aerospace Inc', 'Enterprise platform, three years', {
      amount: 48_600_000n,
    });
    const code = 'BK01-NO_ORDER';
    const none = 'a large won deal for which nobody made an order';
    this.expect({ code, impact: '486000.00', planted: none }, large);

    const draft = this.usDeal('Juniper Foods LLC', 'Team seats', {
      closedOn: '2026-06-24',
      amount: 1_872_000n,
    });
    this.order(draft, { amount: 1_872_000n, activatedOn: null });
    const left = 'a won deal whose order was left a draft';
    this.expect({ code, impact: '18720.00', planted: left }, draft);

    // Three business days end on the as-of date, because 3 July is a holiday: timing, no exception.
    this.usDeal('Sequoia Capital LLC', 'Team seats', {
      closedOn: '2026-06-30',
      termStart: '2026-07-15',
      amount: 4_230_000n,
    });
  }

  private plantWrongOrders(): void {
    const short = this.usDeal('Meridian Health Inc', 'API commit', {
      closedOn: '2026-06-08',
      amount: 6_400_000n,
    });
    this.order(short, { amount: 5_760_000n, activatedOn: '2026-06-10' });
    const tenth = 'an order ten percent below its deal';
    this.expect({ code: 'BK01-AMT_DIFF', impact: '6400.00', planted: tenth }, short);

    const lost = this.usDeal('Cobalt Freight Corp', 'Analytics', {
      status: 'Closed Lost',
      closedOn: '2026-06-11',
      amount: 3_645_000n,
    });
    this.order(lost, { amount: 3_645_000n, activatedOn: '2026-06-18' });
    const active = 'an order active for a deal that was lost';
    this.expect({ code: 'BK01-ORDER_NO_OPP', impact: '36450.00', planted: active }, lost);

    const late = this.usDeal('Falcon Media Inc', 'Onboarding', {
      closedOn: '2026-06-04',
      termStart: '2026-06-08',
      amount: 2_750_000n,
    });
    this.order(late, { amount: 2_750_000n, activatedOn: '2026-06-17' });
    const after = 'an order activated nine days after service began';
    this.expect({ code: 'BK01-LATE_ACTIVATION', impact: '0', planted: after }, late);

    const irish = demoEntities['ni-ie'];
    const euros = this.usDeal('Linden Insurance Ltd', 'Enterprise platform', {
      entity: irish,
      currency: 'EUR',
      closedOn: '2026-06-15',
      amount: 3_820_000n,
    });
    this.order(euros, { amount: 3_820_000n, currency: 'GBP', activatedOn: '2026-06-16' });
    const pounds = 'a deal in euros whose order is in pounds';
    this.expect({ code: 'BK01-CCY_DIFF', impact: '38200.00', planted: pounds }, euros, irish);
  }
}
