import type { Knex } from 'knex';
import { periodContaining, periodOf, addDays, type Period } from '../core/calendar';
import { periodLength, type Control } from '../core/control';
import { addAmounts, compareAmounts, normalizeAmount, sumAmounts } from '../core/money';
import type { Reach } from '../core/permissions';
import type { Materiality } from '../core/severity';
import { blockersOf, type BlockingSeverity } from '../core/signoff';
import { instantSql } from '../platform/http/fields';
import { reachParameter, reachSql } from '../platform/http/reach-sql';
import type { Close, ClosePeriod, PeriodsList, SignoffHistory } from './signoff.contract';

const withinRuns = reachSql({
  entity: 'r.entity_id',
  start: 'r.period_start',
  end: 'r.period_end',
});

/** Latest run, sign-off and unsettled exceptions of a control and period. */
interface ScopeRow {
  control_id: string;
  period_key: string;
  start: string;
  end: string;
  run_id: string;
  outcome: ClosePeriod['outcome'] & string;
  outcome_reason: string | null;
  is_whole: boolean;
  recorded_at: string;
  unsettled: ClosePeriod['unsettled'];
  state: ClosePeriod['state'];
  signed_run: string | null;
  prepared: ClosePeriod['prepared'];
  reviewed: ClosePeriod['reviewed'];
  reopened_reason: string | null;
}

const signature = (step: string): string => `(select json_build_object('person_id', g.person_id,
    'name', p.name, 'at', ${instantSql('g.at')})
  from tieout.signoffs g join tieout.people p using (person_id)
  where g.control_id = r.control_id and g.entity_id = r.entity_id
    and g.period_key = r.period_key and g.step = '${step}' and s.step <> 'reopened'
    and (g.step = 'prepared' or s.step = 'reviewed')
  order by g.signoff_no desc limit 1)`;

const scopesSql = `select r.control_id, r.period_key, r.period_start as start,
    r.period_end as "end",
    r.run_id, r.outcome, r.outcome_reason, r.as_of >= r.period_end - 1 as is_whole,
    ${instantSql('r.recorded_at')} as recorded_at,
    json_build_object('low', coalesce(u.low, 0), 'medium', coalesce(u.medium, 0),
      'high', coalesce(u.high, 0), 'critical', coalesce(u.critical, 0)) as unsettled,
    coalesce(s.step, 'unsigned') as state,
    case when s.step in ('prepared', 'reviewed') then s.run_id end as signed_run,
    ${signature('prepared')} as prepared, ${signature('reviewed')} as reviewed,
    case when s.step = 'reopened' then s.reason end as reopened_reason
  from (select distinct on (control_id, entity_id, period_key) *
    from tieout.runs where entity_id = :entity
      and period_end > cast(:start as date) and period_end <= cast(:end as date)
    order by control_id, entity_id, period_key, seq desc) r
  left join tieout.signoff_states s using (control_id, entity_id, period_key)
  left join (select control_id, entity_id, period_key,
      count(*) filter (where severity = 'low') as low,
      count(*) filter (where severity = 'medium') as medium,
      count(*) filter (where severity = 'high') as high,
      count(*) filter (where severity = 'critical') as critical
    from tieout.exceptions
    where state in ('open', 'acknowledged', 'proposed') and entity_id = :entity
    group by control_id, entity_id, period_key) u using (control_id, entity_id, period_key)
  where ${withinRuns}`;

interface ToleratedRow {
  currency: string;
  within_tolerance: string;
  risk_accepted: string;
  explained: string;
  reconciling_items: string;
}

