import type { PayloadReader } from '../../../books/payload-reader';
import { sumOf } from './stripe-values';

const behaviours = new Set(['exclusive', 'inclusive'] as const);

/**
 * Taxes of an invoice, a line or a credit note in minor units: `taxes` since API 2025-03-31,
 * `tax_amounts` before.
 */
export function taxesOf(
  reader: PayloadReader,
  names: { now: string; before: string },
): { exclusive: bigint; inclusive: bigint } {
  if (!reader.has(names.now) && !reader.has(names.before))
    throw reader.problem(names.now, 'missing_field', 'is missing.');
  const now = reader.optionalObjects(names.now);
  const isInclusive = (tax: PayloadReader): boolean =>
    now ? tax.oneOf('tax_behavior', behaviours) === 'inclusive' : tax.boolean('inclusive');
  const list = now ?? reader.optionalObjects(names.before);
  const inclusive = sumOf(list, 'amount', isInclusive);
  return { exclusive: sumOf(list, 'amount') - inclusive, inclusive };
}
