import { z } from 'zod';
import { outcomes, severities } from '../../core/outcome';
import { amountText, countText, currencyText, dateText, instant } from '../../platform/http/fields';
import { scopeQuery } from '../../platform/http/scope-query';

/** What the API says of everything at once: the first screen of a reviewer. */

export const overviewQuery = z.strictObject({ entity: scopeQuery.entity });
export type OverviewQuery = z.infer<typeof overviewQuery>;

const newest = z.object({
  run_id: z.guid(),
  period_key: z.string(),
  outcome: z.enum(outcomes),
  outcome_reason: z.string().nullable(),
  as_of: dateText,
  recorded_at: instant,
});

const controlHealth = z
  .object({
    control_id: z.string(),
    entity_id: z.string(),
    newest: newest.nullable().describe('The newest run of its newest period; null: never run.'),
    open: z.int().min(0).describe('Open exceptions over all periods.'),
  })
  .meta({ id: 'ControlHealth' });
export type ControlHealth = z.infer<typeof controlHealth>;

/** Days since an open exception was first seen. */
export const ageBands = ['0-7', '8-30', '31-90', 'over 90'] as const;

const openGroup = z
  .object({
    severity: z.enum(severities),
    age_days: z.enum(ageBands),
    currency: currencyText.nullable(),
    exceptions: countText,
    impact: amountText.describe('Sum in that currency; never added across currencies.'),
  })
  .meta({ id: 'OpenGroup' });
export type OpenGroup = z.infer<typeof openGroup>;

const riskPoint = z
  .object({
    on: dateText.describe('At the end of this day, UTC.'),
    currency: currencyText,
    exceptions: countText,
    impact: amountText.describe('Of the exceptions that were open then.'),
  })
  .meta({ id: 'RiskPoint' });
export type RiskPoint = z.infer<typeof riskPoint>;

const duePeriod = z
  .object({ control_id: z.string(), entity_id: z.string(), period_key: z.string() })
  .meta({ id: 'DuePeriod' });
export type DuePeriod = z.infer<typeof duePeriod>;

export const overview = z
  .object({
    at: instant,
    controls: z.array(controlHealth).describe('Every control for every entity in reach.'),
    open: z.array(openGroup),
    at_risk: z
      .array(riskPoint)
      .describe('Days on which something changed, by currency; between them it stood still.'),
    due: z.array(duePeriod).describe('Periods that ended and have no verdict yet; 200 at most.'),
    due_total: z.int().min(0),
    scheduled_since: dateText
      .nullable()
      .describe('First day whose periods the calendar asks for; null: nothing runs by itself.'),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof overview>;
