import { z } from 'zod';
import { instant } from '../platform/http/fields';
import { longestTokenDays } from './create-token';
import { tokenScopes } from './tokens.store';

/** What the API says of the tokens of whoever asks, and what it takes. */

export const tokenParams = z.strictObject({ id: z.guid() });
export type TokenParams = z.infer<typeof tokenParams>;

export const newOwnToken = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}*$/u, 'must be one line of text')
      .describe('What it is for.'),
    scope: z.enum(tokenScopes).default('read').describe('`write` may also read.'),
    entity: z
      .string()
      .regex(/^[a-z0-9-]{1,100}$/, 'must be an id of an entity')
      .nullable()
      .default(null)
      .describe('The one entity it is held to; null: all that I may see.'),
    expires_in_days: z.int().min(1).max(longestTokenDays).default(90),
  })
  .meta({ id: 'NewOwnToken' });
export type NewOwnToken = z.infer<typeof newOwnToken>;

export const ownToken = z
  .object({
    token_id: z.guid(),
    name: z.string(),
    scope: z.enum(tokenScopes),
    entity: z.string().nullable(),
    created_at: instant,
    expires_at: instant,
    last_used_at: instant.nullable(),
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'OwnToken' });
export type OwnToken = z.infer<typeof ownToken>;

export const ownTokensList = z.object({ tokens: z.array(ownToken) }).meta({ id: 'OwnTokensList' });
export type OwnTokensList = z.infer<typeof ownTokensList>;

export const ownTokenMade = z
  .object({ token: z.string().describe('Not shown again: only its hash is kept.'), row: ownToken })
  .meta({ id: 'OwnTokenMade' });
export type OwnTokenMade = z.infer<typeof ownTokenMade>;
