import { z } from 'zod';
import { isDate } from '../core/calendar';
import { dispositions, exceptionStates, moves, type Move } from '../core/exception';
import { severities } from '../core/outcome';
import { amountText, countText, currencyText, dateText, instant } from '../platform/http/fields';
import { listOf, pageOf, pageQuery } from '../platform/http/page';
import { scopeQuery } from '../platform/http/scope-query';

/** What the API says of exceptions. */

export const exceptionParams = z.strictObject({ id: z.guid() });
export type ExceptionParams = z.infer<typeof exceptionParams>;

export const exceptionSorts = ['newest', 'oldest', 'impact', 'severity', 'due'] as const;
export type ExceptionSort = (typeof exceptionSorts)[number];

const day = z.string().refine(isDate, 'must be a date written "YYYY-MM-DD"');

/** What narrows a list of exceptions; an export takes the same. */
export const exceptionFilter = {
  ...scopeQuery,
  state: listOf(exceptionStates).optional().describe('One or several, with commas.'),
  code: z
    .string()
    .regex(/^[A-Z0-9][A-Z0-9_-]{0,99}$/, 'must look like BK01-NO_ORDER')
    .optional(),
  severity: listOf(severities).optional().describe('One or several, with commas.'),
  assignee: z
    .union([z.guid(), z.enum(['me', 'nobody'])])
    .optional()
    .describe('Id of a person; me; nobody.'),
  disposition: z.enum([...dispositions, 'reconciling_item']).optional(),
  overdue: z.enum(['true']).optional().describe('Only what is past its due date.'),
  min_age: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('Only what was first seen at least so many business days ago.'),
  text: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .regex(/^\P{Cc}*$/u, 'must be one line of text')
    .optional()
    .describe('Stands in the explanation or in a value of the key.'),
  run: z.guid().optional().describe('Only what this run saw.'),
  sort: z.enum(exceptionSorts).default('newest'),
};
export const exceptionsQuery = z.strictObject({ ...exceptionFilter, ...pageQuery });
export type ExceptionsQuery = z.infer<typeof exceptionsQuery>;

const amounts = {
  left_amount: amountText.nullable(),
  right_amount: amountText.nullable(),
  difference: amountText.nullable().describe('Left less right.'),
  impact: amountText.nullable().describe('Potential misstatement, never negative.'),
};

const somebody = z.object({ person_id: z.guid(), name: z.string() });

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
    state: z.enum(exceptionStates),
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
    age_days: z.int().min(0).describe('Business days since it was first seen, until it settled.'),
    due_on: dateText.nullable(),
    overdue: z.boolean(),
    escalations: z.int().min(0),
    assignee: somebody.nullable(),
    disposition: z.enum([...dispositions, 'reconciling_item']).nullable(),
    root_cause: z.string().nullable(),
    accepted_until: dateText.nullable(),
    proposed_by: somebody.nullable(),
    closed_by: somebody.nullable(),
    reconciling_item: z.guid().nullable(),
    last_event: countText.nullable().describe('Send it with a move to be refused if it is old.'),
  })
  .meta({ id: 'Exception' });
export type Exception = z.infer<typeof exception>;

const items = z
  .array(z.record(z.string(), z.string().nullable()))
  .nullable()
  .describe('The items behind it, every column as text; null where they did not change.');

const eventKinds = [
  'opened',
  'seen',
  'changed',
  'reopened',
  'cleared',
  'escalated',
  'lapsed',
  ...Object.values(moves).map(({ kind }) => kind),
] as const;

const exceptionEvent = z
  .object({
    event_id: countText,
    run_id: z.guid().nullable().describe('null for what a person did.'),
    kind: z.enum(eventKinds),
    at: instant,
    from_state: z.enum(exceptionStates).nullable(),
    to_state: z.enum(exceptionStates).nullable(),
    person: somebody.nullable(),
    actor: z.string().nullable(),
    reason: z.string().nullable(),
    details: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('Of a proposal, an assignment, an attachment (name, media_type, sha256, bytes).'),
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
    left_items: items.describe('As last seen.'),
    right_items: items.describe('As last seen.'),
    moves: z
      .array(z.enum(Object.keys(moves) as Move[]))
      .describe('What the caller may do with it now.'),
    recurrence: z
      .array(
        z.object({
          exception_id: z.guid(),
          period_key: z.string(),
          state: z.enum(exceptionStates),
          impact: amountText.nullable(),
        }),
      )
      .describe('The same finding at the same key in other periods, newest first.'),
    events: z.array(exceptionEvent).describe('Newest first; the latest 500.'),
    events_total: countText,
  })
  .meta({ id: 'ExceptionDetail' });
export type ExceptionDetail = z.infer<typeof exceptionDetail>;

export const exceptionsPage = pageOf(exception, 'ExceptionsPage');
export type ExceptionsPage = z.infer<typeof exceptionsPage>;

export const exceptionDay = day;
