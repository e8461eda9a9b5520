import { z } from 'zod';
import { amountText, countText, currencyText, instant } from '../platform/http/fields';

/** What the API says of sources: what was read of each, and how far it is proven. */

const proofs = ['agrees', 'differs', 'unavailable'] as const;

const total = z.object({ currency: currencyText, rows: countText, amount: amountText });

const idComparison = z
  .object({
    compared_at: instant,
    given: countText.describe('Ids that are there.'),
    gone: countText.describe('Held, and there no more: never seen deleted.'),
    missed: countText.describe('There, and never read until then, behind a closed window.'),
    stale: countText.describe('Held in another version, or as deleted.'),
  })
  .meta({ id: 'IdComparison' });

export const sourceStream = z
  .object({
    source: z.enum(['stripe', 'salesforce', 'warehouse']),
    name: z.string().describe('As in tieout.yaml.'),
    account: z.string().describe('What the source calls itself: an account or org id.'),
    object: z.string(),
    rows: countText.describe('In the last read of each window.'),
    windows: countText,
    closed: countText,
    pages: countText.describe('Requests for records that the last read of each window took.'),
    by_reads_alone: countText.describe(
      'Closed windows whose source could not be asked for a total of its own.',
    ),
    closed_through: instant
      .nullable()
      .describe('Everything before it is proven; null when the first window is open.'),
    last_read_at: instant,
    open_because: z.string().nullable().describe('Why the first open window is open.'),
    totals: z.array(total).describe('Of the closed windows.'),
    last_comparison: idComparison
      .nullable()
      .describe('Of all ids there with all held; Salesforce only. What is there was read again.'),
  })
  .meta({ id: 'SourceStream' });
export type SourceStream = z.infer<typeof sourceStream>;

/** The last full content that a file or a warehouse query landed in a table. */
export const landing = z
  .object({
    table: z.string().describe('In schema books.'),
    source: z.string(),
    object: z.string().describe('The dataset of a file; the table of a warehouse query.'),
    rows: countText,
    totals: z.array(total),
    control_total: z.enum(['agrees', 'absent']),
    extracted_at: instant.nullable().describe('As the source says; null when it does not.'),
    landed_at: instant,
    file_sha256: z.string().describe('Of the content that was landed.'),
  })
  .meta({ id: 'Landing' });
export type Landing = z.infer<typeof landing>;

/** An object of a source that could not be mapped; what needs it gives no verdict. */
export const mappingProblem = z
  .object({
    source: z.string(),
    account: z.string(),
    object: z.string(),
    object_id: z.string(),
    field: z.string(),
    code: z.string(),
    message: z.string(),
    tables: z.array(z.string()).describe('Of the books, that are not whole because of it.'),
  })
  .meta({ id: 'MappingProblem' });
export type MappingProblem = z.infer<typeof mappingProblem>;

/** What the last sync of a source could not read; its windows stay as they were, or open. */
export const unread = z
  .object({
    source: z.enum(['stripe', 'salesforce', 'warehouse']),
    name: z.string().describe('As in tieout.yaml.'),
    object: z.string().nullable().describe('Null where it was the source as a whole.'),
    message: z.string(),
    windows: countText.nullable().describe('How many; null where it was all of them.'),
    from_at: instant.nullable(),
    to_at: instant.nullable().describe('Exclusive.'),
    told_at: instant.describe('When the sync was over.'),
  })
  .meta({ id: 'Unread' });
export type UnreadPart = z.infer<typeof unread>;

export const sourcesOverview = z
  .object({
    unread: z.array(unread).describe('By the last sync of each source. The first 500.'),
    unread_total: countText,
    streams: z.array(sourceStream),
    landings: z.array(landing),
    problems: z.array(mappingProblem).describe('The first 500.'),
    problems_total: countText,
  })
  .meta({ id: 'SourcesOverview' });
export type SourcesOverview = z.infer<typeof sourcesOverview>;

const name = z.string().min(1).max(200);

export const windowsQuery = z.strictObject({
  source: z.enum(['stripe', 'salesforce', 'warehouse']),
  name: name.describe('As in tieout.yaml.'),
  object: name,
});
export type WindowsQuery = z.infer<typeof windowsQuery>;

/** A window as its last read left it. */
export const sourceWindow = z
  .object({
    from_at: instant,
    to_at: instant.describe('Exclusive.'),
    state: z.enum(['open', 'closed']),
    state_reason: z.string().nullable(),
    reads: countText,
    rows: countText,
    pages: countText,
    id_set_sha256: z.string().describe('Of the sorted ids, a line feed after each.'),
    totals: z.array(total),
    source_total: z.enum(proofs).describe('What the source says, asked in another way.'),
    source_totals: z.array(total).nullable(),
    source_total_query: z.string().nullable(),
    source_total_reason: z.string().nullable(),
    query_text: z.string().nullable().describe('Verbatim.'),
    api_version: z.string().nullable(),
    started_at: instant,
    finished_at: instant,
    closed_at: instant.nullable(),
  })
  .meta({ id: 'SourceWindow' });
export type SourceWindow = z.infer<typeof sourceWindow>;

export const sourceWindows = z
  .object({ windows: z.array(sourceWindow).describe('Newest first; the latest 1,000.') })
  .meta({ id: 'SourceWindows' });
export type SourceWindows = z.infer<typeof sourceWindows>;
