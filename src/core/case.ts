import { z } from 'zod';
import { isDate } from './calendar';
import { outcomes, severities } from './outcome';

/** The shape of `cases/*.yaml` (DESIGN §4). Editors read it as `controls/case.schema.json`. */

const text = z.string().trim().min(1);
const name = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'must be a lower-case column name');
const date = z
  .string()
  .refine(isDate, 'must be a date written "YYYY-MM-DD"')
  .describe('YYYY-MM-DD');
const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'must be a decimal in quotes, such as "1234.56"')
  .describe('Major units, in quotes: a YAML number would pass through binary floating point.');

const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a three-letter currency code');

/** A value of a given row. Numbers are quoted, so that no amount is ever read as a double. */
const cell = z.union([z.string(), z.boolean(), z.null()]);

const expectedFindingSchema = z.strictObject({
  code: z.string().regex(/^[A-Z]{2,5}\d{2,3}-[A-Z0-9_]+$/, 'must look like BK01-NO_ORDER'),
  key: z
    .record(name, cell)
    .describe('Every key column of the procedure with its value, in quotes.'),
  currency: currency.optional(),
  left_amount: decimal.nullable().optional(),
  right_amount: decimal.nullable().optional(),
  difference: decimal.nullable().optional(),
  impact: decimal.nullable().optional(),
  severity: z.enum(severities).optional(),
  explanation: text.optional(),
});

const between = decimal.default('0').describe('What this category adds on the way to the right.');

/** left + tolerance + timing + reconciling + exception = right; what is not named is zero. */
const statementSchema = z.strictObject({
  left: decimal.describe('Total of the left population, or of the only one.'),
  right: decimal.default('0').describe('Total of the right population.'),
  tolerance: between,
  timing: between,
  reconciling: between,
  exception: between,
});

const isVerdict = (outcome: (typeof outcomes)[number]): boolean =>
  outcome === 'passed' || outcome === 'exceptions';

export const caseSchema = z.strictObject({
  name: text.describe('A sentence: what happened, and what the control says about it.'),
  entity: z.string().regex(/^[a-z0-9-]+$/, 'must be kebab-case'),
  period: text.describe('Key of a period that the control covers: 2026-06, 2026-W27.'),
  as_of: date,
  parameters: z
    .record(name, z.union([z.string(), z.int(), z.boolean()]))
    .optional()
    .describe('Values that replace those of control.yaml in this case.'),
  given: z
    .record(
      z
        .string()
        .regex(
          /^(books|files)\.[a-z_][a-z0-9_]*$/,
          'must look like books.orders or files.payments',
        ),
      z.array(z.record(name, cell)),
    )
    .describe('Rows by table. A table that a population reads and that is not listed is empty.'),
  expect: z
    .strictObject({
      outcome: z.enum(outcomes),
      reason: text
        .optional()
        .describe('Words of why there is no verdict; of not_evaluated and errored alone.'),
      findings: z.array(expectedFindingSchema).describe('All of them: one more or less fails.'),
      statement: z
        .record(z.string(), z.record(currency, statementSchema))
        .optional()
        .describe('By procedure, then by currency: the totals and what lies between them.'),
    })
    .refine(({ outcome, reason }) => reason === undefined || !isVerdict(outcome), {
      path: ['reason'],
      message: 'belongs to not_evaluated and errored: a verdict has none',
    }),
});

export type ControlCase = z.infer<typeof caseSchema>;
export type ExpectedStatement = z.infer<typeof statementSchema>;
export type ExpectedFinding = z.infer<typeof expectedFindingSchema>;
/** A value of a given row: text (numbers and dates too), truth, or absent. */
export type CaseCell = z.infer<typeof cell>;
