import type { StripeRecord } from '../../world/records';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { BalanceTransaction } from '../../truth/cash';
import type { Price } from '../../truth/catalog';
import { entities, type Entity } from '../../truth/company';
import type { Charge, CreditNote, Invoice, Payment } from '../../truth/billing';
import { stripeId } from '../../kit/ids';
import { wireAmount, type Minor } from '../../kit/units';
import { adHocPrice } from './render-price';
import { stripeCatalogue, type StripeCatalogue } from './stripe-catalogue';

/** Facts that are known only once all customers are. */
export interface AccountLinks {
  /** Balance transaction to the automatic payout that holds it. */
  payoutOf: ReadonlyMap<string, string>;
}

export type Filters = StripeRecord['filters'];

/** One customer's world with what its objects need to find one another. */
export class Rendering {
  readonly entity: Entity;
  readonly catalogue: StripeCatalogue;
  readonly now: number;
  readonly customerId: string;
  private readonly invoices: Map<string, Invoice>;
  private readonly payments: Map<string, Payment>;
  private readonly bySource = new Map<string, BalanceTransaction[]>();
  private readonly orderItems: Map<string, string>;
  private readonly prices: Map<string, Price>;
  private readonly grantUse: Map<string, string>;

  constructor(
    readonly world: CustomerWorld,
    readonly context: WorldContext,
    readonly links: AccountLinks,
  ) {
    const { customer, billing, sold, movements } = world;
    this.entity = entities[customer.entity];
    this.catalogue = stripeCatalogue(customer.entity);
    this.now = context.options.now;
    this.customerId = customer.stripeId;
    this.invoices = new Map(billing.invoices.map((invoice) => [invoice.key, invoice]));
    this.payments = new Map(billing.payments.map((payment) => [payment.key, payment]));
    for (const movement of movements) {
      const known = this.bySource.get(movement.sourceId);
      if (known) known.push(movement);
      else this.bySource.set(movement.sourceId, [movement]);
    }
    this.orderItems = new Map(
      sold.deals
        .flatMap(({ orders }) => orders)
        .flatMap(({ lines }) => lines.map((line) => [line.key, line.orderItemId])),
    );
    this.prices = new Map(pricesOf(world).map((price) => [price.id, price]));
    this.grantUse = new Map(
      billing.grants.flatMap((grant) =>
        grant.transactions
          .filter(({ kind }) => kind === 'credits_applied')
          .map(({ id, lineKey }) => [`${grant.key}/${lineKey ?? ''}`, id] as const),
      ),
    );
  }

  /** An amount of this currency on the wire. */
  amount(amount: Minor, currency: string): number {
    return wireAmount(amount, currency);
  }

  invoice(key: string): Invoice {
    return known(this.invoices.get(key), key);
  }

  invoiceId(key: string | null): string | null {
    return key === null ? null : this.invoice(key).id;
  }

  payment(key: string): Payment {
    return known(this.payments.get(key), key);
  }

  /** The payment and the charge of it with this key. */
  charge(key: string): { payment: Payment; charge: Charge } {
    for (const payment of this.world.billing.payments)
      for (const charge of payment.charges) if (charge.key === key) return { payment, charge };
    throw new RangeError(`no charge ${key}`);
  }

  /** Movements of the balance that this object caused, oldest first. */
  movements(sourceId: string): readonly BalanceTransaction[] {
    return this.bySource.get(sourceId) ?? [];
  }

  /** Prices that its subscriptions and lines name. */
  allPrices(): Iterable<Price> {
    return this.prices.values();
  }

  price(id: string): Price | undefined {
    return this.prices.get(id);
  }

  /** The metadata that the Salesforce connector leaves on what an order line became. */
  orderMetadata(orderLineKey: string | null): Record<string, string> {
    const id = orderLineKey === null ? undefined : this.orderItems.get(orderLineKey);
    return id === undefined ? {} : { salesforce_order_item_id: id };
  }

  /** The credit balance transaction by which a grant paid a line. */
  grantTransaction(grantKey: string, lineKey: string): string | null {
    return this.grantUse.get(`${grantKey}/${lineKey}`) ?? null;
  }

  subscriptionId(key: string | null): string | null {
    if (key === null) return null;
    return known(this.world.plan.subscriptions.find((plan) => plan.key === key)?.id, key);
  }

  /** A discount lives on the subscription, or on an invoice without one. */
  discountId(couponKey: string, invoice: Pick<Invoice, 'subscriptionKey' | 'key'>): string {
    return stripeId('di', couponKey, invoice.subscriptionKey ?? invoice.key);
  }

  /** The Stripe customer of a subscription and its invoices; a second one where set up so. */
  customerOf(subscriptionKey: string | null): string {
    const of = this.world.plan.subscriptions.find(({ key }) => key === subscriptionKey);
    return of?.billedTo ?? this.customerId;
  }

  /** Whoever the invoice of a payment is billed to. */
  payerOf({ key }: Pick<Payment, 'key'>): string {
    const { invoices } = this.world.billing;
    const paid = invoices.find(({ applications }) =>
      applications.some((a) => a.paymentKey === key),
    );
    return this.customerOf(paid?.subscriptionKey ?? null);
  }

  /** The tax rate of this customer; its place and size name it. */
  taxRateId(): string {
    const { country, region, taxRate, entity } = this.world.customer;
    return stripeId('txr', entity, country, region ?? '', String(taxRate));
  }

  paymentMethodId(method: Payment['method']): string {
    return stripeId('pm', this.world.customer.key, method);
  }

  creditNotesOf(invoice: Invoice): CreditNote[] {
    return this.world.billing.creditNotes.filter(({ invoiceKey }) => invoiceKey === invoice.key);
  }

  record(
    collection: string,
    object: { id: string },
    created: number,
    filters: Readonly<Record<string, string | null>> = {},
  ): StripeRecord {
    const { entity } = this.world.customer;
    return { entity, collection, id: object.id, created, filters: present(filters), object };
  }
}

/** Only the filters that have a value. */
export const present = (filters: Readonly<Record<string, string | null>>): Filters =>
  Object.fromEntries(
    Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== null),
  );

function known<T>(value: T | undefined, key: string): T {
  if (value === undefined) throw new RangeError(`nothing is known of ${key}`);
  return value;
}

function pricesOf({ plan, billing, customer }: CustomerWorld): Price[] {
  const plans = plan.subscriptions;
  return [
    ...plans.flatMap(({ items }) => items.map(({ price }) => price)),
    ...plans.flatMap(({ changes }) => changes.flatMap(priceOfChange)),
    ...billing.subscriptions.flatMap(({ items }) => items.map(({ price }) => price)),
    ...billing.invoices.flatMap(({ lines, currency, createdAt }) =>
      lines.map((line) => line.price ?? adHocPrice(line, currency, createdAt)),
    ),
    ...billing.pendingItems.map(
      ({ line, createdAt }) => line.price ?? adHocPrice(line, customer.currency, createdAt),
    ),
  ];
}

function priceOfChange(
  change: CustomerWorld['plan']['subscriptions'][number]['changes'][number],
): Price[] {
  if (change.kind === 'price') return [change.price];
  if (change.kind === 'add_item') return [change.item.price];
  return [];
}
