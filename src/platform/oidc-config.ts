import { z } from 'zod';
import { isDate } from '../core/calendar';
import { conflictOf, roles } from '../core/permissions';
import { isSafeUrl } from './http/loopback';

const day = z.string().refine(isDate, 'must be a date written "YYYY-MM-DD"');
const safeUrl = z
  .url()
  .refine(isSafeUrl, 'must be an https address, or http of this machine alone');
/** A claim by its name, or by the names that lead to it: [realm_access, roles]. */
const claim = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const ruleSchema = z.strictObject({
  group: z.string().min(1).describe('A value of the claim, exactly as the provider writes it.'),
  claim: claim.optional().describe('Where it stands; groups_claim when absent.'),
  role: z.enum(roles),
  entity: z.string().min(1).optional().describe('Absent: for every entity.'),
  window: z
    .strictObject({ start: day, end: day })
    .optional()
    .describe('For an auditor: the periods that lie in [start, end).'),
  until: day.optional().describe('For an auditor: the day on which access ends.'),
});

/** How people sign in through an OpenID Connect provider, and what their groups give them. */
export const oidcSchema = z.strictObject({
  issuer: safeUrl.describe('As its own discovery document names it.'),
  name: z.string().min(1).max(60).default('your company account').describe('On the button.'),
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional().describe('Absent: a public client, by PKCE alone.'),
  client_auth: z.enum(['basic', 'post']).default('basic'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope, without spaces'))
    .default(['openid', 'email', 'profile'])
    .refine((scopes) => scopes.includes('openid'), 'must contain openid'),
  groups_claim: claim.default('groups'),
  acr: z
    .array(z.string().min(1))
    .default([])
    .describe('How people must have proven who they are: one of these values of the claim acr.'),
  max_age_minutes: z
    .int()
    .positive()
    .optional()
    .describe('Longest time since they proved it; absent: as long as the provider lets them.'),
  roles: z.array(ruleSchema).min(1),
});
export type OidcConfig = z.infer<typeof oidcSchema>;

interface Place {
  oidc: OidcConfig;
  publicUrl: string | undefined;
  entities: ReadonlySet<string>;
}

/** What one field alone cannot tell. `add` is given paths below access.oidc. */
export function checkOidc(
  { oidc, publicUrl, entities }: Place,
  add: (at: (string | number)[], message: string) => void,
): void {
  if (publicUrl === undefined)
    add([], 'needs server.public_url, to which the provider leads people back');
  else if (!isSafeUrl(publicUrl))
    add([], 'needs an https server.public_url (http only of this machine)');
  oidc.roles.forEach(({ role, entity, window, until, group }, index) => {
    const at = (field: string): (string | number)[] => ['roles', index, field];
    if (entity !== undefined && !entities.has(entity))
      add(at('entity'), `names '${entity}', absent from entities`);
    for (const [field, given] of Object.entries({ window, until }))
      if ((role === 'auditor') !== (given !== undefined))
        add(at(field), role === 'auditor' ? 'is missing; an audit ends' : 'is an auditor’s alone');
    if (window !== undefined && window.end <= window.start)
      add([...at('window'), 'end'], 'is not after start');
    const same = oidc.roles.slice(0, index).filter((other) => other.group === group);
    const conflict = conflictOf(
      same.map((other) => other.role),
      role,
    );
    if (conflict !== null)
      add(at('role'), `cannot be held together with ${conflict}, which '${group}' gives as well`);
  });
}
