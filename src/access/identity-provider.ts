import * as client from 'openid-client';
import { isSafeUrl } from '../platform/http/loopback';
import type { OidcConfig } from '../platform/oidc-config';
import { SignInRefused, type SignInFlow } from './sign-in-flow';

const timeoutSeconds = 10;
const discoveryLifeMs = 3_600_000;

/** Who the provider says somebody is. */
export interface Identity {
  issuer: string;
  subject: string;
  email: string | null;
  emailVerified: boolean;
  name: string | null;
  claims: Readonly<Record<string, unknown>>;
}

/**
 * An OpenID Connect provider, by authorization code and PKCE. Where it is, and with what keys it
 * signs, it says itself in its discovery document; an address there that others could read on the
 * way is refused. Throws SignInRefused.
 */
export class IdentityProvider {
  private known: { client: client.Configuration; until: number } | null = null;
  /** Where the provider leads people back to. */
  private readonly callback: string;
  private readonly home: string;

  constructor(
    private readonly config: OidcConfig,
    publicUrl: string,
  ) {
    this.home = `${publicUrl.replace(/\/+$/, '')}/`;
    this.callback = new URL('api/v1/sign-in/oidc/callback', this.home).href;
  }

  /** Where a browser is sent to sign in. */
  async begin(flow: SignInFlow): Promise<string> {
    const { scopes, acr, max_age_minutes: minutes } = this.config;
    const url = client.buildAuthorizationUrl(await this.discovered(), {
      redirect_uri: this.callback,
      scope: scopes.join(' '),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.codeVerifier),
      code_challenge_method: 'S256',
      ...(acr.length > 0 ? { acr_values: acr.join(' ') } : {}),
      ...(minutes === undefined ? {} : { max_age: String(minutes * 60) }),
    });
    return url.href;
  }

  /** Who came back: `search` is what the provider added to the address of the callback. */
  async finish(flow: SignInFlow, search: string): Promise<Identity> {
    const discovered = await this.discovered();
    const { max_age_minutes: minutes } = this.config;
    const url = new URL(this.callback);
    url.search = search;
    try {
      const tokens = await client.authorizationCodeGrant(discovered, url, {
        pkceCodeVerifier: flow.codeVerifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
        ...(minutes === undefined ? {} : { maxAge: minutes * 60 }),
      });
      const token = tokens.claims();
      if (token === undefined) throw new SignInRefused('failed');
      this.requireAcr(token['acr']);
      return this.identityOf(discovered, token, tokens.access_token);
    } catch (cause) {
      throw refusalOf(cause);
    }
  }

  /** Where the provider's own session ends; null when it has no such place, or is not there. */
  async endSessionUrl(): Promise<string | null> {
    const discovered = await this.discovered().catch((cause: unknown) => {
      // Whoever leaves is let go, whether the provider is there or not.
      if (cause instanceof SignInRefused) return null;
      throw cause;
    });
    if (discovered === null) return null;
    if (discovered.serverMetadata().end_session_endpoint === undefined) return null;
    return client.buildEndSessionUrl(discovered, { post_logout_redirect_uri: this.home }).href;
  }

  /** Claims of the token, and what the provider tells only when it is asked. */
  private async identityOf(
    discovered: client.Configuration,
    token: client.IDToken,
    accessToken: string,
  ): Promise<Identity> {
    const asks = discovered.serverMetadata().userinfo_endpoint !== undefined;
    const told = asks ? await client.fetchUserInfo(discovered, accessToken, token.sub) : {};
    // What is signed wins over what is told.
    const claims: Record<string, unknown> = { ...told, ...token };
    const text = (value: unknown): string | null =>
      typeof value === 'string' && value !== '' ? value : null;
    return {
      issuer: token.iss,
      subject: token.sub,
      email: text(claims['email'])?.toLowerCase() ?? null,
      emailVerified: claims['email_verified'] === true,
      name: text(claims['name']),
      claims,
    };
  }

  private requireAcr(acr: unknown): void {
    const { acr: wanted } = this.config;
    if (wanted.length > 0 && !wanted.some((one) => one === acr)) throw new SignInRefused('failed');
  }

  /** Read again each hour: endpoints move. Keys are read again whenever one is unknown. */
  private async discovered(): Promise<client.Configuration> {
    const now = performance.now();
    if (this.known !== null && now < this.known.until) return this.known.client;
    const { issuer, client_id: id, client_secret: secret, client_auth: auth } = this.config;
    const authentication =
      secret === undefined
        ? client.None()
        : auth === 'basic'
          ? client.ClientSecretBasic(secret)
          : client.ClientSecretPost(secret);
    // isSafeUrl lets http through for this machine alone.
    const insecure = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    try {
      const found = await client.discovery(new URL(issuer), id, undefined, authentication, {
        // Without it a token that comes straight from the provider is believed unsigned.
        execute: [client.enableNonRepudiationChecks, ...insecure],
        timeout: timeoutSeconds,
      });
      refuseUnsafeEndpoints(found.serverMetadata());
      this.known = { client: found, until: now + discoveryLifeMs };
      return found;
    } catch (cause) {
      throw new SignInRefused('unavailable', { cause });
    }
  }
}

function refuseUnsafeEndpoints(server: client.ServerMetadata): void {
  const { authorization_endpoint: authorization, token_endpoint: token, jwks_uri: keys } = server;
  const { userinfo_endpoint: userinfo, end_session_endpoint: end } = server;
  for (const url of [authorization, token, keys])
    if (url === undefined) throw new Error('the discovery document lacks an endpoint');
  for (const url of [authorization, token, keys, userinfo, end])
    if (url !== undefined && !isSafeUrl(url))
      throw new Error('the discovery document names an endpoint that is not https');
}

function refusalOf(cause: unknown): SignInRefused {
  if (cause instanceof SignInRefused) return cause;
  if (cause instanceof client.AuthorizationResponseError)
    return new SignInRefused(cause.error === 'access_denied' ? 'cancelled' : 'failed', { cause });
  return new SignInRefused('failed', { cause });
}