/** What each tolerance let pass in the latest runs, and what people closed though it is there. */
const toleratedSql = `with latest as (
    select distinct on (control_id, entity_id, period_key) *
    from tieout.runs where entity_id = :entity
      and period_end > cast(:start as date) and period_end <= cast(:end as date)
    order by control_id, entity_id, period_key, seq desc
  ), parts as (
    select l.currency, 'within_tolerance' as kind,
      -- Runs recorded before it was kept have no more than what remained of it.
      sum(coalesce(l.tolerated, abs(l.left_amount - l.right_amount))) as amount
    from latest r join tieout.statement_lines l using (run_id)
    where l.category = 'tolerance' and ${withinRuns} group by l.currency
    union all
    select r.currency, case r.disposition when 'false_positive' then 'explained'
      else r.disposition end, sum(r.impact)
    from tieout.exceptions r
    where r.entity_id = :entity and r.state = 'closed' and r.disposition <> 'corrected'
      and r.period_end > cast(:start as date) and r.period_end <= cast(:end as date)
      and r.currency is not null and ${withinRuns}
    group by 1, 2
  )
  select currency, coalesce(sum(amount) filter (where kind = 'within_tolerance'), 0)
      as within_tolerance,
    coalesce(sum(amount) filter (where kind = 'risk_accepted'), 0) as risk_accepted,
    coalesce(sum(amount) filter (where kind = 'explained'), 0) as explained,
    coalesce(sum(amount) filter (where kind = 'reconciling_item'), 0) as reconciling_items
  from parts where length(currency) = 3 group by currency order by currency`;

export interface CloseSetting {
  controls: readonly Control[];
  materiality: (entity: string) => Materiality;
  blockFrom: BlockingSeverity;
}

/** Reads periods and their sign-off for screens; writes nothing. */
export class SignoffQueries {
  constructor(
    private readonly app: Knex,
    private readonly setting: CloseSetting,
  ) {}

  /** Months of an entity in which something was run, newest first. */
  async periods(entity: string, reach: Reach): Promise<PeriodsList> {
    const { rows } = await this.app.raw<{ rows: (Omit<ScopeRow, 'unsettled'> & ScopeRow)[] }>(
      scopesSql,
      { entity, start: '1970-01-01', end: '9999-12-31', reach: reachParameter(reach) },
    );
    const months = new Map<string, PeriodsList['periods'][number]>();
    for (const row of rows) {
      const { key, start, end } = periodContaining('monthly', addDays(row.end, -1));
      const none = { runs: 0, without_verdict: 0, unsettled: 0, prepared: 0, reviewed: 0 };
      const month = months.get(key) ?? { key, start, end, ...none, reopened: 0 };
      month.runs += 1;
      if (row.outcome !== 'passed' && row.outcome !== 'exceptions') month.without_verdict += 1;
      month.unsettled += countOf(row.unsettled);
      if (row.state !== 'unsigned') month[row.state] += 1;
      months.set(key, month);
    }
    return { entity, periods: [...months.values()].sort((a, b) => (a.key < b.key ? 1 : -1)) };
  }

  /** One month of an entity, control by control; what should have run and did not is in it. */
  async close(entity: string, month: string, reach: Reach): Promise<Close> {
    const period = periodOf('monthly', month);
    const days = { entity, start: period.start, end: period.end, reach: reachParameter(reach) };
    const { rows } = await this.app.raw<{ rows: ScopeRow[] }>(scopesSql, days);
    const tolerated = await this.app.raw<{ rows: ToleratedRow[] }>(toleratedSql, days);
    const controls = this.setting.controls.map((control) => ({
      control_id: control.id,
      title: control.title,
      process: control.process,
      key_control: control.key_control,
      frequency: control.frequency,
      owner: control.owner,
      reviewer: control.reviewer,
      periods: this.periodsOf(control, period, rows),
    }));
    return {
      entity,
      period,
      counts: countsOf(controls.flatMap(({ periods }) => periods)),
      tolerated: tolerated.rows.map((row) => this.toleratedOf(entity, row)),
      controls,
    };
  }

