import type { IncomingMessage } from 'node:http';
import { sha256Hex } from '../core/canonical-json';
import { Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import type { Caller } from './caller';
import { isBrowser } from './own-page';
import { looksLikeSecret } from './secrets';
import { csrfTokenOf, type SessionCookie } from './session-cookie';
import type { SessionsStore } from './sessions.store';
import type { LiveToken, TokensStore } from './tokens.store';

export type Found = { caller: Caller } | { refusal: Refusal; tokenSent: boolean };

export interface FinderParts {
  tokens: TokensStore;
  sessions: SessionsStore;
  clock: Clock;
  cookie: SessionCookie;
  idleMs: number;
  /** Programs on this machine may read without a token. */
  readsAreOpen: boolean;
}

const openReader: Caller = {
  kind: 'open',
  actor: { name: 'open', personId: null, via: 'token' },
  person: null,
  grants: [],
  holder: { kind: 'machine', scope: 'read', only: null },
  session: null,
  csrfToken: null,
};

/**
 * Tells who sent a request: by its token, by its session, or nobody. What is presented must be
 * good, also where nothing is needed; a browser is never nobody, so that a page always knows whose
 * it is.
 */
export class CallerFinder {
  constructor(private readonly parts: FinderParts) {}

  /** `uses`: it counts as use, so that a session does not go idle. */
  async find(request: IncomingMessage, reads: boolean, uses = true): Promise<Found> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.byToken(authorization, uses);
    const secret = this.parts.cookie.read(request.headers.cookie);
    if (secret !== undefined) return this.bySession(secret, uses);
    if (isBrowser(request)) return refused('sign_in_required', 'Nobody is signed in here.');
    if (reads && this.parts.readsAreOpen) return { caller: openReader };
    return refused(
      'token_required',
      'This request needs a token in the header Authorization: Bearer.',
    );
  }

  /** Who sent a request that is still being answered; null once they may not be. Uses nothing. */
  async stillThere(request: IncomingMessage): Promise<Caller | null> {
    const found = await this.find(request, true, false);
    return 'caller' in found ? found.caller : null;
  }

  private async byToken(authorization: string, uses: boolean): Promise<Found> {
    const { tokens, clock } = this.parts;
    const presented = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
    const now = clock.now();
    const token = looksLikeSecret('token', presented)
      ? await tokens.findLive(sha256Hex(presented), now)
      : undefined;
    if (token === undefined)
      // One sentence for all of them: a guess learns nothing.
      return {
        ...refused('token_required', 'The token is unknown, expired or revoked.'),
        tokenSent: true,
      };
    if (uses) await tokens.markUsed(token.id, now);
    return { caller: callerOfToken(token) };
  }

  private async bySession(secret: string, uses: boolean): Promise<Found> {
    const { sessions, clock, idleMs } = this.parts;
    const sha256 = sha256Hex(secret);
    const now = clock.now();
    const live = looksLikeSecret('session', secret)
      ? await sessions.findLive(sha256, now, idleMs)
      : undefined;
    if (live === undefined) return refused('sign_in_required', 'The session has ended.');
    if (uses) await sessions.markSeen(sha256, now);
    const { grants, ...person } = live.person;
    return {
      caller: {
        kind: 'person',
        actor: { name: `person:${person.email}`, personId: person.id, via: 'session' },
        person,
        grants,
        holder: { kind: 'person', grants, scope: 'write', only: null },
        session: live.session,
        csrfToken: csrfTokenOf(secret),
      },
    };
  }
}

function refused(
  code: 'sign_in_required' | 'token_required',
  words: string,
): { refusal: Refusal; tokenSent: boolean } {
  return { refusal: new Refusal(code, words), tokenSent: false };
}

/** A token of a person acts as that person within its scope; records name the person. */
function callerOfToken({ name, scope, only, person }: LiveToken): Caller {
  if (person === null)
    return {
      ...openReader,
      kind: 'machine',
      actor: { name: `token:${name}`, personId: null, via: 'token' },
      holder: { kind: 'machine', scope, only },
    };
  const { grants, ...known } = person;
  return {
    kind: 'person',
    actor: { name: `person:${known.email}`, personId: known.id, via: 'token' },
    person: known,
    grants,
    holder: { kind: 'person', grants, scope, only },
    session: null,
    csrfToken: null,
  };
}
