import type { Knex } from 'knex';
import { instantSql } from '../platform/http/fields';
import { grantsSql } from './people.store';
import type { SessionPerson } from './sessions.store';

export const tokenScopes = ['read', 'write'] as const;
/** `write` may also read. */
export type TokenScope = (typeof tokenScopes)[number];

export interface NewTokenRow {
  name: string;
  sha256: string;
  scope: TokenScope;
  createdAt: string;
  createdBy: string;
  expiresAt: string;
  /** Whose it is; null for a machine's. */
  personId: string | null;
  /** The one entity it is held to; null for none. */
  entity: string | null;
}

/** A token of a person, as they are shown it. */
export interface ShownToken {
  token_id: string;
  name: string;
  scope: TokenScope;
  entity: string | null;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A token that is neither expired nor revoked. */
export interface LiveToken {
  id: string;
  name: string;
  scope: TokenScope;
  /** The one entity it is held to; null for none. */
  only: string | null;
  person: SessionPerson | null;
}

/** Keeps tieout.api_tokens true. It never sees a token, only its SHA-256. */
export class TokensStore {
  constructor(private readonly app: Knex) {}

  async insert(row: NewTokenRow): Promise<string> {
    const { rows } = await this.app.raw<{ rows: { id: string }[] }>(
      `insert into tieout.api_tokens
         (name, token_sha256, scope, created_at, created_by, expires_at, person_id, entity_id)
       values (:name, :sha256, :scope, :createdAt, :createdBy, :expiresAt, :personId, :entity)
       returning token_id as id`,
      { ...row },
    );
    const [inserted] = rows;
    if (inserted === undefined) throw new Error('a token was written and has no id');
    return inserted.id;
  }

  /** Looked up by hash: how long it takes says nothing about a token that almost fits. */
  async findLive(sha256: string, now: string): Promise<LiveToken | undefined> {
    const { rows } = await this.app.raw<{ rows: LiveToken[] }>(
      `select t.token_id as id, t.name, t.scope, t.entity_id as only,
         case when p.person_id is null then null
           else json_build_object('id', p.person_id, 'email', p.email, 'name', p.name,
             'grants', ${grantsSql('p.person_id', ':now')}) end as person
       from tieout.api_tokens t left join tieout.people p using (person_id)
       where t.token_sha256 = :sha256 and t.expires_at > :now and t.revoked_at is null
         and p.disabled_at is null`,
      { sha256, now },
    );
    return rows[0];
  }

  /** Once a minute is exact enough, and spares a write on each request. */
  async markUsed(id: string, now: string): Promise<void> {
    await this.app.raw(
      `update tieout.api_tokens set last_used_at = :now
       where token_id = :id
         and (last_used_at is null
           or last_used_at < cast(:now as timestamptz) - interval '1 minute')`,
      { id, now },
    );
  }

  /** Two changes of one person's tokens take turns. */
  async lockOf(trx: Knex.Transaction, personId: string): Promise<void> {
    await trx.raw('select from tieout.people where person_id = :personId for update', { personId });
  }

  /** The tokens of a person, newest first; never what they are made of. */
  async listOf(db: Knex, personId: string): Promise<ShownToken[]> {
    const { rows } = await db.raw<{ rows: ShownToken[] }>(
      `select token_id, name, scope, entity_id as entity, ${instantSql('created_at')} as created_at,
         ${instantSql('expires_at')} as expires_at, ${instantSql('last_used_at')} as last_used_at,
         ${instantSql('revoked_at')} as revoked_at
       from tieout.api_tokens where person_id = :personId
       order by tieout.api_tokens.created_at desc, token_id`,
      { personId },
    );
    return rows;
  }

  async revokeOne(
    trx: Knex.Transaction,
    token: { id: string; personId: string; now: string },
  ): Promise<void> {
    await trx.raw(
      `update tieout.api_tokens set revoked_at = :now
       where token_id = :id and person_id = :personId and revoked_at is null`,
      token,
    );
  }

  /** Ends every live token of a name, and returns how many there were. */
  async revoke(name: string, now: string): Promise<number> {
    const { rowCount } = await this.app.raw<{ rowCount: number }>(
      `update tieout.api_tokens set revoked_at = :now
       where name = :name and revoked_at is null and expires_at > :now`,
      { name, now },
    );
    return rowCount;
  }
}
