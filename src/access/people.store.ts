import type { Knex } from 'knex';
import type { Grant, Role } from '../core/permissions';

/** SQL of the grants that somebody holds at an instant, as a JSON array of Grant. */
export const grantsSql = (person: string, at: string): string => `coalesce((
  select json_agg(json_build_object('role', g.role, 'entity', g.entity_id,
    'window', case when g.window_start is null then null
      else json_build_object('start', g.window_start, 'end', g.window_end) end)
    order by g.granted_at, g.grant_id)
  from tieout.role_grants g where g.person_id = ${person} and g.revoked_at is null
    and (g.expires_at is null or g.expires_at > cast(${at} as timestamptz))), '[]'::json)`;

export interface NewGrant {
  id: string;
  personId: string;
  role: Role;
  entity: string | null;
  window: { start: string; end: string } | null;
  expiresAt: string | null;
  origin: 'local' | 'oidc';
  at: string;
  grantedBy: string | null;
  event: string;
}

export interface KnownPerson {
  id: string;
  email: string;
  name: string;
  disabled: boolean;
  /** The identity provider knows them. */
  hasIdentity: boolean;
  grants: (Grant & { id: string; origin: 'local' | 'oidc' })[];
}

/** Keeps tieout.people and tieout.role_grants true; the caller owns the transaction. */
export class PeopleStore {
  async insert(
    trx: Knex.Transaction,
    person: { id: string; email: string; name: string; at: string },
  ): Promise<void> {
    await trx.raw(
      `insert into tieout.people (person_id, email, name, created_at)
       values (:id, :email, :name, :at)`,
      person,
    );
  }

  /** Locked, so that two changes of one person take turns. */
  async find(
    trx: Knex.Transaction,
    by: { id: string } | { email: string } | { issuer: string; subject: string },
    now: string,
  ): Promise<KnownPerson | undefined> {
    const where =
      'id' in by
        ? 'p.person_id = :id'
        : 'email' in by
          ? 'p.email = lower(:email)'
          : 'p.issuer = :issuer and p.subject = :subject';
    const { rows } = await trx.raw<{ rows: KnownPerson[] }>(
      `select p.person_id as id, p.email, p.name, p.disabled_at is not null as disabled,
         p.subject is not null as "hasIdentity",
         coalesce((select json_agg(json_build_object('id', g.grant_id, 'role', g.role,
             'entity', g.entity_id, 'origin', g.origin,
             'window', case when g.window_start is null then null
               else json_build_object('start', g.window_start, 'end', g.window_end) end))
           from tieout.role_grants g where g.person_id = p.person_id and g.revoked_at is null
             and (g.expires_at is null or g.expires_at > cast(:now as timestamptz))),
           '[]'::json) as grants
       from tieout.people p where ${where} for update of p`,
      { ...by, now },
    );
    return rows[0];
  }

  async grant(trx: Knex.Transaction, grant: NewGrant): Promise<void> {
    await trx.raw(
      `insert into tieout.role_grants (grant_id, person_id, role, entity_id, window_start,
         window_end, expires_at, origin, granted_at, granted_by, granted_event)
       values (:id, :personId, :role, :entity, :start, :end, :expiresAt, :origin, :at,
         :grantedBy, :event)`,
      { ...grant, start: grant.window?.start ?? null, end: grant.window?.end ?? null },
    );
  }

  /** False when it does not exist, is another's, or has ended. */
  async revoke(
    trx: Knex.Transaction,
    grant: { id: string; personId: string; at: string; event: string },
  ): Promise<boolean> {
    const { rowCount } = await trx.raw<{ rowCount: number }>(
      `update tieout.role_grants set revoked_at = :at, revoked_event = :event
       where grant_id = :id and person_id = :personId and revoked_at is null`,
      grant,
    );
    return rowCount === 1;
  }

  /** From now on they are known by these, whatever becomes of their address. */
  async setIdentity(
    trx: Knex.Transaction,
    person: { id: string; issuer: string; subject: string },
  ): Promise<void> {
    await trx.raw(
      `update tieout.people set issuer = :issuer, subject = :subject
       where person_id = :id and subject is null`,
      person,
    );
  }

  async setDisabled(trx: Knex.Transaction, id: string, at: string | null): Promise<void> {
    await trx.raw('update tieout.people set disabled_at = :at where person_id = :id', { id, at });
  }
}
