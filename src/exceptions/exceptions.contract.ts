import { z } from 'zod';
import { severities } from '../core/outcome';
import { amountText, countText, currencyText, instant } from '../platform/http/fields';
import { pageOf, pageQuery } from '../platform/http/page';
import { scopeQuery } from '../platform/http/scope-query';

/** What the API says of exceptions. */

const states = ['open', 'cleared'] as const;

export const exceptionParams = z.strictObject({ id: z.guid() });
export type ExceptionParams = z.infer<typeof exceptionParams>;

export const exceptionsQuery = z.strictObject({
  ...scopeQuery,
  state: z.enum(states).optional(),
  code: z
    .string()
    .regex(/^[A-Z0-9][A-Z0-9_-]{0,99}$/, 'must look like BK01-NO_ORDER')
    .optional(),
  severity: z.enum(severities).optional(),
  ...pageQuery,
});
export type ExceptionsQuery = z.infer<typeof exceptionsQuery>;

const amounts = {
  left_amount: amountText.nullable(),
  right_amount: amountText.nullable(),
  difference: amountText.nullable().describe('Left less right.'),
  impact: amountText.nullable().describe('Potential misstatement, never negative.'),
};

export const exception = z
  .object({
    exception_id: z.guid(),
    control_id: z.string(),
    entity_id: z.string(),
    period_key: z.string(),
    procedure: z.string(),
    code: z.string(),
    key: z.record(z.string(), z.string()).describe('Key columns and their values, as text.'),
    currency: currencyText.nullable(),
    state: z.enum(states),
    severity: z.enum(severities),
    ...amounts,
    explanation: z.string(),
    first_seen_run: z.guid(),
    first_seen_at: instant,
    last_seen_run: z.guid(),
    last_seen_at: instant,
    cleared_run: z.guid().nullable().describe('The run that proved it gone.'),
    cleared_at: instant.nullable(),
    reopened: z.int().min(0).describe('How often it came back.'),
  })
  .meta({ id: 'Exception' });
export type Exception = z.infer<typeof exception>;

const items = z
  .array(z.record(z.string(), z.string().nullable()))
  .nullable()
  .describe('The items behind it, every column as text; null where they did not change.');

const exceptionEvent = z
  .object({
    event_id: countText,
    run_id: z.guid(),
    kind: z.enum(['opened', 'seen', 'changed', 'reopened', 'cleared']),
    at: instant,
    clean_days: z.int().nullable().describe('Days it was clean before it was reopened.'),
    severity: z.enum(severities).nullable(),
    ...amounts,
    explanation: z.string().nullable(),
    left_items: items,
    right_items: items,
    left_count: countText.nullable().describe('How many there are, kept or not.'),
    right_count: countText.nullable(),
  })
  .meta({ id: 'ExceptionEvent' });
export type ExceptionEvent = z.infer<typeof exceptionEvent>;

export const exceptionDetail = exception
  .extend({
    events: z.array(exceptionEvent).describe('Newest first; the latest 500.'),
    events_total: countText,
  })
  .meta({ id: 'ExceptionDetail' });
export type ExceptionDetail = z.infer<typeof exceptionDetail>;

export const exceptionsPage = pageOf(exception, 'ExceptionsPage');
export type ExceptionsPage = z.infer<typeof exceptionsPage>;
