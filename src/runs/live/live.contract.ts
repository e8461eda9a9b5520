import { z } from 'zod';
import { countText, instant } from '../../platform/http/fields';

/** What the API says of work that goes on. */

export const liveQuery = z.strictObject({
  once: z
    .stringbool()
    .default(false)
    .describe('true: what there is now, and the end; for programs that ask again.'),
});
export type LiveQuery = z.infer<typeof liveQuery>;

export const workUnderWay = z
  .object({
    work_id: z.guid().describe('Of a run: the id that the run is recorded under.'),
    kind: z.enum(['run', 'sync', 'replay']),
    name: z.string().describe('The control that runs or is replayed, or the source that is read.'),
    entity_id: z.string().nullable(),
    period_key: z.string().nullable(),
    step: z.string().describe('claim, gate, freeze, evaluate, record; of a sync, what is read.'),
    items: countText.describe('Items frozen, or rows read, so far.'),
    share: z.number().nullable().describe('Of a sync or a replay, from 0 to 1.'),
    outcome: z
      .string()
      .nullable()
      .describe(
        'null: under way. Of a run its outcome, or not_recorded; of others read, replayed, failed.',
      ),
    started_at: instant,
    changed_at: instant,
    change_no: countText,
  })
  .meta({ id: 'WorkUnderWay', description: 'The data of each event named progress.' });
export type WorkUnderWay = z.infer<typeof workUnderWay>;
