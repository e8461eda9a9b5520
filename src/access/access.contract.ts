import { z } from 'zod';
import { isDate } from '../core/calendar';
import { actions, roles } from '../core/permissions';
import { exportFormat } from '../platform/export/send-export';
import { dateText, instant } from '../platform/http/fields';

/** What the API says of people and sessions, and what it takes. */

const entityId = z.string().regex(/^[a-z0-9-]{1,100}$/, 'must be an id of an entity');
const day = z.string().refine(isDate, 'must be a date written "YYYY-MM-DD"');
const line = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  .regex(/^\P{Cc}*$/u, 'must be one line of text');

export const signIn = z
  .strictObject({ link: z.string().min(1).max(200).describe('What follows #link= in the link.') })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof signIn>;

export const waysIn = z
  .object({
    links: z.boolean().describe('By a one-time link.'),
    oidc: z
      .object({
        name: z.string().describe('For the button.'),
        url: z.string().describe('Where the button leads; ?return_to= takes a path of the page.'),
      })
      .nullable(),
  })
  .meta({ id: 'WaysIn' });
export type WaysIn = z.infer<typeof waysIn>;

export const oidcStart = z.strictObject({
  return_to: z.string().max(1000).default('/').describe('A path of the page, such as /runs.'),
});
export type OidcStart = z.infer<typeof oidcStart>;

/** Providers add what they like; all of it is read again, and checked, where it is used. */
export const oidcAnswer = z.looseObject({
  code: z.string().max(4000).optional(),
  state: z.string().max(200).optional(),
  error: z.string().max(200).optional(),
});

export const signedOut = z
  .object({
    end_session_url: z
      .string()
      .nullable()
      .describe('Where the page goes on to, to end the session at the identity provider too.'),
  })
  .meta({ id: 'SignedOut' });
export type SignedOut = z.infer<typeof signedOut>;

const reachPart = z.object({
  entity: z.string().nullable().describe('null: every entity.'),
  from: dateText.nullable(),
  to: dateText.nullable().describe('Periods that lie in [from, to); null: no limit.'),
});

const heldRole = z.object({
  role: z.enum(roles),
  entity: z.string().nullable().describe('null: every entity.'),
  window: z.object({ start: dateText, end: dateText }).nullable(),
});

export const me = z
  .object({
    kind: z.enum(['person', 'machine', 'open']),
    name: z.string().describe('For people to read.'),
    actor: z.string().describe('As records carry it.'),
    person_id: z.guid().nullable(),
    email: z.string().nullable(),
    roles: z.array(heldRole),
    permissions: z
      .array(z.object({ action: z.enum(actions), reach: z.array(reachPart) }))
      .describe('Every action that is allowed, and how far; what is absent is refused.'),
    entities: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          currency: z.string(),
          time_zone: z.string(),
        }),
      )
      .describe('Those whose runs the caller may read.'),
    csrf_token: z.string().nullable().describe('To be sent as X-CSRF-Token with every write.'),
    session: z.object({ started_at: instant, ends_at: instant, idle_minutes: z.int() }).nullable(),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

export const personParams = z.strictObject({ id: z.guid() });
export type PersonParams = z.infer<typeof personParams>;

export const newPerson = z
  .strictObject({
    email: z.email().max(254).toLowerCase(),
    name: line.max(200),
  })
  .meta({ id: 'NewPerson' });
export type NewPerson = z.infer<typeof newPerson>;

export const newGrant = z
  .strictObject({
    role: z.enum(roles),
    entity: entityId.nullable().default(null).describe('null: every entity.'),
    window_start: day.optional().describe('For an auditor: the first day they may look at.'),
    window_end: day.optional().describe('For an auditor: the first day they may not.'),
    expires_at: instant.optional().describe('For an auditor it must be given.'),
    reason: line,
  })
  .meta({ id: 'NewGrant' });
export type NewGrantBody = z.infer<typeof newGrant>;

export const grantParams = z.strictObject({ id: z.guid(), grant: z.guid() });
export type GrantParams = z.infer<typeof grantParams>;

export const because = z.strictObject({ reason: line }).meta({ id: 'Because' });
export type Because = z.infer<typeof because>;

export const person = z
  .object({
    person_id: z.guid(),
    email: z.string(),
    name: z.string(),
    created_at: instant,
    disabled_at: instant.nullable(),
    last_seen_at: instant.nullable(),
    grants: z.array(
      heldRole.extend({
        grant_id: z.guid(),
        origin: z.enum(['local', 'oidc']),
        granted_at: instant,
        granted_by: z.string(),
        expires_at: instant.nullable(),
        revoked_at: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof person>;

export const peopleList = z.object({ people: z.array(person) }).meta({ id: 'PeopleList' });
export type PeopleList = z.infer<typeof peopleList>;

export const peopleExportQuery = z.strictObject({ ...exportFormat });
export type PeopleExportQuery = z.infer<typeof peopleExportQuery>;

export const peopleNames = z
  .object({
    people: z.array(z.object({ person_id: z.guid(), name: z.string(), email: z.string() })),
  })
  .meta({ id: 'PeopleNames', description: 'Those to whom work can be given, by name.' });
export type PeopleNames = z.infer<typeof peopleNames>;
