import { bookDate } from '../../../books/book-date';
import type { BooksRow, MappingEntity, RawObject } from '../../../books/mapping';
import { isDate } from '../../../core/calendar';
import { isKnownCurrency } from '../../../core/money';
import { PayloadReader } from '../../../books/payload-reader';

/** Custom fields whose names an org chooses; what each gives the books stands in docs/books.md. */
export interface CustomFields {
  Account: 'stripe_customer_id' | 'segment';
  Opportunity: 'term_start' | 'term_end';
  Order: 'subscription_id' | 'billing_frequency' | 'payment_terms';
  OrderItem: 'commit_amount' | 'overage_price';
}

/** What mappings of one Salesforce org need besides the records. */
export interface SalesforceContext extends MappingEntity {
  /** Of every amount, in an org with one currency; null where records name their own. */
  currency: string | null;
  /** Which dated conversion rates are stated against; null in an org with one currency. */
  corporateCurrency: string | null;
  /** Names of custom fields, by object; a field named here must be in every record. */
  fields: { [O in keyof CustomFields]?: Partial<Record<CustomFields[O], string>> };
  /**
   * Where records name their legal entity: a path such as `Order.Legal_Entity__c` by object, and
   * the entity by its value. Objects that are not listed belong to the context's own entity.
   */
  entities?: {
    paths: Readonly<Record<string, string>>;
    byValue: Readonly<Record<string, MappingEntity>>;
  };
}

/** API versions only add; these are the ones whose fields were compared. */
const versions = { from: 50, to: 68 };

/** The fields of a record, when it is of a known API version and the one it was landed as. */
export function openRecord(raw: RawObject): PayloadReader {
  const reader = PayloadReader.of(raw.payload, { object: raw.object, objectId: raw.objectId });
  const version = Number(/^v?(\d{2,3})\.0$/.exec(raw.apiVersion ?? '')?.[1] ?? 0);
  if (version < versions.from || version > versions.to)
    throw reader.problem(
      'api_version',
      'unknown_api_version',
      `is ${raw.apiVersion ?? 'not known'}; the mappings know ${versions.from} to ${versions.to}.`,
    );
  const type = reader.optionalObject('attributes')?.optionalText('type') ?? raw.object;
  if (type !== raw.object)
    throw reader.problem('attributes.type', 'inconsistent', `is not ${raw.object}.`);
  if (idOf(reader, 'Id') !== raw.objectId)
    throw reader.problem(
      'Id',
      'inconsistent',
      'is not what it was landed under, in 18 characters.',
    );
  return reader;
}

/** The reader of a related record and its field's name: `Account.Name`. Null where it is null. */
function follow(reader: PayloadReader, path: string): [PayloadReader, string] | null {
  const steps = path.split('.');
  const name = steps.pop() ?? path;
  let at: PayloadReader | null = reader;
  for (const step of steps) at = at?.optionalObject(step) ?? null;
  return at && [at, name];
}

/**
 * A field of a related record, which must have been selected; null where there is no such record.
 */
export function related(reader: PayloadReader, path: string): string | null {
  const [relation = ''] = path.split('.');
  if (!reader.has(relation)) throw reader.problem(path, 'missing_field', 'was not selected.');
  const found = follow(reader, path);
  return found && found[0].nullableText(found[1]);
}

export function entityOf(
  reader: PayloadReader,
  object: string,
  context: SalesforceContext,
): MappingEntity {
  const path = context.entities?.paths[object];
  if (path === undefined) return context;
  const found = follow(reader, path);
  const value = found && found[0].nullableText(found[1]);
  const entity = value === null ? undefined : context.entities?.byValue[value];
  if (entity) return entity;
  const what = value === null ? 'is empty' : 'names no declared entity';
  throw reader.problem(path, 'unknown_entity', `${what}.`);
}

