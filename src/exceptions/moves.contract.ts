import { z } from 'zod';
import { dispositions, moves } from '../core/exception';
import { refusalCodes } from '../core/problem';
import { exceptionDay } from './exceptions.contract';

/** What the API takes to move an exception on. */

const words = z
  .string()
  .trim()
  .min(1)
  .max(4000)
  .regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'must be text');

/** Where the cause lay; the words beside it say the rest. */
export const rootCauses = [
  'timing',
  'data_entry',
  'missing_document',
  'system_defect',
  'integration_failure',
  'process_not_followed',
  'contract_or_price_change',
  'master_data',
  'control_rule',
  'unknown',
] as const;

const ifLast = {
  last_event: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional()
    .describe('The last_event that was looked at; a move on an older look is refused.'),
};
const reason = words.describe('Why; it stands in the history and in the evidence log.');

export const exceptionMove = z
  .discriminatedUnion('move', [
    z.strictObject({ move: z.literal('acknowledge'), reason: reason.optional(), ...ifLast }),
    z.strictObject({
      move: z.literal('propose'),
      disposition: z.enum(dispositions),
      root_cause: z.enum(rootCauses),
      until: exceptionDay.optional().describe('For risk_accepted: the last day it holds.'),
      reason,
      ...ifLast,
    }),
    z.strictObject({ move: z.literal('withdraw'), reason, ...ifLast }),
    z.strictObject({ move: z.literal('send_back'), reason, ...ifLast }),
    z.strictObject({ move: z.literal('approve'), reason: reason.optional(), ...ifLast }),
    z.strictObject({ move: z.literal('reopen'), reason, ...ifLast }),
    z.strictObject({ move: z.literal('comment'), reason, ...ifLast }),
    z.strictObject({
      move: z.literal('assign'),
      assignee: z.guid().nullable().describe('null: nobody.'),
      reason: reason.optional(),
      ...ifLast,
    }),
  ])
  .meta({ id: 'ExceptionMove' });
export type ExceptionMove = z.infer<typeof exceptionMove>;

export const comment = z.strictObject({ text: words }).meta({ id: 'Comment' });
export type Comment = z.infer<typeof comment>;

export const assignment = z
  .strictObject({ assignee: z.guid().nullable(), reason: words.optional() })
  .meta({ id: 'Assignment' });
export type Assignment = z.infer<typeof assignment>;

export const bulkMove = z
  .strictObject({
    ids: z.array(z.guid()).min(1).max(500),
    order: exceptionMove,
  })
  .meta({ id: 'BulkMove' });
export type BulkMove = z.infer<typeof bulkMove>;

export const bulkResult = z
  .object({
    moved: z.array(z.guid()),
    refused: z.array(
      z.object({ exception_id: z.guid(), code: z.enum(refusalCodes), detail: z.string() }),
    ),
  })
  .meta({ id: 'BulkResult', description: 'Each exception by itself: moved, or refused and why.' });
export type BulkResult = z.infer<typeof bulkResult>;

export const attachmentQuery = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}/\\]+$/u, 'must be the name of a file'),
});
export type AttachmentQuery = z.infer<typeof attachmentQuery>;

export const attachmentParams = z.strictObject({
  id: z.guid(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AttachmentParams = z.infer<typeof attachmentParams>;

export const moveKinds = Object.values(moves).map(({ kind }) => kind);
