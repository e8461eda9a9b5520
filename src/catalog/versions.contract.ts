import { z } from 'zod';
import { instant, sha256Text } from '../platform/http/fields';
import { controlParams } from './catalog.contract';

/** What the API says of versions of controls. */

export const versionParams = controlParams.extend({
  version: z.string().regex(/^[0-9a-f]{64}$/, 'must be a version of the control'),
});
export type VersionParams = z.infer<typeof versionParams>;

export const differenceQuery = z.strictObject({
  against: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be a version of the control')
    .optional()
    .describe('Another version; when absent, the one registered before it.'),
});
export type DifferenceQuery = z.infer<typeof differenceQuery>;

const somebody = z.object({ person_id: z.guid(), name: z.string() });

export const controlVersion = z
  .object({
    control_id: z.string(),
    version: sha256Text,
    title: z.string(),
    state: z
      .enum(['initial', 'registered', 'submitted', 'approved'])
      .describe('Scheduled runs use what is initial or approved; others run on request.'),
    current: z.boolean().describe('It is what the server runs now.'),
    registered_at: instant,
    submitted_by: somebody.nullable(),
    submitted_at: instant.nullable(),
    approved_by: somebody.nullable(),
    approved_at: instant.nullable(),
    approved_on_replay: z
      .guid()
      .nullable()
      .describe('The latest replay there was when it was approved; null: there was none.'),
  })
  .meta({ id: 'ControlVersion' });
export type ControlVersion = z.infer<typeof controlVersion>;

export const controlVersions = z
  .object({ versions: z.array(controlVersion).describe('Newest first.') })
  .meta({ id: 'ControlVersions' });
export type ControlVersions = z.infer<typeof controlVersions>;

export const versionDifference = z
  .object({
    from: sha256Text.nullable(),
    to: sha256Text,
    files: z
      .array(
        z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
      )
      .describe('Those that differ, whole; null where a version has no such file.'),
  })
  .meta({ id: 'VersionDifference' });
export type VersionDifference = z.infer<typeof versionDifference>;
