import type { Knex } from 'knex';
import type { Json } from '../core/canonical-json';
import type { ExceptionState } from '../core/exception';
import type { Severity } from '../core/outcome';

/** What a move may change of an exception. Dates and amounts as Postgres writes them. */
export interface Workable {
  state: ExceptionState;
  assignee: string | null;
  escalations: number;
  disposition: string | null;
  root_cause: string | null;
  accepted_until: string | null;
  accepted_impact: string | null;
  proposed_by: string | null;
  proposed_at: string | null;
  closed_by: string | null;
  closed_at: string | null;
  reconciling_item: string | null;
  due_on: string | null;
}

/** An exception as a move finds it, locked until the transaction ends. */
export interface LockedException extends Workable {
  id: string;
  control: string;
  entity: string;
  period: string;
  period_start: string;
  period_end: string;
  severity: Severity;
  impact: string | null;
  last_event: string | null;
}

export interface NewEvent {
  exceptionId: string;
  kind: string;
  at: string;
  from: ExceptionState;
  to: ExceptionState;
  personId: string | null;
  actor: string;
  reason: string | null;
  details: Record<string, Json> | null;
  auditEvent: string;
}

const columns = `exception_id as id, control_id as control, entity_id as entity,
  period_key as period, period_start, period_end, severity, impact, due_on, last_event,
  state, assignee, escalations, disposition, root_cause, accepted_until, accepted_impact,
  proposed_by, proposed_at, closed_by, closed_at, reconciling_item`;

/** Reads exceptions for a move, and writes it; the caller owns the transaction. */
export class MovesStore {
  /** In the order of their ids, so that two moves of several never wait for each other. */
  async lock(trx: Knex.Transaction, ids: readonly string[]): Promise<LockedException[]> {
    const { rows } = await trx.raw<{ rows: LockedException[] }>(
      `select ${columns} from tieout.exceptions
       where exception_id = any (cast(:ids as uuid[])) order by exception_id for update`,
      { ids: [...ids] },
    );
    return rows;
  }

  /** Everything an approved reconciling item explains and nobody has settled yet. */
  async lockExplained(trx: Knex.Transaction, itemId: string): Promise<LockedException[]> {
    const { rows } = await trx.raw<{ rows: LockedException[] }>(
      `select ${columns} from tieout.exceptions e
       where e.state in ('open', 'acknowledged', 'proposed') and exists (
         select from tieout.reconciling_items i
         where i.item_id = :itemId and i.control_id = e.control_id and i.entity_id = e.entity_id
           and i.procedure = e.procedure and i.code = e.code and i.key = e.key
           and i.currency is not distinct from e.currency
           and coalesce(e.impact, 0) <= coalesce(i.amount, 0))
       order by e.exception_id for update`,
      { itemId },
    );
    return rows;
  }

  /** Those of an entity past due whose next escalation has come; `second` is of the later one. */
  async lockOverdue(
    trx: Knex.Transaction,
    entity: string,
    today: string,
    { second, limit }: { second: string; limit: number },
  ): Promise<LockedException[]> {
    const { rows } = await trx.raw<{ rows: LockedException[] }>(
      `select ${columns} from tieout.exceptions
       where state in ('open', 'acknowledged', 'proposed') and entity_id = :entity
         and ((escalations = 0 and due_on < cast(:today as date))
           or (escalations = 1 and due_on < cast(:second as date)))
       order by exception_id limit :limit for update skip locked`,
      { entity, today, second, limit },
    );
    return rows;
  }

  /** Risks of an entity that were accepted until a day before today, and are closed for it. */
  async lockLapsed(
    trx: Knex.Transaction,
    entity: string,
    today: string,
    limit: number,
  ): Promise<LockedException[]> {
    const { rows } = await trx.raw<{ rows: LockedException[] }>(
      `select ${columns} from tieout.exceptions
       where state = 'closed' and disposition = 'risk_accepted' and entity_id = :entity
         and accepted_until < cast(:today as date)
       order by exception_id limit :limit for update skip locked`,
      { entity, today, limit },
    );
    return rows;
  }

  /** The id of each event by exception. */
  async insertEvents(
    trx: Knex.Transaction,
    events: readonly NewEvent[],
  ): Promise<Map<string, string>> {
    const rows: { exception_id: string; event_id: string }[] = await trx
      .withSchema('tieout')
      .insert(
        events.map((event) => ({
          exception_id: event.exceptionId,
          kind: event.kind,
          at: event.at,
          from_state: event.from,
          to_state: event.to,
          person_id: event.personId,
          actor: event.actor,
          reason: event.reason,
          details: event.details === null ? null : JSON.stringify(event.details),
          audit_event: event.auditEvent,
        })),
        ['exception_id', 'event_id'],
      )
      .into('exception_events');
    return new Map(rows.map((row) => [row.exception_id, row.event_id]));
  }

  async update(
    trx: Knex.Transaction,
    changes: readonly (Workable & { id: string; last_event: string })[],
  ): Promise<void> {
    await trx.raw(
      `update tieout.exceptions e
       set state = c.state, assignee = c.assignee, escalations = c.escalations,
         disposition = c.disposition, root_cause = c.root_cause,
         accepted_until = c.accepted_until, accepted_impact = c.accepted_impact,
         proposed_by = c.proposed_by, proposed_at = c.proposed_at, closed_by = c.closed_by,
         closed_at = c.closed_at, reconciling_item = c.reconciling_item, due_on = c.due_on,
         last_event = c.last_event
       from jsonb_to_recordset(cast(:changes as jsonb)) as c (id uuid, state text, assignee uuid,
         escalations integer, disposition text, root_cause text, accepted_until date,
         accepted_impact numeric, proposed_by uuid, proposed_at timestamptz, closed_by uuid,
         closed_at timestamptz, reconciling_item uuid, due_on date, last_event bigint)
       where e.exception_id = c.id`,
      { changes: JSON.stringify(changes) },
    );
  }
}
