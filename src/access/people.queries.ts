import type { Knex } from 'knex';
import { instantSql } from '../platform/http/fields';
import type { PeopleNames, Person } from './access.contract';

/** Reads people for lists; writes nothing. */
export class PeopleQueries {
  constructor(private readonly app: Knex) {}

  /** By name, with every role they ever held. */
  async people(): Promise<Person[]> {
    const { rows } = await this.app.raw<{ rows: Person[] }>(
      `select p.person_id, p.email, p.name, ${instantSql('p.created_at')} as created_at,
         ${instantSql('p.disabled_at')} as disabled_at,
         (select ${instantSql('max(s.last_seen_at)')} from tieout.sessions s
           where s.person_id = p.person_id) as last_seen_at,
         coalesce((select json_agg(json_build_object('grant_id', g.grant_id, 'role', g.role,
             'entity', g.entity_id, 'origin', g.origin,
             'window', case when g.window_start is null then null
               else json_build_object('start', g.window_start, 'end', g.window_end) end,
             'granted_at', ${instantSql('g.granted_at')}, 'granted_by', a.actor,
             'expires_at', ${instantSql('g.expires_at')},
             'revoked_at', ${instantSql('g.revoked_at')}) order by g.granted_at, g.grant_id)
           from tieout.role_grants g join tieout.audit_events a on a.event_id = g.granted_event
           where g.person_id = p.person_id), cast('[]' as json)) as grants
       from tieout.people p order by p.name, p.person_id`,
    );
    return rows;
  }

  async names(): Promise<PeopleNames['people']> {
    const { rows } = await this.app.raw<{ rows: PeopleNames['people'] }>(
      `select person_id, name, email from tieout.people where disabled_at is null
       order by name, person_id`,
    );
    return rows;
  }
}
