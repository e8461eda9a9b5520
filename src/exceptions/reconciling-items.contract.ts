import { z } from 'zod';
import { amountText, countText, currencyText, dateText, instant } from '../platform/http/fields';
import { exceptionDay } from './exceptions.contract';

/** What the API says of known reconciling items, and what it takes. */

const words = z
  .string()
  .trim()
  .min(1)
  .max(2000)
  .regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'must be text');

export const newReconcilingItem = z
  .strictObject({
    exception_id: z.guid().describe('What is expected: its control, entity, code and key.'),
    amount: z
      .string()
      .regex(/^\d{1,18}(\.\d{1,6})?$/, 'must be a decimal in quotes, such as "120.50"')
      .nullable()
      .describe('Largest impact that it explains; null where the finding has none.'),
    label: words.max(200),
    owner: z.guid(),
    valid_until: exceptionDay,
    reason: words,
  })
  .meta({ id: 'NewReconcilingItem' });
export type NewReconcilingItem = z.infer<typeof newReconcilingItem>;

export const itemParams = z.strictObject({ id: z.guid() });
export type ItemParams = z.infer<typeof itemParams>;

const somebody = z.object({ person_id: z.guid(), name: z.string() });

export const reconcilingItem = z
  .object({
    item_id: z.guid(),
    control_id: z.string(),
    entity_id: z.string(),
    code: z.string(),
    key: z.record(z.string(), z.string()),
    currency: currencyText.nullable(),
    amount: amountText.nullable(),
    label: z.string(),
    reason: z.string(),
    owner: somebody,
    valid_until: dateText,
    state: z.enum(['proposed', 'active', 'expired', 'revoked']),
    created_by: somebody,
    created_at: instant,
    approved_by: somebody.nullable(),
    approved_at: instant.nullable(),
    revoked_at: instant.nullable(),
    explains: countText.describe('Exceptions that it holds closed now.'),
  })
  .meta({ id: 'ReconcilingItem' });
export type ReconcilingItem = z.infer<typeof reconcilingItem>;

export const reconcilingItems = z
  .object({ items: z.array(reconcilingItem) })
  .meta({ id: 'ReconcilingItems' });
export type ReconcilingItems = z.infer<typeof reconcilingItems>;
