import type { Payload } from '../../books/exact-json';
import { MappingProblem } from '../../books/mapping';
import { PayloadReader } from '../../books/payload-reader';
import { sumOf } from './mapping/stripe-values';
import { taxesOf } from './mapping/taxes';

type Fields = Readonly<Record<string, unknown>>;

/** A list inside an object, as it was read to its end. */
export interface ReadPart {
  /** What it is a list of: `invoice`, `credit_note`, `subscription`. */
  object: string;
  /** Field of the list. */
  name: string;
  /** The object that the list belongs to. */
  id: string;
  fields: Fields;
  items: readonly Fields[];
}

/**
 * Why a list inside an object cannot be whole, in words; null where nothing says so. Two reads that
 * lost the same page look alike: what the object says of its list by itself does not. That is how
 * many there are, where it is told (versions before 2025-03-31), and what lines add up to. Lines
 * without an amount leave no trace in a sum.
 */
export function partGap(part: ReadPart): string | null {
  const { object, name, id, fields, items } = part;
  const list = fields[name];
  const count: unknown =
    typeof list === 'object' && list !== null ? Reflect.get(list, 'total_count') : undefined;
  if (typeof count === 'number' && count !== items.length)
    return `${id} has ${count} ${name}, and ${items.length} were read`;
  if (object !== 'invoice' && object !== 'credit_note') return null;
  try {
    return linesGap(part);
  } catch (cause) {
    // Fields that are not as expected are told by the mapping.
    if (cause instanceof MappingProblem) return null;
    throw cause;
  }
}

function linesGap({ object, id, fields, items }: ReadPart): string | null {
  const reader = (of: Fields): PayloadReader =>
    PayloadReader.of(of as Record<string, Payload>, { object, objectId: id });
  const document = reader(fields);
  const lines = items.map(reader);
  // A note over an amount alone has no lines, and both of its lists said so: see streams.
  if (object === 'credit_note' && lines.length === 0) return null;
  const subtotal = BigInt(document.integer('subtotal'));
  const sum = sumOf(lines, 'amount');
  if (sum === subtotal || sum - ownDiscounts(document, lines) === subtotal) return null;
  if (netFoots(document, lines, sum)) return null;
  // Nothing is missing where a line that is not its price times its quantity is the whole gap:
  // that is for IN-01 to say.
  if (lines.some((line) => isOwnGap(line, sum - subtotal))) return null;
  return `the ${lines.length} lines of ${id} add up to ${sum} minor units, and it says ${subtotal}`;
}

/** What lines were lowered by themselves: a subtotal may be before or after it (IN-01). */
function ownDiscounts(document: PayloadReader, lines: readonly PayloadReader[]): bigint {
  const ofDocument = new Set(document.optionalTexts('discounts'));
  return lines.reduce((sum, line) => {
    if (line.holds('discount_amount')) return sum + BigInt(line.integer('discount_amount'));
    const own = line.optionalObjects('discount_amounts');
    return sum + sumOf(own, 'amount', (one) => !ofDocument.has(one.id('discount')));
  }, 0n);
}

/** Identity I1 of IN-01: what is left of the lines is the total before tax, but for rounding. */
function netFoots(document: PayloadReader, lines: readonly PayloadReader[], sum: bigint): boolean {
  if (!document.holds('total_excluding_tax')) return false;
  const lowered = lines.reduce((all, line) => {
    const discount = line.holds('discount_amount')
      ? BigInt(line.integer('discount_amount'))
      : sumOf(line.optionalObjects('discount_amounts'), 'amount');
    const grants = sumOf(
      line.optionalObjects('pretax_credit_amounts'),
      'amount',
      (credit) => credit.text('type') === 'credit_balance_transaction',
    );
    return (
      all + discount + grants + taxesOf(line, { now: 'taxes', before: 'tax_amounts' }).inclusive
    );
  }, 0n);
  const shipping = document.optionalInteger('amount_shipping') ?? '0';
  const gap = sum - lowered + BigInt(shipping) - BigInt(document.integer('total_excluding_tax'));
  return gap <= 1n && gap >= -1n;
}

/**
 * Whether the line is off its unit price times its quantity by the gap, but for rounding. What is
 * free, or priced by the second, is off by much and says nothing.
 */
function isOwnGap(line: PayloadReader, gap: bigint): boolean {
  const minor = BigInt(line.integer('amount'));
  if (minor === 0n || isProration(line)) return false;
  const pricing = line.optionalObject('pricing') ?? line.optionalObject('price');
  const unit = pricing?.optionalDecimal('unit_amount_decimal') ?? null;
  const quantity = line.optionalDecimal('quantity_decimal') ?? line.optionalDecimal('quantity');
  if (unit === null || quantity === null) return false;
  const [price, times] = [scaled(unit), scaled(quantity)];
  const scale = 10n ** BigInt(price.places + times.places);
  const off = (minor - gap) * scale - price.digits * times.digits;
  return off <= scale && off >= -scale;
}

function isProration(line: PayloadReader): boolean {
  const parent = line.optionalObject('parent');
  const details =
    parent?.optionalObject('invoice_item_details') ??
    parent?.optionalObject('subscription_item_details');
  return (details ?? line).optionalBoolean('proration') === true;
}

function scaled(decimal: string): { digits: bigint; places: number } {
  const [whole = '', fraction = ''] = decimal.split('.');
  return { digits: BigInt(whole + fraction), places: fraction.length };
}
