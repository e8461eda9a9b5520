import { z } from 'zod';
import { outcomes } from '../core/outcome';
import { isDate } from '../core/calendar';
import { statementCategories } from '../core/statement';
import { exportFormat } from '../platform/export/send-export';
import { pageOf, pageQuery } from '../platform/http/page';
import { scopeQuery } from '../platform/http/scope-query';
import {
  amountText,
  countText,
  currencyText,
  dateText,
  instant,
  sha256Text,
} from '../platform/http/fields';

/** What the API says of runs, and what it takes. */

export const runParams = z.strictObject({ id: z.guid() });
export type RunParams = z.infer<typeof runParams>;

const runsFilter = { ...scopeQuery, outcome: z.enum(outcomes).optional() };
export const runsQuery = z.strictObject({ ...runsFilter, ...pageQuery });
export type RunsQuery = z.infer<typeof runsQuery>;

export const runsExportQuery = z.strictObject({ ...runsFilter, ...exportFormat });
export type RunsExportQuery = z.infer<typeof runsExportQuery>;

export const runOrder = z
  .strictObject({
    control: z.string().regex(/^[A-Z]{2,5}-\d{2,3}$/, 'must look like BK-01'),
    entity: z.string().regex(/^[a-z0-9-]{1,100}$/, 'must be an id of an entity in tieout.yaml'),
    period: z.string().min(4).max(12).describe('2026-06-30, 2026-W27, 2026-06 or 2026-Q2.'),
    as_of: z
      .string()
      .refine(isDate, 'must be a date written "YYYY-MM-DD"')
      .optional()
      .describe('Day whose end the run looks back from; when absent, yesterday at the entity.'),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .regex(/^\P{Cc}*$/u, 'must be one line of text')
      .optional()
      .describe('Why a period that was run before is run again.'),
  })
  .meta({ id: 'RunOrder' });
export type RunOrder = z.infer<typeof runOrder>;

export const run = z
  .object({
    run_id: z.guid(),
    control_id: z.string(),
    control_title: z.string(),
    control_version: sha256Text,
    entity_id: z.string(),
    period: z
      .object({ key: z.string(), start: dateText, end: dateText })
      .describe('Half-open: `end` is the first day after it.'),
    seq: z.int().positive().describe('1 for the first run of the period; a re-run counts on.'),
    cause: z.enum(['scheduled', 'requested']),
    reason: z.string().nullable().describe('Why the period was run again.'),
    requested_by: z.string(),
    as_of: dateText,
    outcome: z.enum(outcomes),
    outcome_reason: z.string().nullable().describe('Why not_evaluated or errored, in words.'),
    findings: countText,
    started_at: instant,
    recorded_at: instant,
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof run>;

const frozenPopulation = z
  .object({
    procedure: z.string(),
    side: z.enum(['left', 'right']),
    population: z.string(),
    label: z.string(),
    source: z.enum(['books', 'files']),
    items: countText,
    file_sha256: sha256Text,
    file_bytes: countText,
    verified: z.string().describe('What proves that it was read completely.'),
    totals: z.array(
      z.object({ currency: currencyText.nullable(), items: countText, amount: amountText }),
    ),
  })
  .meta({ id: 'FrozenPopulation' });

export const runDetail = run
  .extend({
    attempts: z.int().positive(),
    parameters: z
      .record(
        z.string(),
        z.object({
          type: z.enum(['date', 'text', 'decimal', 'integer', 'boolean']),
          value: z.string(),
          set_by: z.enum(['run', 'control', 'entity']),
        }),
      )
      .nullable()
      .describe('What its SQL was asked with. null for runs recorded before this was kept.'),
    canaries: z
      .array(
        z.object({
          procedure: z.string(),
          code: z.string(),
          found: z.boolean().nullable().describe('null: it could not be planted.'),
          note: z.string().nullable(),
        }),
      )
      .nullable()
      .describe('Anomalies planted in a shadow of a scheduled run. null where none were.'),
    step_ms: z.record(z.string(), z.number()).describe('Milliseconds by step of the run.'),
    findings_sha256: sha256Text.nullable(),
    manifest_sha256: sha256Text,
    previous_manifest_sha256: sha256Text.nullable(),
    populations: z.array(frozenPopulation),
  })
  .meta({ id: 'RunDetail' });
export type RunDetail = z.infer<typeof runDetail>;

const total = z
  .object({ items: countText, amount: amountText })
  .meta({ id: 'Total', description: 'Items and their amount.' });

const statementLine = z
  .object({
    category: z.enum(statementCategories),
    code: z.string().nullable().describe("The finding's code, or the reconciling item's label."),
    side: z.enum(['both', 'left', 'right']),
    keys: countText,
    left: total,
    right: total,
    effect: amountText.describe('What the line adds on the way from left to right.'),
  })
  .meta({ id: 'StatementLine' });

const procedureStatement = z
  .object({
    procedure: z.string(),
    left_label: z.string(),
    right_label: z.string().nullable().describe('null for an assertion: it has one population.'),
    currencies: z.array(
      z.object({
        currency: currencyText.nullable().describe('null where no amounts are compared.'),
        left: total,
        right: total.nullable(),
        lines: z.array(statementLine),
      }),
    ),
  })
  .meta({ id: 'ProcedureStatement' });

export const statement = z
  .object({
    run_id: z.guid(),
    outcome: z.enum(outcomes),
    procedures: z.array(procedureStatement).describe('Empty when nothing was evaluated.'),
  })
  .meta({
    id: 'Statement',
    description:
      'Per procedure and currency: the left total, each line with its effect, the right.',
  });
export type Statement = z.infer<typeof statement>;

export const runsPage = pageOf(run, 'RunsPage');
export type RunsPage = z.infer<typeof runsPage>;
