import { createHash } from 'node:crypto';
import { looksLikeSecret, newSecret } from './secrets';

/** Why nobody was signed in, as the page is told; the log has the rest. */
export const signInRefusals = [
  'cancelled',
  'expired',
  'no_role',
  'not_known',
  'roles_conflict',
  'unavailable',
  'failed',
] as const;
export type SignInRefusal = (typeof signInRefusals)[number];

/** An expected "no" on the way through the identity provider. */
export class SignInRefused extends Error {
  constructor(
    readonly why: SignInRefusal,
    options?: { cause: unknown },
  ) {
    super(`nobody was signed in: ${why}`, options);
    this.name = 'SignInRefused';
  }
}

const flowLifeMs = 10 * 60_000;

/** What ties a sign-in to the browser that began it; all of it follows from one secret there. */
export interface SignInFlow {
  /** As the cookie keeps it. */
  text: string;
  state: string;
  nonce: string;
  codeVerifier: string;
  returnTo: string;
  expiresAtMs: number;
}

/** Begins a sign-in that leads back to a path of our own page. */
export function newFlow(returnTo: string, now: string): SignInFlow {
  const expires = Date.parse(now) + flowLifeMs;
  const path = Buffer.from(ownPath(returnTo)).toString('base64url');
  return flowOf(`${newSecret('flow')}.${expires}.${path}`, expires);
}

/**
 * The flow that a cookie keeps; null when it is none, or ten minutes old. Whoever changes a part of
 * the cookie changes the state with it, and the provider's answer fits no more.
 */
export function readFlow(text: string | undefined, now: string): SignInFlow | null {
  const [secret = '', expires = '', path, ...rest] = (text ?? '').split('.');
  if (path === undefined || rest.length > 0 || !looksLikeSecret('flow', secret)) return null;
  if (!/^\d{13}$/.test(expires) || Number(expires) <= Date.parse(now)) return null;
  return flowOf(`${secret}.${expires}.${path}`, Number(expires));
}

function flowOf(text: string, expiresAtMs: number): SignInFlow {
  const follow = (what: string): string =>
    createHash('sha256').update(`${what}:${text}`).digest('base64url');
  return {
    text,
    state: follow('state'),
    nonce: follow('nonce'),
    codeVerifier: follow('verifier'),
    returnTo: ownPath(Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('utf8')),
    expiresAtMs,
  };
}

const longestPath = 1_000;

/** A path of our page, or its start: what names another site or the API leads nowhere. */
export function ownPath(text: string): string {
  const here = 'http://own.invalid';
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.length > longestPath) return '/';
  if (!URL.canParse(text, here)) return '/';
  const url = new URL(text, here);
  const isOwn = url.origin === here && !/^\/(api|health|sign-in)(\/|$)/.test(url.pathname);
  // A path such as /.//evil.example becomes //evil.example when it is made plain.
  return isOwn && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}${url.hash}` : '/';
}
