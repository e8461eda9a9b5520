import { createHash, createPublicKey, verify } from 'node:crypto';
import { KeyedRandom } from '../../kit/keyed-random';
import { withCaseSuffix } from '../../kit/ids';
import { restInstant } from './wire-format';
import type { StandInUser } from './stand-in-user';

/** A connected app: how a client may sign in. */
export interface ConnectedApp {
  /** The consumer key. */
  clientId: string;
  /** For client_credentials. */
  clientSecret?: string;
  /** PEM of the certificate or public key that JWT assertions are verified with. */
  certificate?: string;
  /** Username that client_credentials runs as. */
  runAs?: string;
  /** Usernames that were pre-authorized; all users when left out. */
  approvedUsers?: readonly string[];
}

/** A refusal of the token endpoint: `{ error, error_description }` with status 400. */
export class OAuthError extends Error {
  constructor(
    readonly error: string,
    description: string,
  ) {
    super(description);
  }
}

interface Session {
  user: StandInUser;
  expiresMs: number;
}

export interface SessionOptions {
  apps: readonly ConnectedApp[];
  users: readonly StandInUser[];
  /** Tokens that are valid from the start and never expire, with the username they stand for. */
  tokens: Readonly<Record<string, string>>;
  sessionMinutes: number;
}

export const ORGANIZATION_ID = withCaseSuffix('00DQk0000000001');
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.';
const LOGIN_URLS = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** Signs users in and knows whose a token is. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private issued = 0;

  constructor(private readonly options: SessionOptions) {
    for (const [token, username] of Object.entries(options.tokens)) {
      const user = this.userNamed(username);
      if (user === undefined) throw new RangeError(`there is no user '${username}'`);
      this.sessions.set(token, { user, expiresMs: Infinity });
    }
  }

  /** The body that answers POST /services/oauth2/token. Throws OAuthError. */
  token(form: URLSearchParams, url: string, nowMs: number): object {
    switch (form.get('grant_type')) {
      case JWT_GRANT:
        return this.answer(
          this.userOfAssertion(form.get('assertion') ?? '', url, nowMs),
          url,
          nowMs,
        );
      case 'client_credentials':
        return this.answer(this.userOfCredentials(form), url, nowMs);
      case null:
        throw new OAuthError('invalid_request', 'missing required parameter: grant_type');
      default:
        throw new OAuthError('unsupported_grant_type', 'grant type not supported');
    }
  }

  /** Whose token it is, or undefined when it is unknown or has expired. */
  userOf(token: string, nowMs: number): StandInUser | undefined {
    const session = this.sessions.get(token);
    return session !== undefined && session.expiresMs > nowMs ? session.user : undefined;
  }

  expire(token: string): void {
    this.sessions.delete(token);
  }

  private userOfAssertion(assertion: string, url: string, nowMs: number): StandInUser {
    const claims = claimsOf(assertion);
    const app = this.appOf(String(claims.iss));
    if (app.certificate === undefined || !isSignedBy(assertion, app.certificate))
      throw new OAuthError('invalid_grant', 'invalid assertion');
    const audience = String(claims.aud).replace(/\/$/, '');
    if (![...LOGIN_URLS, url.replace(/\/$/, '')].includes(audience))
      throw new OAuthError('invalid_grant', 'audience is invalid');
    if (typeof claims.exp !== 'number' || claims.exp * 1000 <= nowMs)
      throw new OAuthError('invalid_grant', 'expired authorization code');
    const username = String(claims.sub);
    const user = this.userNamed(username);
    if (user === undefined || app.approvedUsers?.includes(username) === false)
      throw new OAuthError('invalid_grant', "user hasn't approved this consumer");
    return active(user);
  }

  private userOfCredentials(form: URLSearchParams): StandInUser {
    const app = this.appOf(form.get('client_id') ?? '');
    if (app.clientSecret === undefined || form.get('client_secret') !== app.clientSecret)
      throw new OAuthError('invalid_client', 'invalid client credentials');
    const user = app.runAs === undefined ? undefined : this.userNamed(app.runAs);
    if (user === undefined)
      throw new OAuthError('invalid_grant', 'no client credentials user enabled');
    return active(user);
  }

  private appOf(clientId: string): ConnectedApp {
    const app = this.options.apps.find((one) => one.clientId === clientId);
    if (app === undefined) throw new OAuthError('invalid_client_id', 'client identifier invalid');
    return app;
  }

  private userNamed(username: string): StandInUser | undefined {
    return this.options.users.find((user) => user.username === username);
  }

  private answer(user: StandInUser, url: string, nowMs: number): object {
    this.issued += 1;
    const random = KeyedRandom.of('salesforce session', user.id, nowMs, this.issued);
    const token = `${ORGANIZATION_ID.slice(0, 15)}!${random.text(96, TOKEN_ALPHABET)}`;
    this.sessions.set(token, {
      user,
      expiresMs: nowMs + this.options.sessionMinutes * 60_000,
    });
    const id = identityUrl(user, url);
    return {
      access_token: token,
      signature: createHash('sha256').update(`${id}${nowMs}`).digest('base64'),
      scope: 'api',
      instance_url: url.replace(/\/$/, ''),
      id,
      token_type: 'Bearer',
      issued_at: String(nowMs),
    };
  }
}

export const identityUrl = (user: StandInUser, url: string): string =>
  `${url}id/${ORGANIZATION_ID}/${user.id}`;

/** The answer of the identity URL and, with its own names, of /services/oauth2/userinfo. */
export function identityOf(user: StandInUser, url: string, nowMs: number): object {
  const email = user.email ?? user.username;
  const zoneinfo = user.timeZone ?? 'UTC';
  return {
    id: identityUrl(user, url),
    sub: identityUrl(user, url),
    asserted_user: true,
    user_id: user.id,
    organization_id: ORGANIZATION_ID,
    username: user.username,
    preferred_username: user.username,
    nick_name: user.username,
    display_name: user.name ?? user.username,
    name: user.name ?? user.username,
    email,
    email_verified: true,
    active: user.isActive !== false,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    timezone: zoneinfo,
    zoneinfo,
    is_app_installed: true,
    last_modified_date: restInstant(nowMs),
  };
}

function active(user: StandInUser): StandInUser {
  if (user.isActive === false) throw new OAuthError('invalid_grant', 'inactive user');
  return user;
}

function claimsOf(assertion: string): Record<string, unknown> {
  const [header, claims] = assertion.split('.', 2).map(jsonObject);
  if (claims === undefined || header?.alg !== 'RS256')
    throw new OAuthError('invalid_grant', 'invalid assertion');
  return claims;
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isSignedBy(assertion: string, certificate: string): boolean {
  const [header = '', claims = '', signature = ''] = assertion.split('.');
  const signed = Buffer.from(`${header}.${claims}`);
  return verify(
    'sha256',
    signed,
    createPublicKey(certificate),
    Buffer.from(signature, 'base64url'),
  );
}
