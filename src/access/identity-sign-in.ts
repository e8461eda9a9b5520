import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { planRoles, rolesOfGroups, type GroupRule, type WantedRole } from '../core/group-roles';
import type { Clock } from '../platform/clock';
import type { OidcConfig } from '../platform/oidc-config';
import { recordChange, type Actor } from './audit-trail';
import type { Identity } from './identity-provider';
import { PeopleStore, type KnownPerson } from './people.store';
import type { Browser, SignIn, StartedSession } from './sign-in';
import { SignInRefused, type SignInRefusal } from './sign-in-flow';

type ClaimPath = OidcConfig['groups_claim'];

/**
 * Makes of somebody whom the provider knows a person with the roles of their groups, and signs them
 * in. They are known by issuer and subject; by their address only the first time, and only if the
 * provider has verified it. Roles given by hand stay. Throws SignInRefused.
 */
export class IdentitySignIn {
  private readonly people = new PeopleStore();

  constructor(
    private readonly parts: { app: Knex; clock: Clock; signing: SignIn },
    private readonly oidc: Pick<OidcConfig, 'roles' | 'groups_claim'>,
  ) {}

  async signIn(identity: Identity, from: Browser = {}): Promise<StartedSession> {
    const at = this.parts.clock.now();
    const wanted = this.wantedBy(identity, at);
    // A refusal comes after the transaction: roles of groups that were left are taken all the same.
    const outcome = await this.parts.app.transaction(
      async (trx): Promise<StartedSession | SignInRefusal> => {
        const person = await this.personOf(trx, identity, wanted, at);
        if (typeof person === 'string') return person;
        const refusal = await this.alignRoles(trx, person, wanted, { issuer: identity.issuer, at });
        if (refusal !== null) return refusal;
        const { id: personId, email } = person;
        return this.parts.signing.start(trx, { personId, email, via: 'oidc', at, ...from });
      },
    );
    if (typeof outcome === 'string') throw new SignInRefused(outcome);
    return outcome;
  }

  private wantedBy({ claims }: Identity, at: string): WantedRole[] {
    const { roles, groups_claim: usual } = this.oidc;
    // Azure AD leaves the list out when it is long, and says where to ask; silence is no answer.
    const elsewhere = valueAt(claims, ['_claim_names', ...pathOf(usual)]);
    if (elsewhere !== undefined) throw new SignInRefused('failed');
    const claimOf = new Map(roles.map((rule) => [ruleOf(rule), rule.claim ?? usual]));
    const rules = [...claimOf.keys()];
    const isMember = (rule: GroupRule): boolean =>
      valuesAt(claims, claimOf.get(rule) ?? usual).includes(rule.group);
    return rolesOfGroups(rules, isMember, at);
  }

  private async personOf(
    trx: Knex.Transaction,
    { issuer, subject, email, emailVerified, name }: Identity,
    wanted: readonly WantedRole[],
    at: string,
  ): Promise<KnownPerson | SignInRefusal> {
    const known = await this.people.find(trx, { issuer, subject }, at);
    if (known !== undefined) return known.disabled ? 'not_known' : known;
    if (email === null || !emailVerified) return 'not_known';
    const met = await this.people.find(trx, { email }, at);
    if (met !== undefined && (met.disabled || met.hasIdentity)) return 'not_known';
    if (met === undefined && wanted.length === 0) return 'no_role';
    const id = met?.id ?? randomUUID();
    const actor = providerActor(issuer);
    if (met === undefined) {
      await this.people.insert(trx, { id, email, name: (name ?? email).slice(0, 200), at });
      const facts = { email, name: name ?? email };
      const subjectOf = { kind: 'person', id };
      await recordChange(trx, { at, actor, action: 'people.added', subject: subjectOf, facts });
    }
    await this.people.setIdentity(trx, { id, issuer, subject });
    const change = { at, actor, action: 'people.identified', subject: { kind: 'person', id } };
    await recordChange(trx, { ...change, facts: { issuer, subject } });
    return (
      met ?? { id, email, name: name ?? email, disabled: false, hasIdentity: true, grants: [] }
    );
  }

  private async alignRoles(
    trx: Knex.Transaction,
    person: KnownPerson,
    wanted: readonly WantedRole[],
    { issuer, at }: { issuer: string; at: string },
  ): Promise<SignInRefusal | null> {
    const plan = planRoles(person.grants, wanted);
    const actor = providerActor(issuer);
    const subject = { kind: 'person', id: person.id };
    for (const { id, role, entity } of plan.take) {
      const facts = { email: person.email, role };
      const reason = 'No group gives this role any more.';
      const change = { at, actor, action: 'people.role_taken', subject, entity, reason, facts };
      const event = await recordChange(trx, change);
      await this.people.revoke(trx, { id, personId: person.id, at, event });
    }
    for (const { role, entity, window, expiresAt, group } of plan.give) {
      const facts = { email: person.email, role, window, expires_at: expiresAt };
      const reason = `Member of ${group}.`;
      const change = { at, actor, action: 'people.role_given', subject, entity, reason, facts };
      const event = await recordChange(trx, change);
      const grant = { id: randomUUID(), personId: person.id, role, entity, window, expiresAt };
      await this.people.grant(trx, { ...grant, origin: 'oidc', at, grantedBy: null, event });
    }
    if (plan.conflict !== null) return 'roles_conflict';
    return plan.held === 0 ? 'no_role' : null;
  }
}

const providerActor = (issuer: string): Actor => ({
  name: `oidc:${new URL(issuer).host}`,
  personId: null,
  via: 'system',
});

const ruleOf = ({
  group,
  role,
  entity,
  window,
  until,
}: OidcConfig['roles'][number]): GroupRule => ({
  group,
  role,
  entity: entity ?? null,
  window: window ?? null,
  expiresAt: until === undefined ? null : `${until}T00:00:00.000Z`,
});

const pathOf = (claim: ClaimPath): string[] => (typeof claim === 'string' ? [claim] : claim);

function valueAt(claims: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => new Map<string, unknown>(Object.entries(value ?? {})).get(name),
    claims,
  );
}

/** A claim holds one text or a list of them; anything else is no group. */
function valuesAt(claims: unknown, claim: ClaimPath): string[] {
  const value = valueAt(claims, pathOf(claim));
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}
