import { z } from 'zod';
import { frequencies, periodOf } from '../core/calendar';
import { severities, outcomes } from '../core/outcome';
import { refusalCodes } from '../core/problem';
import { signoffStates, signoffSteps } from '../core/signoff';
import { exportFormat } from '../platform/export/send-export';
import { amountText, currencyText, dateText, instant } from '../platform/http/fields';

/** What the API says of periods and their sign-off, and what it takes. */

const isKnown = (period: string): boolean => {
  try {
    return periodOf('on_event', period).key === period;
  } catch {
    return false; // said by the refinement
  }
};
const isMonth = (period: string): boolean => {
  try {
    return periodOf('monthly', period).key === period;
  } catch {
    return false; // said by the refinement
  }
};
const entity = z.string().regex(/^[a-z0-9-]{1,100}$/, 'must be an id of an entity');
const control = z.string().regex(/^[A-Z]{2,5}-\d{2,3}$/, 'must look like BK-01');

export const periodsQuery = z.strictObject({ entity });
export type PeriodsQuery = z.infer<typeof periodsQuery>;

export const closeQuery = z.strictObject({
  entity,
  period: z.string().refine(isMonth, 'must be a month such as 2026-06'),
});
export type CloseQuery = z.infer<typeof closeQuery>;

export const closeExportQuery = closeQuery.extend(exportFormat);
export type CloseExportQuery = z.infer<typeof closeExportQuery>;

export const signoffOrder = z
  .strictObject({
    step: z.enum(signoffSteps),
    entity,
    items: z
      .array(z.strictObject({ control, period: z.string().refine(isKnown, 'must be a period') }))
      .min(1)
      .max(500),
    statement: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'must be text')
      .describe('What is attested, or why it is reopened; it stands in the evidence log.'),
  })
  .meta({ id: 'SignoffOrder' });
export type SignoffOrder = z.infer<typeof signoffOrder>;

const scope = { control: z.string(), entity: z.string(), period: z.string() };
export const signoffResult = z
  .object({
    signed: z.array(z.object({ ...scope, run_id: z.guid().describe('It binds to this run.') })),
    refused: z.array(z.object({ ...scope, code: z.enum(refusalCodes), detail: z.string() })),
  })
  .meta({ id: 'SignoffResult', description: 'Each control and period by itself.' });
export type SignoffResult = z.infer<typeof signoffResult>;

const signature = z.object({ person_id: z.guid(), name: z.string(), at: instant });

const closePeriod = z
  .object({
    control_id: z.string(),
    period_key: z.string(),
    start: dateText,
    end: dateText,
    run_id: z.guid().nullable().describe('The latest run; null when there is none.'),
    outcome: z.enum(outcomes).nullable(),
    recorded_at: instant.nullable(),
    unsettled: z.record(z.enum(severities), z.int()),
    state: z.enum(signoffStates),
    signed_run: z.guid().nullable(),
    prepared: signature.nullable(),
    reviewed: signature.nullable(),
    reopened_reason: z.string().nullable(),
    blockers: z.array(z.string()).describe('What keeps it from being signed, in words.'),
  })
  .meta({ id: 'ClosePeriod' });
export type ClosePeriod = z.infer<typeof closePeriod>;

export const close = z
  .object({
    entity: z.string(),
    period: z.object({ key: z.string(), start: dateText, end: dateText }),
    counts: z.object({
      expected: z.int(),
      with_verdict: z.int(),
      without_verdict: z.int(),
      not_run: z.int(),
      unsettled: z.int(),
      prepared: z.int(),
      reviewed: z.int(),
    }),
    tolerated: z
      .array(
        z.object({
          currency: currencyText,
          within_tolerance: amountText.describe('Differences that a tolerance let pass.'),
          risk_accepted: amountText,
          explained: amountText.describe('Closed as explained or false positive.'),
          reconciling_items: amountText,
          total: amountText,
          materiality: amountText.nullable(),
          exceeds: z.boolean().nullable().describe('null: the currency has no materiality.'),
        }),
      )
      .describe('What was let pass, added up per currency and held against materiality.'),
    controls: z.array(
      z.object({
        control_id: z.string(),
        title: z.string(),
        process: z.string(),
        key_control: z.boolean(),
        frequency: z.enum(frequencies),
        owner: z.string(),
        reviewer: z.string(),
        periods: z.array(closePeriod),
      }),
    ),
  })
  .meta({ id: 'Close', description: 'One month of one entity: what is signed, what is missing.' });
export type Close = z.infer<typeof close>;

export const periodsList = z
  .object({
    entity: z.string(),
    periods: z.array(
      z.object({
        key: z.string(),
        start: dateText,
        end: dateText,
        runs: z.int().describe('Controls and periods of it that were run.'),
        without_verdict: z.int(),
        unsettled: z.int(),
        prepared: z.int(),
        reviewed: z.int(),
        reopened: z.int(),
      }),
    ),
  })
  .meta({ id: 'PeriodsList', description: 'Months, newest first.' });
export type PeriodsList = z.infer<typeof periodsList>;

export const signoffHistory = z
  .object({
    events: z.array(
      z.object({
        step: z.enum(['prepared', 'reviewed', 'reopened']),
        run_id: z.guid(),
        person: z.object({ person_id: z.guid(), name: z.string() }).nullable(),
        at: instant,
        reason: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'SignoffHistory', description: 'Newest first.' });
export type SignoffHistory = z.infer<typeof signoffHistory>;

export const signoffQuery = z.strictObject({
  control,
  entity,
  period: z.string().refine(isKnown, 'must be a period'),
});
export type SignoffQuery = z.infer<typeof signoffQuery>;
