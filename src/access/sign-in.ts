import type { Knex } from 'knex';
import { sha256Hex } from '../core/canonical-json';
import { Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { recordChange, type Actor } from './audit-trail';
import type { Caller } from './caller';
import { PeopleStore } from './people.store';
import { looksLikeSecret, newSecret } from './secrets';
import { SessionsStore } from './sessions.store';

/** OWASP ASVS 5.0 V7.3: an end to idling, and one whatever is done. */
export interface SessionLimits {
  idleMinutes: number;
  absoluteHours: number;
}

const linkLifeMs = 24 * 3_600_000;

/** A session as its owner is given it, once. */
export interface StartedSession {
  secret: string;
  endsAt: string;
}

/** Where somebody signs in: the session that was there before, and what it calls itself. */
export interface Browser {
  replaces?: string | undefined;
  device?: string | undefined;
}

const longestDevice = 200;

/** A header says what it likes: one line of it, no longer than this. */
const deviceText = (header: string): string =>
  [...header.replace(/\p{Cc}+/gu, ' ')].slice(0, longestDevice).join('');

/** Signs people in and out. */
export class SignIn {
  private readonly sessions: SessionsStore;
  private readonly people = new PeopleStore();

  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly limits: SessionLimits,
  ) {
    this.sessions = new SessionsStore(app);
  }

  /**
   * Makes a link that signs somebody in once, within a day. It is for those who run this machine:
   * no route of the API gives one, or whoever administers access could act as anybody.
   */
  makeLink(email: string, actor: Actor): Promise<string> {
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const person = await this.people.find(trx, { email }, at);
      if (person === undefined || person.disabled)
        throw new Refusal('not_found', `There is nobody of the address ${email} who may sign in.`);
      const secret = newSecret('link');
      const expiresAt = new Date(Date.parse(at) + linkLifeMs).toISOString();
      const link = { sha256: sha256Hex(secret), personId: person.id, at, expiresAt };
      await this.sessions.insertLink(trx, link);
      await recordChange(trx, {
        at,
        actor,
        action: 'people.link_made',
        subject: { kind: 'person', id: person.id },
        facts: { email, expires_at: expiresAt },
      });
      return secret;
    });
  }

  /** Exchanges a link for a session. Throws Refusal `sign_in_required` when it is good no more. */
  withLink(link: string, from: Browser = {}): Promise<StartedSession> {
    return this.app.transaction(async (trx) => {
      const at = this.clock.now();
      const owner = looksLikeSecret('link', link)
        ? await this.sessions.useLink(trx, sha256Hex(link), at)
        : undefined;
      if (owner === undefined)
        // One sentence for all of them: a guess learns nothing.
        throw new Refusal('sign_in_required', 'This link is unknown, used or expired.');
      return this.start(trx, { ...owner, via: 'link', at, ...from });
    });
  }

  /**
   * Starts a session of somebody who has proven who they are, in that transaction. The secret is
   * always a new one; the session that the browser had before ends.
   */
  async start(
    trx: Knex.Transaction,
    {
      personId,
      email,
      via,
      at,
      replaces,
      device,
    }: Browser & { personId: string; email: string; via: 'link' | 'oidc'; at: string },
  ): Promise<StartedSession> {
    if (replaces !== undefined) await this.sessions.end(trx, sha256Hex(replaces), at);
    const secret = newSecret('session');
    const endsAt = new Date(Date.parse(at) + this.limits.absoluteHours * 3_600_000).toISOString();
    await this.sessions.start(trx, {
      ...{ sha256: sha256Hex(secret), personId, via, at, endsAt },
      device: device === undefined ? null : deviceText(device),
    });
    await recordChange(trx, {
      at,
      actor: { name: `person:${email}`, personId, via: 'session' },
      action: 'sessions.started',
      subject: { kind: 'person', id: personId },
      facts: { via },
    });
    return { secret, endsAt };
  }

  async end(caller: Caller): Promise<void> {
    const { session, person, actor } = caller;
    if (session === null || person === null) return;
    await this.app.transaction(async (trx) => {
      const at = this.clock.now();
      await this.sessions.end(trx, session.sha256, at);
      const subject = { kind: 'person', id: person.id };
      await recordChange(trx, { at, actor, action: 'sessions.ended', subject });
    });
  }
}
