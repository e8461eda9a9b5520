import { BookZone } from '../kit/book-zone';
import { instantOf, type Instant } from '../kit/instants';

export type EntityId = 'ni-us' | 'ni-ie';

/** A legal entity of the company: its books, its Stripe account, its banks. */
export interface Entity {
  id: EntityId;
  name: string;
  currency: string;
  zone: BookZone;
  calendar: 'us' | 'ie';
  stripeAccount: string;
  /** Who numbers invoices: one sequence of the account, or one per customer. */
  numbering: 'account' | 'customer';
  numberPrefix: string;
  /** What an account's numbers began with before the company was renamed; they count on (L44). */
  formerPrefix?: { prefix: string; until: Instant };
  /** Currencies that stay as they are; Stripe converts any other into `currency` (CONTROLS S19). */
  settles: readonly string[];
  /** Where payouts of a settlement currency, and wires, arrive. */
  bankAccounts: Readonly<Record<string, string>>;
  /** Where wires in any other currency arrive. */
  multiCurrencyAccount: string;
}

export const entities: Readonly<Record<EntityId, Entity>> = {
  'ni-us': {
    id: 'ni-us',
    name: 'Northwind Intelligence, Inc.',
    currency: 'USD',
    zone: new BookZone('America/Los_Angeles'),
    calendar: 'us',
    stripeAccount: 'acct_1NIusA7Kq2VtXo0Pw',
    numbering: 'account',
    numberPrefix: 'NI',
    formerPrefix: { prefix: 'NWD', until: instantOf('2024-08-20T07:00:00Z') },
    settles: ['USD'],
    bankAccounts: { USD: 'US-OPERATING-4417' },
    multiCurrencyAccount: 'US-MULTICURRENCY-2208',
  },
  'ni-ie': {
    id: 'ni-ie',
    name: 'Northwind Intelligence Ireland Ltd',
    currency: 'EUR',
    zone: new BookZone('Europe/Dublin'),
    calendar: 'ie',
    stripeAccount: 'acct_1NIieB3Jm8RyLc5Qd',
    numbering: 'customer',
    numberPrefix: 'NIE',
    settles: ['EUR', 'GBP', 'HUF'],
    bankAccounts: { EUR: 'IE-OPERATING-9082', GBP: 'IE-STERLING-3310', HUF: 'IE-FORINT-7755' },
    multiCurrencyAccount: 'IE-MULTICURRENCY-6143',
  },
};

/** Which world: equal worlds are equal to the byte (CONTROLS §5.1). */
export interface WorldOptions {
  seed: string;
  /** 1 is the company of CONTROLS §5.1; 0.02 is a fiftieth of its customers. */
  scale: number;
  /** Nothing that happens after this instant has happened; history begins 2024-07-01. */
  now: Instant;
  /** The look-alikes of CONTROLS §5.4, at natural rates. */
  lookAlikes: boolean;
  /** At least so many sales-led customers over the whole horizon, whatever the scale. */
  salesLed?: number;
}

export type Segment = 'self_serve' | 'team' | 'api' | 'sales_led';

export type TaxStatus = 'none' | 'us_sales_tax' | 'eu_vat' | 'eu_reverse_charge' | 'jp_inclusive';

export interface Customer {
  /** From 1, in the order of arrival: a later now adds customers at the end. */
  n: number;
  /** 'C100123': its name in every truth key; the same at any now and scale. */
  key: string;
  segment: Segment;
  entity: EntityId;
  name: string;
  email: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** State of a US customer. */
  region: string | null;
  /** ISO 4217, what it is billed in. */
  currency: string;
  taxStatus: TaxStatus;
  /** In millionths: 82_500n is 8.25 %; 0n without tax. */
  taxRate: bigint;
  arrivedAt: Instant;
  /** An employee's or test workspace of our own: used, never billed (L29). */
  internal: boolean;
  stripeId: string;
  /** Salesforce Account, of 18 characters; only sales-led customers have one, sisters the same. */
  accountId: string | null;
  /** Its id in the product: usage and seats. 'org_…' */
  organizationId: string;
  /** Product workspaces; seats are assigned per workspace. */
  workspaces: readonly string[];
  /** Key of the same company's customer in another currency: Stripe bills one each in one (L43). */
  sisterOf?: string;
}
