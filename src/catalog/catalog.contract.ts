import { z } from 'zod';
import { controlSchema } from '../core/control';
import { sha256Text } from '../platform/http/fields';

/** What the API says of controls. */

export const controlParams = z.strictObject({
  id: z.string().regex(/^[A-Z]{2,5}-\d{2,3}$/, 'must look like BK-01'),
});
export type ControlParams = z.infer<typeof controlParams>;

const problem = z
  .object({
    file: z.string().optional(),
    line: z.int().optional(),
    field: z.string().optional(),
    message: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'LocatedProblem', description: 'Something wrong in a file, and the way out.' });

export const controlSummary = z
  .object({
    ...controlSchema.pick({
      id: true,
      title: true,
      process: true,
      objective: true,
      assertions: true,
      key_control: true,
      frequency: true,
      owner: true,
      reviewer: true,
    }).shape,
    version: sha256Text.describe('Of all that its verdict depends on.'),
    folder: z.string(),
  })
  .meta({ id: 'ControlSummary' });
export type ControlSummary = z.infer<typeof controlSummary>;

export const controlList = z
  .object({
    controls: z.array(controlSummary).describe('Those without a problem, by id.'),
    problems: z.array(problem).describe('Everything wrong in the folder of controls.'),
  })
  .meta({ id: 'ControlList' });
export type ControlList = z.infer<typeof controlList>;

export const controlDetail = z
  .object({
    version: sha256Text,
    folder: z.string(),
    definition: controlSchema.describe('control.yaml, with defaults filled in.'),
    populations: z.array(
      z.object({
        name: z.string(),
        file: z.string(),
        source: z.enum(['books', 'files']),
        relations: z.array(z.string()),
        parameters: z.array(z.string()),
        columns: z.array(z.string()),
        sql: z.string().describe('Byte for byte as in the file.'),
      }),
    ),
    files: z.array(z.object({ path: z.string(), sha256: sha256Text })),
    cases: z.array(z.string()),
  })
  .meta({ id: 'ControlDetail' });
export type ControlDetail = z.infer<typeof controlDetail>;
