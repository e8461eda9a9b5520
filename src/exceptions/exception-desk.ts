import type { Knex } from 'knex';
import type { Caller } from '../access/caller';
import { PeopleStore } from '../access/people.store';
import { addDays } from '../core/calendar';
import { judgeMove, moves } from '../core/exception';
import { covers, reachOf, type ReachPart } from '../core/permissions';
import { InvalidInput, Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { changeOf, detailsOf, type Deed } from './change-of-move';
import type { BulkResult } from './moves.contract';
import { MovesStore, type LockedException } from './moves.store';
import { recordMoves } from './record-moves';

/** A risk is accepted for a year at most: then somebody looks again. */
const longestAcceptanceDays = 366;

interface Ready {
  row: LockedException;
  to: LockedException['state'];
  kind: string;
}

/** Where people work exceptions: every rule on who may do what is asked here, by core. */
export class ExceptionDesk {
  private readonly store = new MovesStore();
  private readonly people = new PeopleStore();

  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
  ) {}

  /** Throws the Refusal that core gives, and InvalidInput for an order that is not whole. */
  async move(caller: Caller, id: string, deed: Deed): Promise<void> {
    const { refused } = await this.moveAll(caller, [id], deed);
    const [first] = refused;
    if (first !== undefined) throw new Refusal(first.code, first.detail);
  }

  /** Moves each that may be moved, and says of the others why not. All in one transaction. */
  moveAll(caller: Caller, ids: readonly string[], deed: Deed): Promise<BulkResult> {
    refuseUnusable(deed, this.clock.now().slice(0, 10));
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const assignee = deed.move === 'assign' ? deed.assignee : null;
      const helper = assignee === null ? null : await this.reachOfAssignee(trx, assignee, at);
      const found = new Map((await this.store.lock(trx, ids)).map((row) => [row.id, row]));
      const ready: Ready[] = [];
      const refused: BulkResult['refused'] = [];
      for (const id of new Set(ids)) {
        try {
          ready.push(judge(caller, id, found.get(id), deed, helper));
        } catch (cause) {
          if (!(cause instanceof Refusal)) throw cause;
          refused.push({ exception_id: id, code: cause.code, detail: cause.message });
        }
      }
      await this.record(trx, caller, ready, deed, at);
      return { moved: ready.map(({ row }) => row.id), refused };
    });
  }

  /** Closes what an approved reconciling item explains, in the transaction that approves it. */
  async reconcile(
    trx: Knex.Transaction,
    caller: Caller,
    item: string,
    at: string,
  ): Promise<number> {
    const deed: Deed = { move: 'reconcile', item };
    const rows = await this.store.lockExplained(trx, item);
    const ready = rows.map((row): Ready => ({ row, to: 'closed', kind: moves.reconcile.kind }));
    await this.record(trx, caller, ready, deed, at);
    return ready.length;
  }

  private async record(
    trx: Knex.Transaction,
    { actor }: Caller,
    ready: readonly Ready[],
    deed: Deed,
    at: string,
  ): Promise<void> {
    if (ready.length === 0 || actor.personId === null) return;
    const person = actor.personId;
    const details = detailsOf(deed);
    await recordMoves(
      trx,
      ready.map(({ row, to, kind }) => ({
        ...{ row, kind, details, reason: deed.reason ?? null },
        after: changeOf(row, deed, { to, person, at }),
        facts: { from: row.state, to, ...(details ?? {}) },
      })),
      { actor, at },
    );
  }

  private async reachOfAssignee(
    trx: Knex.Transaction,
    id: string,
    at: string,
  ): Promise<readonly ReachPart[]> {
    const person = await this.people.find(trx, { id }, at);
    if (person === undefined || person.disabled)
      throw new Refusal('not_found', `There is no person ${id} to whom work can be given.`);
    const holder = { kind: 'person', grants: person.grants, scope: 'write', only: null } as const;
    return reachOf(holder, 'exceptions.discuss');
  }
}

/** Throws Refusal where the caller may not do this with this exception now. */
function judge(
  caller: Caller,
  id: string,
  row: LockedException | undefined,
  deed: Deed,
  helper: readonly ReachPart[] | null,
): Ready {
  const place = row && {
    entity: row.entity,
    period: { start: row.period_start, end: row.period_end },
  };
  if (!row || !place || !covers(reachOf(caller.holder, 'exceptions.read'), place))
    throw new Refusal('not_found', `There is no exception ${id}.`);
  const { action } = moves[deed.move];
  const { name, personId } = caller.actor;
  if (personId === null || !covers(reachOf(caller.holder, action), place))
    throw new Refusal('forbidden', `${name} holds no role that allows ${action} here.`);
  if (helper !== null && !covers(helper, place))
    throw new Refusal('conflict', `Whom it is given to holds no role to work on ${row.entity}.`);
  const last = 'last_event' in deed ? deed.last_event : undefined;
  if (last !== undefined && last !== row.last_event)
    throw new Refusal('conflict', 'It has changed since it was looked at; look again.');
  const verdict = judgeMove(deed.move, { state: row.state, proposedBy: row.proposed_by }, personId);
  if (verdict.legal) return { row, to: verdict.to, kind: verdict.kind };
  throw verdict.why === 'same_person'
    ? new Refusal('same_person', 'Nobody decides on what they proposed themselves.')
    : new Refusal('illegal_move', `What is ${row.state} cannot be moved by ${deed.move}.`);
}

function refuseUnusable(deed: Deed, today: string): void {
  if (deed.move !== 'propose') return;
  const { disposition, until } = deed;
  const wrong = (message: string, remedy: string): InvalidInput =>
    new InvalidInput('request', [{ field: 'until', message, remedy }]);
  if ((disposition === 'risk_accepted') !== (until !== undefined))
    throw wrong('belongs to risk_accepted, and to nothing else.', 'Give the last day it holds.');
  if (until === undefined) return;
  if (until <= today || until > addDays(today, longestAcceptanceDays))
    throw wrong('is not a day of the year to come.', 'Accept a risk for a year at most.');
}
