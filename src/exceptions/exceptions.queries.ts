import type { Knex } from 'knex';
import type { Caller } from '../access/caller';
import { moves, movesFrom, type ExceptionState, type Move } from '../core/exception';
import { normalizeAmount } from '../core/money';
import { covers, reachOf, type Reach } from '../core/permissions';
import type { EntityDays } from '../platform/entity-days';
import { instantSql } from '../platform/http/fields';
import { reachParameter, reachSql } from '../platform/http/reach-sql';
import { addDated, olderThan, overdueBy } from './dated-conditions';
import { decodePlace, encodePlace, sorts } from './exception-sorts';
import type {
  Exception,
  ExceptionDetail,
  ExceptionEvent,
  ExceptionsPage,
  ExceptionsQuery,
} from './exceptions.contract';

const mostEvents = 500;
const mostRecurrences = 24;

const within = reachSql({
  entity: 'e.entity_id',
  start: 'e.period_start',
  end: 'e.period_end',
});

const person = (column: string, table: string): string =>
  `case when ${column} is null then null
     else json_build_object('person_id', ${column}, 'name', ${table}.name) end`;

const exceptionColumns = `e.exception_id, e.control_id, e.entity_id, e.period_key, e.procedure,
  e.code, e.key, e.currency, e.state, e.severity, e.left_amount, e.right_amount, e.difference,
  e.impact, e.explanation, e.first_seen_run, ${instantSql('e.first_seen_at')} as first_seen_at,
  e.last_seen_run, ${instantSql('e.last_seen_at')} as last_seen_at,
  e.cleared_run, ${instantSql('e.cleared_at')} as cleared_at, e.reopened, e.due_on,
  e.escalations, e.disposition, e.root_cause, e.accepted_until, e.reconciling_item, e.last_event,
  ${instantSql('e.closed_at')} as closed_at,
  ${person('e.assignee', 'assignees')} as assignee,
  ${person('e.proposed_by', 'proposers')} as proposed_by,
  ${person('e.closed_by', 'closers')} as closed_by`;

const withPeople = `left join tieout.people assignees on assignees.person_id = e.assignee
  left join tieout.people proposers on proposers.person_id = e.proposed_by
  left join tieout.people closers on closers.person_id = e.closed_by`;

/** A row as Postgres gives it; days of business are counted afterwards. */
type Row = Omit<Exception, 'age_days' | 'overdue'> & { closed_at: string | null };

/** Reads exceptions for lists and screens; writes nothing. */
export class ExceptionsQueries {
  constructor(
    private readonly app: Knex,
    private readonly days: EntityDays,
  ) {}

