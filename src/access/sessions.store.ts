import type { Knex } from 'knex';
import type { Grant } from '../core/permissions';
import { instantSql } from '../platform/http/fields';
import type { LiveSession } from './caller';
import type { ListedSession } from './sessions.contract';
import { grantsSql } from './people.store';

export interface SessionPerson {
  id: string;
  email: string;
  name: string;
  grants: Grant[];
}

/** Keeps sessions and sign-in links true. It never sees a secret, only its SHA-256. */
export class SessionsStore {
  constructor(private readonly app: Knex) {}

  /** The session and whose it is, while it lives: not ended, not idle, its owner not disabled. */
  async findLive(
    sha256: string,
    now: string,
    idleMs: number,
  ): Promise<{ session: LiveSession; person: SessionPerson } | undefined> {
    const { rows } = await this.app.raw<{ rows: (LiveSession & { person: SessionPerson })[] }>(
      `select s.session_sha256 as sha256, s.via, ${instantSql('s.started_at')} as "startedAt",
         ${instantSql('s.ends_at')} as "endsAt",
         json_build_object('id', p.person_id, 'email', p.email, 'name', p.name,
           'grants', ${grantsSql('p.person_id', ':now')}) as person
       from tieout.sessions s join tieout.people p using (person_id)
       where s.session_sha256 = :sha256 and s.ended_at is null and s.ends_at > :now
         and s.last_seen_at + make_interval(secs => cast(:idleMs as numeric) / 1000) > :now
         and p.disabled_at is null`,
      { sha256, now, idleMs },
    );
    const [found] = rows;
    if (found === undefined) return undefined;
    const { person, ...session } = found;
    return { session, person };
  }

  async start(
    trx: Knex.Transaction,
    session: {
      sha256: string;
      personId: string;
      via: 'link' | 'oidc';
      device: string | null;
      at: string;
      endsAt: string;
    },
  ): Promise<void> {
    await trx.raw(
      `insert into tieout.sessions
         (session_sha256, person_id, via, device, started_at, last_seen_at, ends_at)
       values (:sha256, :personId, :via, :device, :at, :at, :endsAt)`,
      session,
    );
  }

  /** Once a minute is exact enough, and spares a write on each request. */
  async markSeen(sha256: string, now: string): Promise<void> {
    await this.app.raw(
      `update tieout.sessions set last_seen_at = :now where session_sha256 = :sha256
         and ended_at is null and last_seen_at < cast(:now as timestamptz) - interval '1 minute'`,
      { sha256, now },
    );
  }

  async end(trx: Knex.Transaction, sha256: string, now: string): Promise<void> {
    await trx.raw(
      `update tieout.sessions set ended_at = :now
       where session_sha256 = :sha256 and ended_at is null`,
      { sha256, now },
    );
  }

  /** Those of somebody that live, seen last first; `current` is the hash of the one that asks. */
  async liveOf(
    personId: string,
    current: string | null,
    now: string,
    idleMs: number,
  ): Promise<ListedSession[]> {
    const { rows } = await this.app.raw<{ rows: ListedSession[] }>(
      `select session_id, via, device, ${instantSql('started_at')} as started_at,
         ${instantSql('last_seen_at')} as last_seen_at, ${instantSql('ends_at')} as ends_at,
         session_sha256 is not distinct from cast(:current as text) as is_current
       from tieout.sessions
       where person_id = :personId and ended_at is null and ends_at > :now
         and last_seen_at + make_interval(secs => cast(:idleMs as numeric) / 1000) > :now
       order by tieout.sessions.last_seen_at desc, session_id`,
      { personId, current, now, idleMs },
    );
    return rows;
  }

  async endSome(
    trx: Knex.Transaction,
    personId: string,
    ids: readonly string[],
    now: string,
  ): Promise<void> {
    await trx.raw(
      `update tieout.sessions set ended_at = :now
       where person_id = :personId and ended_at is null and session_id = any (:ids)`,
      { personId, ids: [...ids], now },
    );
  }

  /** When somebody is disabled, so are their sessions. */
  async endAllOf(trx: Knex.Transaction, personId: string, now: string): Promise<void> {
    await trx.raw(
      `update tieout.sessions set ended_at = :now
       where person_id = :personId and ended_at is null`,
      { personId, now },
    );
  }

  async insertLink(
    trx: Knex.Transaction,
    link: { sha256: string; personId: string; at: string; expiresAt: string },
  ): Promise<void> {
    await trx.raw(
      `insert into tieout.sign_in_links (link_sha256, person_id, created_at, expires_at)
       values (:sha256, :personId, :at, :expiresAt)`,
      link,
    );
  }

  /** Uses a link up and gives whose it is; undefined when it cannot be used any more. */
  async useLink(
    trx: Knex.Transaction,
    sha256: string,
    now: string,
  ): Promise<{ personId: string; email: string } | undefined> {
    const { rows } = await trx.raw<{ rows: { personId: string; email: string }[] }>(
      `update tieout.sign_in_links l set used_at = :now
       from tieout.people p
       where l.link_sha256 = :sha256 and l.used_at is null and l.expires_at > :now
         and p.person_id = l.person_id and p.disabled_at is null
       returning p.person_id as "personId", p.email`,
      { sha256, now },
    );
    return rows[0];
  }
}
