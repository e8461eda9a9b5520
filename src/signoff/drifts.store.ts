import type { Knex } from 'knex';
import type { SignoffScope } from './signoff.store';

/** A finding that says when an item changed, by the column of the item that holds the instant. */
export interface DriftCode {
  control: string;
  code: string;
  column: string;
}

/** A signature over a run that was recorded before an item changed. */
export interface DriftedSignature extends SignoffScope {
  run: string;
  /** SHA-256 of the populations that the run judged. */
  files: string[];
  drifts: Drift[];
}

export interface Drift {
  exception: string;
  control: string;
  sourceRef: string;
  explanation: string;
}

/** Reads which signatures an item that changed may concern; its evidence says whether it does. */
export class DriftsStore {
  constructor(private readonly app: Knex) {}

  /** Each exception ends a signature once: who signed again afterwards knew of it. */
  async signatures(codes: readonly DriftCode[]): Promise<DriftedSignature[]> {
    if (codes.length === 0) return [];
    const { rows } = await this.app.raw<{ rows: DriftedSignature[] }>(
      `with codes as (
         select * from jsonb_to_recordset(cast(:codes as jsonb))
           as c (control text, code text, "column" text)
       ), drifts as (
         select e.exception_id, e.control_id, e.entity_id, e.explanation,
           item ->> 'source_ref' as source_ref, cast(item ->> c."column" as timestamptz) as at
         from tieout.exceptions e
         join codes c on c.control = e.control_id and c.code = e.code
         cross join lateral (
           select v.left_items from tieout.exception_events v
           where v.exception_id = e.exception_id and v.left_items is not null
           order by v.event_id desc limit 1) v
         cross join lateral jsonb_array_elements(v.left_items) as item
         where e.state <> 'cleared'
       )
       select s.control_id as control, s.entity_id as entity, s.period_key as period,
         s.run_id as run,
         array(select distinct p.file_sha256 from tieout.run_populations p
           where p.run_id = s.run_id) as files,
         json_agg(json_build_object('exception', d.exception_id, 'control', d.control_id,
           'sourceRef', d.source_ref, 'explanation', d.explanation)
           order by d.at, d.exception_id) as drifts
       from tieout.signoff_states s
       join tieout.runs r on r.run_id = s.run_id
       join drifts d on d.entity_id = s.entity_id and d.at > r.recorded_at
       where s.step in ('prepared', 'reviewed') and not exists (
         select from tieout.audit_events a
         where a.action = 'signoff.reopened' and a.control_id = s.control_id
           and a.entity_id = s.entity_id and a.period_key = s.period_key
           and a.facts -> 'drifts' @> to_jsonb(cast(d.exception_id as text)))
       group by s.control_id, s.entity_id, s.period_key, s.run_id
       order by s.control_id, s.entity_id, s.period_key`,
      { codes: JSON.stringify(codes) },
    );
    return rows;
  }
}