  /**
   * A page of the list. Newest first, pages neither repeat nor skip, since that order never
   * changes; by impact, severity or due date they are those of the moment. Throws InvalidInput when
   * the cursor is not one of this list.
   */
  async exceptions(
    query: ExceptionsQuery,
    reach: Reach,
    me: string | null,
  ): Promise<ExceptionsPage> {
    const sort = sorts[query.sort];
    const from = query.cursor === undefined ? null : decodePlace(query.cursor, query.sort);
    const { conditions, values } = this.conditions(query, me);
    if (from !== null) conditions.push(`(${sort.after})`);
    const { rows } = await this.app.raw<{ rows: (Row & { place: string })[] }>(
      // The page is cut before names are looked up: a join must not cost the order its index.
      `with page as materialized (
         select e.*, ${sort.place} as place from tieout.exceptions e
         where ${[within, ...conditions].join('\n and ')}
         order by ${sort.order} limit cast(:limit as integer))
       select ${exceptionColumns}, e.place from page e ${withPeople} order by ${sort.order}`,
      { ...values, ...(from ?? {}), reach: reachParameter(reach), limit: query.limit + 1 },
    );
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((row) => this.shown(row)),
      next_cursor: last ? encodePlace(query.sort, last.place, last.exception_id) : null,
    };
  }

  /** With its history, or null when there is none of this id within reach. */
  async exception(id: string, reach: Reach, caller: Caller): Promise<ExceptionDetail | null> {
    const { rows } = await this.app.raw<{
      rows: (Row & { events_total: string; period_start: string; period_end: string })[];
    }>(
      `select ${exceptionColumns}, e.period_start, e.period_end,
         (select count(*) from tieout.exception_events v
           where v.exception_id = e.exception_id) as events_total
       from tieout.exceptions e ${withPeople} where e.exception_id = :id and ${within}`,
      { id, reach: reachParameter(reach) },
    );
    const [found] = rows;
    if (found === undefined) return null;
    const { period_start: start, period_end: end, events_total, ...row } = found;
    const place = { entity: row.entity_id, period: { start, end } };
    return {
      ...this.shown(row),
      ...(await this.itemsOf(id)),
      moves: movesOf(caller, row.state, row.proposed_by?.person_id ?? null, place),
      recurrence: await this.recurrence(id, reach),
      events: await this.events(id),
      events_total,
    };
  }

  /** A file kept with an exception; null when there is none of this hash within reach. */
  async attachment(
    id: string,
    sha256: string,
    reach: Reach,
  ): Promise<{ name: string; sha256: string; bytes: string } | null> {
    const { rows } = await this.app.raw<{
      rows: { name: string; sha256: string; bytes: string }[];
    }>(
      `select v.details ->> 'name' as name, v.details ->> 'sha256' as sha256,
         v.details ->> 'bytes' as bytes
       from tieout.exception_events v join tieout.exceptions e using (exception_id)
       where v.exception_id = :id and v.kind = 'attached' and v.details ->> 'sha256' = :sha256
         and ${within} order by v.event_id limit 1`,
      { id, sha256, reach: reachParameter(reach) },
    );
    return rows[0] ?? null;
  }

  /** One condition for each filter that was given: an absent one costs the planner nothing. */
  private conditions(
    query: ExceptionsQuery,
    me: string | null,
  ): { conditions: string[]; values: Record<string, string | null> } {
    const conditions: string[] = [];
    const values: Record<string, string | null> = {};
    const add = (name: string, value: string | null | undefined, condition: string): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values[name] = value;
    };
    const anyOf = (column: string, name: string): string =>
      `${column} = any (string_to_array(:${name}, ','))`;
    add('control', query.control, 'e.control_id = :control');
    add('entity', query.entity, 'e.entity_id = :entity');
    add('period', query.period, 'e.period_key = :period');
    add('code', query.code, 'e.code = :code');
    add('disposition', query.disposition, 'e.disposition = :disposition');
    add('state', query.state?.join(','), anyOf('e.state', 'state'));
    add('severity', query.severity?.join(','), anyOf('e.severity', 'severity'));
    if (query.assignee === 'nobody') conditions.push('e.assignee is null');
    else
      add(
        'assignee',
        query.assignee === 'me' ? me : query.assignee,
        'e.assignee = cast(:assignee as uuid)',
      );
    add(
      'run',
      query.run,
      // Its scope first: without it, every exception there is would be asked.
      `(e.control_id, e.entity_id, e.period_key) = (
         select r.control_id, r.entity_id, r.period_key from tieout.runs r
         where r.run_id = cast(:run as uuid))
       and exists (select from tieout.exception_events v
         where v.exception_id = e.exception_id and v.run_id = cast(:run as uuid))`,
    );
    add(
      'text',
      query.text === undefined ? undefined : `%${query.text.replace(/[\\%_]/g, '\\$&')}%`,
      'e.search_text like lower(:text)',
    );
    const { overdue, min_age: age } = query;
    const dated = overdue === undefined && age === undefined ? null : this.days.cutoffs(age ?? 0);
    if (dated !== null && overdue !== undefined) addDated(overdueBy(dated), { conditions, values });
    if (dated !== null && age !== undefined) addDated(olderThan(dated), { conditions, values });
    return { conditions, values };
  }

  private shown(found: Row & { place?: string }): Exception {
    const { closed_at: closedAt, ...row } = found;
    delete row.place;
    const unsettled = row.state !== 'closed' && row.state !== 'cleared';
    const today = this.days.today(row.entity_id);
    const end = unsettled ? null : (row.cleared_at ?? closedAt);
    return {
      ...withPlainAmounts(row),
      age_days: this.days.ageDays(row.entity_id, row.first_seen_at, end),
      overdue: unsettled && row.due_on !== null && row.due_on < today,
    };
  }

  /** The items as they were last kept: an event without them found the same ones. */
  private async itemsOf(id: string): Promise<Pick<ExceptionDetail, 'left_items' | 'right_items'>> {
    const { rows } = await this.app.raw<{
      rows: Pick<ExceptionDetail, 'left_items' | 'right_items'>[];
    }>(
      `select left_items, right_items from tieout.exception_events
       where exception_id = :id and (left_items is not null or right_items is not null)
       order by event_id desc limit 1`,
      { id },
    );
    return rows[0] ?? { left_items: null, right_items: null };
  }

  private async recurrence(id: string, reach: Reach): Promise<ExceptionDetail['recurrence']> {
    const { rows } = await this.app.raw<{ rows: ExceptionDetail['recurrence'] }>(
      `select e.exception_id, e.period_key, e.state, e.impact
       from tieout.exceptions o join tieout.exceptions e
         on e.control_id = o.control_id and e.entity_id = o.entity_id
         and e.procedure = o.procedure and e.code = o.code and e.key = o.key
         and e.currency is not distinct from o.currency and e.exception_id <> o.exception_id
       where o.exception_id = :id and ${within}
       order by e.period_start desc, e.exception_id limit ${mostRecurrences}`,
      { id, reach: reachParameter(reach) },
    );
    return rows.map((row) => ({ ...row, impact: plain(row.impact) }));
  }

  private async events(exceptionId: string): Promise<ExceptionEvent[]> {
    const { rows } = await this.app.raw<{ rows: ExceptionEvent[] }>(
      `select v.event_id, v.run_id, v.kind, ${instantSql('v.at')} as at, v.from_state, v.to_state,
         ${person('v.person_id', 'p')} as person, v.actor, v.reason, v.details, v.clean_days,
         v.severity, v.left_amount, v.right_amount, v.difference, v.impact, v.explanation,
         v.left_items, v.right_items, v.left_count, v.right_count
       from tieout.exception_events v left join tieout.people p using (person_id)
       where v.exception_id = :exceptionId
       order by v.event_id desc limit :mostEvents`,
      { exceptionId, mostEvents },
    );
    return rows.map(withPlainAmounts);
  }
}

/** What the caller may do with an exception now: the legal moves that a role of theirs allows. */
function movesOf(
  { actor, holder }: Caller,
  state: ExceptionState,
  proposedBy: string | null,
  place: { entity: string; period: { start: string; end: string } },
): Move[] {
  if (actor.personId === null) return [];
  return movesFrom({ state, proposedBy }, actor.personId)
    .filter((move) => move !== 'reconcile')
    .filter((move) => covers(reachOf(holder, moves[move].action), place));
}

type Amounts = Pick<Exception, 'left_amount' | 'right_amount' | 'difference' | 'impact'>;

const plain = (amount: string | null): string | null =>
  amount === null ? null : normalizeAmount(amount);

/** Postgres writes every digit of numeric(38,6); the API's one written form has no idle zeros. */
function withPlainAmounts<R extends Amounts>(row: R): R {
  return {
    ...row,
    left_amount: plain(row.left_amount),
    right_amount: plain(row.right_amount),
    difference: plain(row.difference),
    impact: plain(row.impact),
  };
}
