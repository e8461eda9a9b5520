import { bookDate } from '../../../books/book-date';
import { shifted } from '../../../books/exact-json';
import type { MappingEntity, RawObject } from '../../../books/mapping';
import { PayloadReader } from '../../../books/payload-reader';
import { stripeCurrency, type CurrencyUse, type StripeCurrency } from './stripe-currency';
import { isKnownStripeVersion } from './stripe-version';

/** What mappings of one Stripe account need besides the objects. */
export interface StripeContext extends MappingEntity {
  /** What the account's objects must be; test objects never reach live books (CONTROLS S20). */
  livemode: boolean;
  /** Of the metadata that links to Salesforce (S31), such as `salesforce_`. */
  metadataPrefix: string;
}

/**
 * The fields of a raw object, when it is what it says: of a known API version, of the object and id
 * it was landed under, and of the right mode. Throws MappingProblem otherwise.
 */
export function openStripe(
  raw: RawObject,
  context: StripeContext,
  object: string,
  /** `key` for what is landed under other words than its id, which its mapping checks. */
  landedUnder: 'id' | 'key' = 'id',
): PayloadReader {
  const { objectId } = raw;
  const reader = PayloadReader.of(raw.payload, { object: raw.object, objectId });
  if (!isKnownStripeVersion(raw.apiVersion))
    throw reader.problem(
      'api_version',
      'unknown_api_version',
      `is ${raw.apiVersion ?? 'not known'}; the mappings know 2020-08-27 to endive.`,
    );
  if (reader.text('object') !== object)
    throw reader.problem('object', 'inconsistent', `is not ${object}.`);
  if (landedUnder === 'id' && reader.has('id') && reader.text('id') !== objectId)
    throw reader.problem('id', 'inconsistent', 'is another than it was landed under.');
  const livemode = reader.optionalBoolean('livemode');
  if (livemode !== null && livemode !== context.livemode)
    throw reader.problem('livemode', 'wrong_mode', `is ${livemode} in an account that is not.`);
  if (context.livemode && reader.optionalId('test_clock') !== null)
    throw reader.problem('test_clock', 'wrong_mode', 'is set on a live object.');
  return reader;
}

/** The currency of the amounts in these fields. */
export function currencyOf(
  reader: PayloadReader,
  use: CurrencyUse = 'document',
  name = 'currency',
): StripeCurrency {
  const currency = stripeCurrency(reader.text(name), use);
  if (currency) return currency;
  throw reader.problem(name, 'unknown_currency', 'is no currency whose minor unit is known.');
}

export function optionalCurrencyOf(reader: PayloadReader): StripeCurrency | null {
  return reader.holds('currency') ? currencyOf(reader) : null;
}

/** Minor units as major units: '-1234' of USD is '-12.34'. */
export function major(minor: bigint | string, { exponent }: StripeCurrency): string {
  const digits = String(minor);
  return digits.startsWith('-')
    ? `-${shifted(digits.slice(1), exponent)}`
    : shifted(digits, exponent);
}

/** An amount in minor units as it is sent, checked to be whole units where it must be. */
export function minorOf(reader: PayloadReader, name: string, currency: StripeCurrency): bigint {
  const minor = BigInt(reader.integer(name));
  if (currency.wholeOnly && minor % 100n !== 0n)
    throw reader.problem(name, 'inconsistent', `is no whole number of ${currency.code}.`);
  return minor;
}

/** In major units. */
export function amountOf(reader: PayloadReader, name: string, currency: StripeCurrency): string {
  return major(minorOf(reader, name, currency), currency);
}
export function optionalAmountOf(
  reader: PayloadReader,
  name: string,
  currency: StripeCurrency,
): string | null {
  return reader.holds(name) ? amountOf(reader, name, currency) : null;
}
/** What is owed to the customer where Stripe writes what the customer owes (S3). */
export function creditOf(reader: PayloadReader, name: string, currency: StripeCurrency): string {
  return major(-minorOf(reader, name, currency), currency);
}

/** A price per unit, up to twelve digits finer than the minor unit, in major units. */
export function unitAmountOf(
  reader: PayloadReader,
  name: string,
  { exponent }: StripeCurrency,
): string | null {
  const text = reader.optionalDecimal(name);
  if (text === null) return null;
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return sign + shifted(whole + fraction, fraction.length + exponent);
}

/** The sum of `field` over a list of objects in minor units; 0 for a list that is null. */
export function sumOf(
  list: readonly PayloadReader[] | null,
  field: string,
  counts: (item: PayloadReader) => boolean = () => true,
): bigint {
  let sum = 0n;
  for (const item of list ?? []) if (counts(item)) sum += BigInt(item.integer(field));
  return sum;
}

/** Unix seconds as an instant; null where the field is null or absent. */
export function optionalInstant(reader: PayloadReader, name: string): string | null {
  const seconds = reader.optionalInteger(name);
  if (seconds === null) return null;
  const date = new Date(Number(seconds) * 1000);
  if (seconds.length > 12 || Number.isNaN(date.getTime()))
    throw reader.problem(name, 'wrong_type', 'is no time in seconds.');
  return `${date.toISOString().slice(0, 19)}Z`;
}
export function instantOf(reader: PayloadReader, name: string): string {
  const instant = optionalInstant(reader, name);
  if (instant === null) throw reader.problem(name, 'missing_field', 'is missing.');
  return instant;
}

/** The accounting date of an instant in the entity's book time zone. */
export function dateOf(instant: string, { bookZone }: MappingEntity): string {
  return bookDate(instant, bookZone);
}
export function optionalDate(instant: string | null, entity: MappingEntity): string | null {
  return instant === null ? null : dateOf(instant, entity);
}

/** Metadata that the connector for CPQ writes: `<prefix>order_id` and others (S31). */
export function linkIn(
  reader: PayloadReader | null,
  name: string,
  { metadataPrefix }: StripeContext,
): string | null {
  return reader?.optionalObject('metadata')?.optionalText(metadataPrefix + name) ?? null;
}

/** Metadata under a name of our own, as the product and the price list write it. */
export function metadataText(reader: PayloadReader, name: string): string | null {
  return reader.optionalObject('metadata')?.optionalText(name) ?? null;
}

/** A whole list of sub-objects: embedded when the page is the last one, else landed apart. */
export function wholeList(reader: PayloadReader, name: string, raw: RawObject): PayloadReader[] {
  const embedded = reader.object(name);
  if (!embedded.boolean('has_more')) return embedded.objects('data');
  const pages = raw.parts[name];
  if (pages === undefined)
    throw reader.problem(name, 'incomplete_list', `goes on, and its pages were not landed.`);
  const origin = { object: `${raw.object}.${name}`, objectId: raw.objectId };
  const read = PayloadReader.of({ pages }, origin).objects('pages');
  const last = read.at(-1);
  if (!last || last.boolean('has_more'))
    throw reader.problem(name, 'incomplete_list', 'goes on behind the last page that was landed.');
  return read.flatMap((page) => page.objects('data'));
}
