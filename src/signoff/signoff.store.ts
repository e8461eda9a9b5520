import type { Knex } from 'knex';
import type { RunFacts, SignoffFacts } from '../core/signoff';

export interface SignoffScope {
  control: string;
  entity: string;
  period: string;
}

export interface NewSignoff extends SignoffScope {
  step: 'prepared' | 'reviewed' | 'reopened';
  run: string;
  personId: string | null;
  at: string;
  reason: string | null;
  event: string;
}

/** Keeps tieout.signoffs true; the caller owns the transaction. */
export class SignoffStore {
  /** Two steps of one scope take turns; the database takes the same lock. */
  async lock(trx: Knex.Transaction, { control, entity, period }: SignoffScope): Promise<void> {
    const scope = `tieout signoff ${control}/${entity}/${period}`;
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(:scope, 0))', { scope });
  }

  async facts(trx: Knex.Transaction, scope: SignoffScope): Promise<SignoffFacts> {
    const { rows } = await trx.raw<{ rows: SignoffFacts[] }>(
      `select coalesce(s.step, 'unsigned') as state, p.person_id as "preparedBy",
         s.run_id as "signedRun",
         case when r.run_id is null then null else json_build_object('run', r.run_id,
           'outcome', r.outcome, 'reason', r.outcome_reason,
           'isWhole', r.as_of >= r.period_end - 1) end as latest,
         u.unsettled
       from (select json_build_object(
           'low', count(*) filter (where severity = 'low'),
           'medium', count(*) filter (where severity = 'medium'),
           'high', count(*) filter (where severity = 'high'),
           'critical', count(*) filter (where severity = 'critical')) as unsettled
         from tieout.exceptions where control_id = :control and entity_id = :entity
           and period_key = :period and state in ('open', 'acknowledged', 'proposed')) u
       left join tieout.signoff_states s on s.control_id = :control
         and s.entity_id = :entity and s.period_key = :period
       left join lateral (select person_id from tieout.signoffs
         where control_id = :control and entity_id = :entity and period_key = :period
           and step = 'prepared' order by signoff_no desc limit 1) p on true
       left join lateral (select run_id, outcome, outcome_reason, as_of, period_end
         from tieout.runs
         where control_id = :control and entity_id = :entity and period_key = :period
         order by seq desc limit 1) r on true`,
      { ...scope },
    );
    const [facts] = rows;
    if (facts === undefined) throw new Error('the facts of a sign-off have no row');
    return facts;
  }

  async insert(trx: Knex.Transaction, signoff: NewSignoff): Promise<void> {
    await trx.raw(
      `insert into tieout.signoffs (control_id, entity_id, period_key, step, run_id, person_id, at,
         reason, audit_event)
       values (:control, :entity, :period, :step, :run, :personId, :at, :reason, :event)`,
      { ...signoff },
    );
  }

  async runFacts(trx: Knex.Transaction, run: string): Promise<RunFacts> {
    const { rows } = await trx.raw<{ rows: RunFacts[] }>(
      `select r.outcome, r.outcome_reason as reason, r.findings_sha256 as "findingsSha256",
         coalesce((select json_agg(json_build_object('procedure', p.procedure, 'side', p.side,
             'label', p.label, 'items', cast(p.items as text), 'sha256', p.file_sha256,
             'totals', coalesce((select string_agg(
                 trim_scale(t.amount) || ' ' || t.currency, ', ' order by t.currency)
               from tieout.run_totals t where t.run_id = p.run_id and t.procedure = p.procedure
                 and t.side = p.side), 'nothing')) order by p.procedure, p.side)
           from tieout.run_populations p where p.run_id = r.run_id),
           cast('[]' as json)) as populations
       from tieout.runs r where r.run_id = :run`,
      { run },
    );
    const [facts] = rows;
    if (facts === undefined) throw new Error(`there is no run ${run}`);
    return facts;
  }
}
