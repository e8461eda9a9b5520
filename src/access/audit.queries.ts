import type { Knex } from 'knex';
import type { Reach } from '../core/permissions';
import { instantSql } from '../platform/http/fields';
import { cutPage, decodeCursor } from '../platform/http/page';
import { reachParameter } from '../platform/http/reach-sql';
import type { AuditEvent, AuditPage, AuditQuery } from './audit.contract';

/**
 * What belongs to a period is seen with the period; what belongs to none, by when it happened. A
 * change that concerns no entity is for those who see them all.
 */
const within = `(cast(:reach as jsonb) is null or exists (
  select from jsonb_to_recordset(cast(:reach as jsonb))
    as part (entity text, "from" date, "to" date)
  where (part.entity is null or part.entity = a.entity_id)
    and (part."from" is null or case when a.period_key is null
      then a.at >= part."from" and a.at < part."to"
      else tieout.period_start(a.period_key) >= part."from"
        and tieout.period_end(a.period_key) <= part."to" end)))`;

/** Reads the audit trail; writes nothing. */
export class AuditQueries {
  constructor(private readonly app: Knex) {}

  /** Newest first. Throws InvalidInput when the cursor is not one of this list. */
  async events(query: AuditQuery, reach: Reach): Promise<AuditPage> {
    const from = query.cursor === undefined ? null : decodeCursor(query.cursor);
    const { rows } = await this.app.raw<{ rows: AuditEvent[] }>(
      `select a.event_id, a.event_no, ${instantSql('a.at')} as at, a.actor,
         case when p.person_id is null then null
           else json_build_object('person_id', p.person_id, 'name', p.name) end as person,
         a.via, a.action, a.subject_kind, a.subject_id, a.control_id, a.entity_id, a.period_key,
         a.reason, a.facts, l.leaf_no, l.leaf_sha256
       from tieout.audit_events a join tieout.evidence_leaves l using (event_id)
       left join tieout.people p on p.person_id = a.actor_person
       where ${within}
         and (cast(:control as text) is null or a.control_id = :control)
         and (cast(:entity as text) is null or a.entity_id = :entity)
         and (cast(:period as text) is null or a.period_key = :period)
         and (cast(:action as text) is null or a.action = :action
           or starts_with(a.action, :action || '.'))
         and (cast(:actor as text) is null or a.actor = :actor)
         and (cast(:subject as text) is null or a.subject_id = :subject)
         and (cast(:start as date) is null or a.at >= cast(:start as date))
         and (cast(:end as date) is null or a.at < cast(:end as date))
         and (cast(:at as timestamptz) is null or (a.at <= cast(:at as timestamptz)
           and (a.at < cast(:at as timestamptz) or a.event_id > cast(:id as uuid))))
       order by a.at desc, a.event_id limit cast(:limit as integer)`,
      {
        reach: reachParameter(reach),
        control: query.control ?? null,
        entity: query.entity ?? null,
        period: query.period ?? null,
        action: query.action ?? null,
        actor: query.actor ?? null,
        subject: query.subject ?? null,
        start: query.from ?? null,
        end: query.to ?? null,
        at: from?.at ?? null,
        id: from?.id ?? null,
        limit: query.limit + 1,
      },
    );
    return cutPage(
      rows,
      query.limit,
      (row) => ({ at: row.at, id: row.event_id }),
      (row) => row,
    );
  }
}