  async history(
    scope: { control: string; entity: string; period: string },
    reach: Reach,
  ): Promise<SignoffHistory> {
    const { rows } = await this.app.raw<{ rows: SignoffHistory['events'] }>(
      `select g.step, g.run_id, case when p.person_id is null then null
           else json_build_object('person_id', p.person_id, 'name', p.name) end as person,
         ${instantSql('g.at')} as at, g.reason
       from tieout.signoffs g join tieout.runs r using (run_id)
       left join tieout.people p using (person_id)
       where g.control_id = :control and g.entity_id = :entity and g.period_key = :period
         and ${withinRuns} order by g.signoff_no desc limit 200`,
      { ...scope, reach: reachParameter(reach) },
    );
    return { events: rows };
  }

  private periodsOf(control: Control, month: Period, rows: readonly ScopeRow[]): ClosePeriod[] {
    const run = rows.filter(({ control_id: id }) => id === control.id);
    const known = new Map(run.map((row) => [row.period_key, this.shown(row)]));
    for (const period of expectedPeriods(control, month))
      if (!known.has(period.key)) known.set(period.key, notRun(control.id, period));
    return [...known.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  private shown({ outcome_reason: reason, is_whole: isWhole, ...row }: ScopeRow): ClosePeriod {
    const latest = { run: row.run_id, outcome: row.outcome, reason, isWhole };
    const facts = { state: row.state, preparedBy: null, signedRun: row.signed_run, latest };
    const { unsettled } = row;
    return { ...row, blockers: blockersOf({ ...facts, unsettled }, this.setting.blockFrom) };
  }

  private toleratedOf(entity: string, row: ToleratedRow): Close['tolerated'][number] {
    const { currency } = row;
    const parts = [row.within_tolerance, row.risk_accepted, row.explained, row.reconciling_items];
    const total = sumAmounts(parts);
    const materiality = this.setting.materiality(entity)[currency]?.high ?? null;
    return {
      currency,
      within_tolerance: normalizeAmount(row.within_tolerance),
      risk_accepted: normalizeAmount(row.risk_accepted),
      explained: normalizeAmount(row.explained),
      reconciling_items: normalizeAmount(row.reconciling_items),
      total: addAmounts(total, '0'),
      materiality,
      exceeds: materiality === null ? null : compareAmounts(total, materiality) >= 0,
    };
  }
}

/** Every period of a control that ends within a month; of what runs on an event, none. */
function expectedPeriods(control: Control, month: Period): Period[] {
  const frequency = periodLength(control);
  if (frequency === 'on_event') return [];
  const periods: Period[] = [];
  for (
    let period = periodContaining(frequency, month.start);
    period.end <= month.end;
    period = periodContaining(frequency, period.end)
  )
    if (period.end > month.start) periods.push(period);
  return periods;
}

const notRun = (control: string, { key, start, end }: Period): ClosePeriod => ({
  control_id: control,
  period_key: key,
  start,
  end,
  run_id: null,
  outcome: null,
  recorded_at: null,
  unsettled: { low: 0, medium: 0, high: 0, critical: 0 },
  state: 'unsigned',
  signed_run: null,
  prepared: null,
  reviewed: null,
  reopened_reason: null,
  blockers: ['It has not been run.'],
});

const countOf = (unsettled: ClosePeriod['unsettled']): number =>
  Object.values(unsettled).reduce((sum, count) => sum + count, 0);

function countsOf(periods: readonly ClosePeriod[]): Close['counts'] {
  const count = (is: (period: ClosePeriod) => boolean): number => periods.filter(is).length;
  const hasVerdict = ({ outcome }: ClosePeriod): boolean =>
    outcome === 'passed' || outcome === 'exceptions';
  return {
    expected: periods.length,
    with_verdict: count(hasVerdict),
    without_verdict: count((one) => one.run_id !== null && !hasVerdict(one)),
    not_run: count(({ run_id: run }) => run === null),
    unsettled: periods.reduce((sum, { unsettled }) => sum + countOf(unsettled), 0),
    prepared: count(({ state }) => state === 'prepared'),
    reviewed: count(({ state }) => state === 'reviewed'),
  };
}
