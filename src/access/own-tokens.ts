import type { Knex } from 'knex';
import { Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { recordChange } from './audit-trail';
import type { Caller } from './caller';
import { insertToken } from './create-token';
import type { NewOwnToken, OwnToken, OwnTokenMade } from './own-tokens.contract';
import { TokensStore } from './tokens.store';

const mostLiveTokens = 20;

/** The API tokens of one person: what they act with where no browser is. */
export class OwnTokens {
  private readonly store: TokensStore;

  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly entities: readonly { id: string }[],
  ) {
    this.store = new TokensStore(app);
  }

  list(caller: Caller): Promise<OwnToken[]> {
    return this.store.listOf(this.app, personOf(caller).id);
  }

  /**
   * A session makes one; a token never makes another, or it would outlive its own end. Throws
   * Refusal.
   */
  create(caller: Caller, order: NewOwnToken): Promise<OwnTokenMade> {
    const { id: personId, email } = personOf(caller);
    const { name, scope, entity } = order;
    if (caller.session === null)
      throw new Refusal('forbidden', 'Sign in to make a token; a token makes none.');
    if (entity !== null && !this.entities.some(({ id }) => id === entity))
      throw new Refusal('not_found', `There is no entity ${entity}.`);
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      await this.store.lockOf(trx, personId);
      const live = (await this.store.listOf(trx, personId)).filter(
        ({ revoked_at: revoked, expires_at: expires }) => revoked === null && expires > at,
      );
      if (live.length >= mostLiveTokens)
        throw new Refusal('conflict', `${mostLiveTokens} tokens are live; revoke one first.`);
      const createdBy = `person:${email}`;
      const expiresInDays = order.expires_in_days;
      const request = { name, scope, expiresInDays, createdBy, personId };
      const { id, token } = await insertToken(
        trx,
        entity === null ? request : { ...request, entity },
        this.clock,
      );
      await recordChange(trx, {
        at,
        actor: caller.actor,
        action: 'tokens.created',
        subject: { kind: 'token', id },
        entity,
        facts: { name, scope, expires_in_days: expiresInDays },
      });
      return { token, row: rowOf(await this.store.listOf(trx, personId), id) };
    });
  }

  /** Throws Refusal `not_found` for a token that is not the caller's own. */
  revoke(caller: Caller, id: string): Promise<OwnToken> {
    const { id: personId } = personOf(caller);
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      await this.store.lockOf(trx, personId);
      const { name, revoked_at: revoked } = rowOf(await this.store.listOf(trx, personId), id);
      if (revoked === null) {
        await this.store.revokeOne(trx, { id, personId, now: at });
        const subject = { kind: 'token', id };
        const { actor } = caller;
        await recordChange(trx, { at, actor, action: 'tokens.revoked', subject, facts: { name } });
      }
      return rowOf(await this.store.listOf(trx, personId), id);
    });
  }
}

function personOf({ person, actor }: Caller): { id: string; email: string } {
  if (person === null) throw new Refusal('forbidden', `${actor.name} is nobody with tokens.`);
  return person;
}

function rowOf(tokens: readonly OwnToken[], id: string): OwnToken {
  const found = tokens.find((one) => one.token_id === id);
  if (found === undefined) throw new Refusal('not_found', `You have no token ${id}.`);
  return found;
}
