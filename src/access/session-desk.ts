import type { Knex } from 'knex';
import { Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { recordChange } from './audit-trail';
import type { Caller } from './caller';
import type { ListedSession } from './sessions.contract';
import { SessionsStore } from './sessions.store';

/** Where people see in which browsers they are signed in, and end that (OWASP ASVS 5.0, 7.5.2). */
export class SessionDesk {
  private readonly store: SessionsStore;

  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly idleMs: number,
  ) {
    this.store = new SessionsStore(app);
  }

  own(caller: Caller): Promise<ListedSession[]> {
    return this.of(personOf(caller), caller);
  }

  /** Of anybody; of the caller's own, the one that asks is marked. */
  of(personId: string, caller: Caller): Promise<ListedSession[]> {
    const current = caller.session?.sha256 ?? null;
    return this.store.liveOf(personId, current, this.clock.now(), this.idleMs);
  }

  /** One of the caller's own. Throws Refusal for another's. */
  async endOwn(caller: Caller, id: string): Promise<void> {
    const ended = (await this.own(caller)).filter(({ session_id: one }) => one === id);
    if (ended.length === 0) throw new Refusal('not_found', `You have no session ${id} that lives.`);
    await this.end(caller, personOf(caller), ended, { action: 'sessions.ended', reason: null });
  }

  /** All of the caller's own but the one that asks. */
  async endOthers(caller: Caller): Promise<void> {
    const others = (await this.own(caller)).filter(({ is_current: isCurrent }) => !isCurrent);
    await this.end(caller, personOf(caller), others, { action: 'sessions.ended', reason: null });
  }

  /** All of somebody's, by who manages people; their next request asks them to sign in. */
  async endAllOf(caller: Caller, personId: string, reason: string): Promise<void> {
    const live = await this.of(personId, caller);
    await this.end(caller, personId, live, { action: 'people.sessions_ended', reason });
  }

  private async end(
    { actor }: Caller,
    personId: string,
    sessions: readonly ListedSession[],
    told: { action: string; reason: string | null },
  ): Promise<void> {
    if (sessions.length === 0) return;
    await this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const ids = sessions.map(({ session_id: id }) => id);
      await this.store.endSome(trx, personId, ids, at);
      const subject = { kind: 'person', id: personId };
      await recordChange(trx, { at, actor, subject, ...told, facts: { sessions: ids } });
    });
  }
}

function personOf({ person, actor }: Caller): string {
  if (person === null) throw new Refusal('forbidden', `${actor.name} is nobody with sessions.`);
  return person.id;
}