/** Native currency of a record's amounts; never a converted one (CONTROLS §1.1, S27). */
export function currencyOf(reader: PayloadReader, { currency }: SalesforceContext): string {
  const code = currency ?? reader.text('CurrencyIsoCode');
  const own = reader.optionalText('CurrencyIsoCode') ?? code;
  if (isKnownCurrency(own)) return own;
  throw reader.problem('CurrencyIsoCode', 'unknown_currency', 'is no ISO 4217 currency.');
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** An id of 15 characters in its form of 18, which no change of case can confuse. */
export function longId(id: string): string {
  if (id.length !== 15) return id;
  let suffix = '';
  for (const at of [0, 5, 10]) {
    let bits = 0;
    for (let i = 0; i < 5; i += 1) if (/[A-Z]/.test(id[at + i] ?? '')) bits |= 1 << i;
    suffix += alphabet[bits];
  }
  return id + suffix;
}

export function idOf(reader: PayloadReader, name: string): string {
  return longId(reader.text(name));
}
export function nullableIdOf(reader: PayloadReader, name: string): string | null {
  const id = reader.nullableText(name);
  return id === null ? null : longId(id);
}
export function optionalIdOf(reader: PayloadReader, name: string): string | null {
  const id = reader.optionalText(name);
  return id === null ? null : longId(id);
}

/** True and false, which a bulk query writes as texts. */
export function flagOf(reader: PayloadReader, name: string): boolean {
  const flag = optionalFlagOf(reader, name);
  if (flag === null) throw reader.problem(name, 'missing_field', 'is missing.');
  return flag;
}
export function optionalFlagOf(reader: PayloadReader, name: string): boolean | null {
  if (!reader.holds(name)) return null;
  try {
    return reader.boolean(name);
  } catch (cause) {
    const text = reader.optionalText(name);
    if (text === 'true' || text === 'false') return text === 'true';
    throw cause;
  }
}

/** A date as Salesforce writes it: of nobody's time zone. */
export function dateOf(reader: PayloadReader, name: string): string {
  const date = optionalDateOf(reader, name);
  if (date === null) throw reader.problem(name, 'missing_field', 'is missing.');
  return date;
}
export function optionalDateOf(reader: PayloadReader, name: string): string | null {
  const date = reader.optionalText(name);
  if (date === null || isDate(date)) return date;
  throw reader.problem(name, 'wrong_type', 'is no date.');
}

/** `2026-06-03T06:00:00.000+0000` as `2026-06-03T06:00:00.000Z`. */
export function instantOf(reader: PayloadReader, name: string): string {
  const instant = optionalInstantOf(reader, name);
  if (instant === null) throw reader.problem(name, 'missing_field', 'is missing.');
  return instant;
}
export function optionalInstantOf(reader: PayloadReader, name: string): string | null {
  const text = reader.optionalText(name);
  if (text === null) return null;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:Z|\+0000|\+00:00)$/.exec(text);
  if (match && !Number.isNaN(new Date(`${match[1]}Z`).getTime())) return `${match[1]}Z`;
  throw reader.problem(name, 'wrong_type', 'is no instant in UTC.');
}
export function bookDateOf(instant: string, { bookZone }: MappingEntity): string {
  return bookDate(instant, bookZone);
}

/** A custom field: needed when the org's own name was given, else taken where it is. */
export function custom<O extends keyof CustomFields>(
  reader: PayloadReader,
  { fields }: SalesforceContext,
  object: O,
  field: CustomFields[O],
  usual: string,
): string | null {
  const own = fields[object]?.[field];
  if (own !== undefined && !reader.has(own))
    throw reader.problem(own, 'missing_field', 'is named in the configuration, and missing.');
  const name = own ?? usual;
  return reader.holds(name) ? textOf(reader, name) : null;
}

/** Numbers as their digits, texts as they are. */
function textOf(reader: PayloadReader, name: string): string | null {
  try {
    return reader.optionalText(name);
  } catch {
    return reader.decimal(name);
  }
}

/** Who made and last changed a record. */
export function audit(reader: PayloadReader): BooksRow {
  return {
    created_at: instantOf(reader, 'CreatedDate'),
    created_by: nullableIdOf(reader, 'CreatedById'),
    modified_at: instantOf(reader, 'LastModifiedDate'),
    modified_by: nullableIdOf(reader, 'LastModifiedById'),
  };
}

export const negated = (text: string): string =>
  text.startsWith('-') ? text.slice(1) : /^0*(\.0*)?$/.test(text) ? text : `-${text}`;

/** The amount or quantity of something taken away, whichever sign it was written with. */
export const takenAway = (text: string): string => (text.startsWith('-') ? text : negated(text));

/** a ÷ b to twelve digits, a half away from zero; null when b is zero. */
export function quotient(a: string, b: string): string | null {
  const digits = (text: string): [bigint, number] => {
    const [whole = '', fraction = ''] = text.split('.');
    return [BigInt(whole + fraction), fraction.length];
  };
  const [[top, topScale], [bottom, bottomScale]] = [digits(a), digits(b)];
  if (bottom === 0n) return null;
  const dividend = top * 10n ** BigInt(12 + bottomScale);
  const divisor = bottom * 10n ** BigInt(topScale);
  const isNegative = dividend < 0n !== divisor < 0n;
  const [n, d] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const text = String((n * 2n + d) / (d * 2n)).padStart(13, '0');
  const value = `${text.slice(0, -12)}.${text.slice(-12)}`;
  return isNegative ? negated(value) : value;
}
