import { z } from 'zod';
import { calendarFrequencies, frequencies, type Frequency } from './calendar';
import { severities } from './outcome';

/** The shape of `control.yaml` (DESIGN §4). Editors read it as `controls/control.schema.json`. */

const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*$/, 'must be a lower-case column or population name');
const text = z.string().trim().min(1);

export const assertionNames = [
  'completeness',
  'accuracy',
  'existence',
  'cut_off',
  'valuation',
  'rights',
  'presentation',
] as const;

export const cardinalities = ['one_to_one', 'one_to_many', 'many_to_one', 'many_to_many'] as const;

/** Conditions a tie-out itself decides; anything else in `when` is an SQL expression. */
export const findingKeywords = [
  'left_only',
  'right_only',
  'amount_differs',
  'currency_differs',
  'duplicate_left',
  'duplicate_right',
  'ambiguous',
] as const;
export type FindingKeyword = (typeof findingKeywords)[number];

const findingSchema = z.strictObject({
  code: z.string().regex(/^[A-Z]{2,5}\d{2,3}-[A-Z0-9_]+$/, 'must look like BK01-NO_ORDER'),
  when: text.describe('A keyword, or an SQL expression over left/right (tie-out) or item.'),
  impact: text
    .optional()
    .describe('left.amount, right.amount, item.amount, difference, or an SQL expression.'),
  severity: z.enum(severities).optional().describe('Fixed severity; otherwise by materiality.'),
  drifted_at: identifier
    .optional()
    .describe(
      'Of an assertion: the instant column of when the item changed. Reopens signatures over ' +
        'runs that judged it before, found by its source_ref.',
    ),
});

const populationRefSchema = z.strictObject({
  population: identifier.describe('Name of a .sql file in this folder or in controls/populations.'),
  label: text,
  empty_ok: z.boolean().default(false).describe('Otherwise an empty population is not evaluated.'),
});

const toleranceSchema = z
  .strictObject({
    minor_units: z.int().min(0).optional().describe('Counted in minor units of the currency.'),
    per: z.enum(['key', 'line']).default('key').describe('line: multiplied by the items matched.'),
    percent: z
      .string()
      .regex(
        /^\d{1,3}(\.\d{1,4})?$/,
        'must be a percentage in quotes, such as "0.5", of 4 decimals',
      )
      .optional()
      .describe('Of the left amount. With minor_units too, the larger of both is allowed.'),
  })
  .refine((t) => t.minor_units !== undefined || t.percent !== undefined, {
    message: 'needs minor_units, percent, or both',
  });

const matchPassSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'must be kebab-case'),
  on: z
    .array(text)
    .min(1)
    .describe('Columns equal on both sides, and SQL conditions over left and right.'),
  within: z
    .strictObject({
      left: identifier.describe('Date column of the left side.'),
      right: identifier.describe('Date column of the right side.'),
      before: z.int().min(0).max(400).default(0).describe('Days the right may lie before it.'),
      after: z.int().min(0).max(400).default(0).describe('Days the right may lie after it.'),
    })
    .optional(),
  many: z.enum(['left', 'right']).optional().describe('Several of that side belong to one.'),
  whole: z
    .boolean()
    .default(false)
    .describe('The many must add up to the one exactly, or none of them is matched.'),
});

const tieOutSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'must be kebab-case'),
  left: populationRefSchema,
  right: populationRefSchema,
  key: z.array(identifier).min(1),
  cardinality: z.enum(cardinalities),
  match: z
    .strictObject({ passes: z.array(matchPassSchema).min(1) })
    .optional()
    .describe('Where no id is shared: how items find each other. key then names each by itself.'),
  amount: z
    .strictObject({
      column: identifier,
      currency: identifier,
      tolerance: toleranceSchema.optional(),
    })
    .optional(),
  timing: z
    .strictObject({
      side: z.enum(['left', 'right', 'both']),
      from: identifier.describe('Date column that starts the grace.'),
      grace: z.string().regex(/^\d+ business days?$/, 'must look like "3 business days"'),
    })
    .optional(),
  findings: z.array(findingSchema).min(1),
  explain: z.record(z.string(), text).default({}),
});

const assertionSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'must be kebab-case'),
  item: populationRefSchema,
  key: z.array(identifier).min(1),
  amount: z.strictObject({ column: identifier, currency: identifier }).optional(),
  findings: z.array(findingSchema).min(1),
  explain: z.record(z.string(), text).default({}),
});

export const controlSchema = z.strictObject({
  id: z.string().regex(/^[A-Z]{2,5}-\d{2,3}$/, 'must look like BK-01'),
  title: text,
  process: z.string().regex(/^[a-z0-9-]+$/, 'must be kebab-case'),
  objective: text,
  risk: text,
  assertions: z.array(z.enum(assertionNames)).min(1),
  key_control: z.boolean(),
  frequency: z.enum(frequencies),
  period: z
    .enum(calendarFrequencies)
    .optional()
    .describe(
      'What a run covers, where it is longer than the frequency: then also while it lasts.',
    ),
  owner: text,
  reviewer: text,
  parameters: z
    .record(identifier, z.union([z.string(), z.int(), z.boolean()]))
    .default({})
    .describe("The control's own bound parameters and their values. Decimals are quoted."),
  procedures: z.array(z.union([tieOutSchema, assertionSchema])).min(1),
  runbook: text,
});

export type Control = z.infer<typeof controlSchema>;

/** How often a control runs, and what one run of it covers. */
export type Rhythm = Pick<Control, 'frequency' | 'period'>;

/** The length of the period that a run covers. */
export const periodLength = ({ frequency, period }: Rhythm): Frequency => period ?? frequency;

/** Whether it runs while its period lasts: the period is longer than the frequency. */
export const looksEarly = (rhythm: Rhythm): boolean =>
  rhythm.frequency !== 'on_event' &&
  frequencies.indexOf(periodLength(rhythm)) > frequencies.indexOf(rhythm.frequency);

/** 'monthly', or 'daily, over monthly periods'. */
export function describeRhythm(rhythm: Rhythm): string {
  const { frequency, period } = rhythm;
  return period === undefined ? frequency : `${frequency}, over ${period} periods`;
}
export type TieOut = z.infer<typeof tieOutSchema>;
export type Assertion = z.infer<typeof assertionSchema>;
export type Procedure = TieOut | Assertion;
export type Finding = z.infer<typeof findingSchema>;
export type MatchPass = z.infer<typeof matchPassSchema>;
export type Tolerance = z.infer<typeof toleranceSchema>;
export type PopulationRef = z.infer<typeof populationRefSchema>;
export type Side = 'left' | 'right' | 'item';

export const isTieOut = (procedure: Procedure): procedure is TieOut => 'left' in procedure;

/** The populations of a procedure, by the name its expressions use for them. */
export function sidesOf(procedure: Procedure): { side: Side; ref: PopulationRef }[] {
  return isTieOut(procedure)
    ? [
        { side: 'left', ref: procedure.left },
        { side: 'right', ref: procedure.right },
      ]
    : [{ side: 'item', ref: procedure.item }];
}

/** `BK-01` → `BK01`, the prefix of its finding codes. */
export const codePrefix = (controlId: string): string => controlId.replace('-', '');

/** The keyword of a finding, or null when its `when` is an SQL expression. */
export function keywordOf(finding: Finding): FindingKeyword | null {
  return findingKeywords.find((keyword) => keyword === finding.when) ?? null;
}
