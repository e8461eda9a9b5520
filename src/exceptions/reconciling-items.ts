import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { recordChange } from '../access/audit-trail';
import type { Caller } from '../access/caller';
import { addDays } from '../core/calendar';
import { normalizeAmount } from '../core/money';
import { covers, reachOf, type Action, type Reach } from '../core/permissions';
import { InvalidInput, Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { instantSql } from '../platform/http/fields';
import { reachParameter } from '../platform/http/reach-sql';
import type { ExceptionDesk } from './exception-desk';
import type { NewReconcilingItem, ReconcilingItem } from './reconciling-items.contract';

const longestDays = 366;

interface ItemRow {
  control_id: string;
  entity_id: string;
  created_by: string;
  approved_by: string | null;
  revoked_by: string | null;
}

const person = (column: string): string => `(select json_build_object('person_id', p.person_id,
  'name', p.name) from tieout.people p where p.person_id = ${column})`;

/** Known, expected differences: one person names one, another approves it. */
export class ReconcilingItems {
  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly desk: ExceptionDesk,
  ) {}

  /** Newest first, the latest thousand. */
  async list(reach: Reach): Promise<ReconcilingItem[]> {
    const { rows } = await this.app.raw<{ rows: ReconcilingItem[] }>(
      `select i.item_id, i.control_id, i.entity_id, i.code, i.key, i.currency, i.amount, i.label,
         i.reason, ${person('i.owner')} as owner, i.valid_until,
         case when i.revoked_at is not null then 'revoked'
           when i.valid_until < cast(:now as date) then 'expired'
           when i.approved_at is null then 'proposed' else 'active' end as state,
         ${person('i.created_by')} as created_by, ${instantSql('i.created_at')} as created_at,
         ${person('i.approved_by')} as approved_by, ${instantSql('i.approved_at')} as approved_at,
         ${instantSql('i.revoked_at')} as revoked_at,
         (select count(*) from tieout.exceptions e where e.reconciling_item = i.item_id
           and e.state = 'closed') as explains
       from tieout.reconciling_items i
       where cast(:reach as jsonb) is null or exists (
         select from jsonb_to_recordset(cast(:reach as jsonb)) as part (entity text)
         where part.entity is null or part.entity = i.entity_id)
       order by i.created_at desc, i.item_id limit 1000`,
      { reach: reachParameter(reach), now: this.clock.now().slice(0, 10) },
    );
    return rows.map((row) => ({
      ...row,
      amount: row.amount === null ? null : normalizeAmount(row.amount),
    }));
  }

  create(caller: Caller, order: NewReconcilingItem): Promise<string> {
    const at = this.clock.now();
    const today = at.slice(0, 10);
    if (order.valid_until <= today || order.valid_until > addDays(today, longestDays))
      throw new InvalidInput('request', [
        {
          field: 'valid_until',
          message: 'is not a day of the year to come.',
          remedy: 'Let an expected difference stand for a year at most.',
        },
      ]);
    return this.app.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: { entity_id: string; control_id: string }[] }>(
        'select entity_id, control_id from tieout.exceptions where exception_id = :id',
        { id: order.exception_id },
      );
      const found = rows[0];
      const by = personOf(caller, 'reconciling_items.create', found?.entity_id);
      if (found === undefined)
        throw new Refusal('not_found', `There is no exception ${order.exception_id}.`);
      const { owner } = order;
      const known = await trx.raw<{ rows: unknown[] }>(
        'select 1 from tieout.people where person_id = :owner and disabled_at is null',
        { owner },
      );
      if (known.rows.length === 0) throw new Refusal('not_found', `There is no person ${owner}.`);
      const id = randomUUID();
      const event = await recordChange(trx, {
        at,
        actor: caller.actor,
        action: 'reconciling_items.created',
        subject: { kind: 'reconciling_item', id },
        control: found.control_id,
        entity: found.entity_id,
        reason: order.reason,
        facts: { label: order.label, amount: order.amount, valid_until: order.valid_until },
      });
      await trx.raw(
        `insert into tieout.reconciling_items (item_id, control_id, entity_id, procedure, code, key,
           currency, amount, label, reason, owner, valid_until, created_by, created_at,
           created_event)
         select :id, control_id, entity_id, procedure, code, key, currency, :amount, :label,
           :reason, :owner, :until, :by, :at, :event
         from tieout.exceptions where exception_id = :exception`,
        {
          id,
          amount: order.amount,
          label: order.label,
          reason: order.reason,
          owner,
          until: order.valid_until,
          by,
          at,
          event,
          exception: order.exception_id,
        },
      );
      return id;
    });
  }

  /** Approves an item, and closes by it what it explains. Never by whoever made it. */
  approve(caller: Caller, id: string, reason: string): Promise<void> {
    return this.decide(caller, id, 'approved', reason, async (trx, at) => {
      await this.desk.reconcile(trx, caller, id, at);
    });
  }

  /** Ends an item, or turns it down; the next run opens again what it held closed. */
  revoke(caller: Caller, id: string, reason: string): Promise<void> {
    return this.decide(caller, id, 'revoked', reason, () => Promise.resolve());
  }

  private decide(
    caller: Caller,
    id: string,
    decision: 'approved' | 'revoked',
    reason: string,
    after: (trx: Knex.Transaction, at: string) => Promise<void>,
  ): Promise<void> {
    return this.app.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: ItemRow[] }>(
        `select control_id, entity_id, created_by, approved_by, revoked_by
         from tieout.reconciling_items where item_id = :id for update`,
        { id },
      );
      const item = rows[0];
      const by = personOf(caller, 'reconciling_items.approve', item?.entity_id);
      if (item === undefined) throw new Refusal('not_found', `There is no reconciling item ${id}.`);
      if (item.revoked_by !== null || (decision === 'approved' && item.approved_by !== null))
        throw new Refusal('illegal_move', 'It is decided already.');
      if (decision === 'approved' && item.created_by === by)
        throw new Refusal('same_person', 'Nobody approves what they made themselves.');
      const at = this.clock.now();
      const event = await recordChange(trx, {
        at,
        actor: caller.actor,
        action: `reconciling_items.${decision}`,
        subject: { kind: 'reconciling_item', id },
        control: item.control_id,
        entity: item.entity_id,
        reason,
      });
      await trx.raw(
        `update tieout.reconciling_items set ${decision}_by = :by, ${decision}_at = :at,
           ${decision}_event = :event where item_id = :id`,
        { by, at, event, id },
      );
      await after(trx, at);
    });
  }
}

/** The person who acts, where their roles reach the entity; beyond it, it does not exist. */
function personOf(caller: Caller, action: Action, entity: string | undefined): string {
  const { actor, holder } = caller;
  const sees = reachOf(holder, 'reconciling_items.read');
  if (entity === undefined || !sees.some((part) => part.entity === null || part.entity === entity))
    throw new Refusal('not_found', 'There is nothing of this id.');
  if (actor.personId === null || !covers(reachOf(holder, action), { entity }))
    throw new Refusal('forbidden', `${actor.name} holds no role that allows ${action} here.`);
  return actor.personId;
}
