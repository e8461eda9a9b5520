import { z } from 'zod';
import { statementCategories } from '../../core/statement';
import { amountText, countText, currencyText } from '../../platform/http/fields';

/** What the API says of the items behind a line of a statement. */

export const lineItemsQuery = z.strictObject({
  procedure: z.string().min(1).max(200),
  category: z.enum(statementCategories),
  side: z.enum(['both', 'left', 'right']),
  code: z
    .string()
    .max(500)
    .optional()
    .describe("The line's code: of a finding, or the label of a reconciling item."),
  currency: currencyText.optional().describe('Absent where no amounts are compared.'),
});
export type LineItemsQuery = z.infer<typeof lineItemsQuery>;

const ofSide = z
  .object({ items: countText, amount: amountText, source_ref: z.string().nullable() })
  .nullable();

export const lineItems = z
  .object({
    keys: z.array(
      z.object({
        key: z.record(z.string(), z.string().nullable()),
        left: ofSide,
        right: ofSide,
      }),
    ),
    keys_total: countText,
    agrees: z
      .boolean()
      .describe('As many keys as the line has; otherwise the evidence must be asked itself.'),
  })
  .meta({
    id: 'LineItems',
    description: 'Keys of a line with both sides, largest difference first; 500 at most.',
  });
export type LineItems = z.infer<typeof lineItems>;
