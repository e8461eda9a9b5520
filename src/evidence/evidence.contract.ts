import { z } from 'zod';
import { countText, sha256Text } from '../platform/http/fields';

/** What the API says of evidence. */

export const evidenceParams = z.strictObject({ id: z.guid() });
export type EvidenceParams = z.infer<typeof evidenceParams>;

export const evidenceFileParams = z.strictObject({
  id: z.guid(),
  path: z
    .array(z.string())
    .min(1)
    .max(50)
    .describe('Path in the list of evidence, with its slashes.'),
});
export type EvidenceFileParams = z.infer<typeof evidenceFileParams>;

export const evidenceList = z
  .object({
    run_id: z.guid(),
    files: z.array(z.object({ path: z.string(), sha256: sha256Text, bytes: countText })),
  })
  .meta({ id: 'EvidenceList', description: 'The files that prove a run, by path.' });
export type EvidenceList = z.infer<typeof evidenceList>;
