import type { EntityId } from '../../truth/company';
import type { RecordTable } from './record-table';

/** Where a stand-in's objects are. */
export interface StripeStore {
  /** The collection of an account; an empty one where nothing was written. */
  collection(entity: EntityId, name: string): RecordTable;
}

/** Collections that are parts of a document and stand in its order, not by age. */
export const partCollections: ReadonlySet<string> = new Set([
  'invoice_line_items',
  'credit_note_line_items',
  'meter_usage',
]);

/** Collections that several customers share objects of: the first one written counts. */
export const sharedCollections: ReadonlySet<string> = new Set([
  'coupons',
  'promotion_codes',
  'prices',
  'products',
  'billing_meters',
]);
