import type { Knex } from 'knex';
import { recordChange } from '../access/audit-trail';
import type { Caller } from '../access/caller';
import { periodOf } from '../core/calendar';
import { covers, reachOf, type Action } from '../core/permissions';
import { Refusal } from '../core/problem';
import { judgeSignoff, type BlockingSeverity, type SignoffStep } from '../core/signoff';
import type { Clock } from '../platform/clock';
import type { SignoffOrder, SignoffResult } from './signoff.contract';
import { SignoffStore, type SignoffScope } from './signoff.store';

const actionOf: Record<SignoffStep, Action> = {
  prepare: 'signoff.prepare',
  review: 'signoff.review',
  reopen: 'signoff.review',
};
const stepOf = { prepare: 'prepared', review: 'reviewed', reopen: 'reopened' } as const;

/** Where people sign. Each control and period by itself: signed, or refused and why. */
export class SignoffDesk {
  private readonly store = new SignoffStore();

  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly from: BlockingSeverity,
  ) {}

  async sign(caller: Caller, order: SignoffOrder): Promise<SignoffResult> {
    const result: SignoffResult = { signed: [], refused: [] };
    for (const { control, period } of order.items) {
      const scope = { control, entity: order.entity, period };
      try {
        const run = await this.signOne(caller, scope, order);
        result.signed.push({ ...scope, run_id: run });
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause;
        result.refused.push({ ...scope, code: cause.code, detail: cause.message });
      }
    }
    return result;
  }

  private signOne(
    { actor, holder }: Caller,
    scope: SignoffScope,
    { step, statement }: SignoffOrder,
  ): Promise<string> {
    const action = actionOf[step];
    const { personId } = actor;
    const place = { entity: scope.entity, period: periodOf('on_event', scope.period) };
    if (!covers(reachOf(holder, 'signoff.read'), place))
      throw new Refusal('not_found', `There is no period ${scope.period} of ${scope.entity}.`);
    if (personId === null || !covers(reachOf(holder, action), place))
      throw new Refusal('forbidden', `${actor.name} holds no role that allows ${action} here.`);
    return this.app.transaction(async (trx) => {
      await this.store.lock(trx, scope);
      const facts = await this.store.facts(trx, scope);
      const verdict = judgeSignoff(step, facts, personId, this.from);
      if (!verdict.legal) throw new Refusal(verdict.why, verdict.words);
      const at = this.clock.now();
      const { run } = verdict;
      const event = await recordChange(trx, {
        at,
        actor,
        action: `signoff.${stepOf[step]}`,
        subject: { kind: 'run', id: run },
        ...scope,
        reason: statement,
        facts: { unsettled: { ...facts.unsettled } },
      });
      const signoff = { step: stepOf[step], run, personId, at, reason: statement, event };
      await this.store.insert(trx, { ...scope, ...signoff });
      return run;
    });
  }
}
