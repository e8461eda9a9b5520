import type { EntityId } from '../truth/company';
import type { SalesforceObject } from '../kit/ids';

/** A JSON value as it stands on the wire. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An object of a Stripe account, in the shape of the version that the SDK pins. */
export interface StripeRecord {
  entity: EntityId;
  /** Collection: 'invoices', 'invoice_line_items', 'balance_transactions', … */
  collection: string;
  id: string;
  /** Seconds; lists are newest first. */
  created: number;
  /** Values that list parameters filter by: { customer: 'cus_…', status: 'open' }. */
  filters: Readonly<Record<string, string>>;
  object: object;
}

/** A record of the Salesforce org, field by field as the REST API names them. */
export interface SalesforceRecord {
  object: SalesforceObject;
  record: { Id: string; [field: string]: string | number | boolean | null };
}

/** A row of a warehouse table or file; CONTROLS §1.5 names its columns. Null is an empty field. */
export interface WarehouseRow {
  /** 'rev_schedule_line' */
  table: string;
  row: Readonly<Record<string, string | null>>;
}
