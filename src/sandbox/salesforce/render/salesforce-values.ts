import { salesforceId, type SalesforceObject } from '../../kit/ids';
import type { Instant } from '../../kit/instants';
import { majorText, type Minor } from '../../kit/units';
import type { ProductCode } from '../../truth/catalog';
import type { SalesforceRecord } from '../../world/records';

export type FieldValue = string | number | boolean | null;

/** '2026-06-30T17:04:05.000+0000', as REST writes an instant. */
export const restInstant = (at: Instant): string =>
  new Date(at * 1000).toISOString().replace('Z', '+0000');

export const restInstantOrNull = (at: Instant | null): string | null =>
  at === null ? null : restInstant(at);

/**
 * An amount in major units as the JSON number that Salesforce sends. A double holds each decimal of
 * at most 15 significant digits so that its shortest text is that decimal again; an amount that
 * needs more, or does not come back, is refused with RangeError.
 */
export function amountNumber(amount: Minor, currency: string): number {
  return exactNumber(majorText(amount, currency));
}

/** A decimal text as the double whose shortest text it is, but for zeros at its end. */
export function exactNumber(text: string): number {
  const value = Number(text);
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const digits = short.replace(/[-.]/g, '').replace(/^0+/, '');
  if (digits.length > 15 || String(value) !== short)
    throw new RangeError(`${text} is no exact double`);
  return value;
}

/** Percent from millionths: 333_300n is 33.33. */
export const percentNumber = (millionths: bigint): number => Number(millionths) / 10_000;

/** Who made a record and when it was last changed. */
export interface Touched {
  createdAt: Instant;
  createdBy: string;
  modifiedAt?: Instant;
  modifiedBy?: string;
  isDeleted?: boolean;
}

/** The audit fields of a record; SystemModstamp is that of its last change. */
export function auditFields(touched: Touched): Record<string, FieldValue> {
  const modifiedAt = Math.max(touched.modifiedAt ?? touched.createdAt, touched.createdAt);
  return {
    IsDeleted: touched.isDeleted ?? false,
    CreatedDate: restInstant(touched.createdAt),
    CreatedById: touched.createdBy,
    LastModifiedDate: restInstant(modifiedAt),
    LastModifiedById: touched.modifiedBy ?? touched.createdBy,
    SystemModstamp: restInstant(modifiedAt),
  };
}

/** The same without IsDeleted: setup objects are not deleted into a bin. */
export function setupFields(touched: Touched): Record<string, FieldValue> {
  const fields = auditFields(touched);
  delete fields.IsDeleted;
  return fields;
}

export const recordOf = (
  object: SalesforceObject,
  id: string,
  fields: Record<string, FieldValue>,
): SalesforceRecord => ({ object, record: { Id: id, ...fields } });

export const priceBookId = salesforceId('Pricebook2', 'standard');

export const priceBookEntryId = (product: ProductCode, currency: string): string =>
  salesforceId('PricebookEntry', product, currency);
