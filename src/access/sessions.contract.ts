import { z } from 'zod';
import { instant } from '../platform/http/fields';

/** What the API says of sessions that live: not ended, not idle for too long. */

export const sessionParams = z.strictObject({ id: z.guid() });
export type SessionParams = z.infer<typeof sessionParams>;

export const liveSession = z
  .object({
    session_id: z.guid(),
    via: z.enum(['link', 'oidc']),
    device: z.string().nullable().describe('What the browser calls itself.'),
    started_at: instant,
    last_seen_at: instant.describe('Exact to a minute.'),
    ends_at: instant.describe('At the latest.'),
    is_current: z.boolean().describe('It is the one that asks.'),
  })
  .meta({ id: 'LiveSession' });
export type ListedSession = z.infer<typeof liveSession>;

export const sessionsList = z
  .object({ sessions: z.array(liveSession).describe('Seen last first.') })
  .meta({ id: 'SessionsList' });
export type SessionsList = z.infer<typeof sessionsList>;
