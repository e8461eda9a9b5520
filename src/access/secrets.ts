import { randomBytes } from 'node:crypto';

const secretBytes = 32;

/** What opens something: 256 random bits behind a prefix that says what they are for. */
export const secretKinds = {
  token: 'tieout_',
  link: 'tieout_link_',
  session: 'tieout_session_',
  flow: 'tieout_flow_',
} as const;
export type SecretKind = keyof typeof secretKinds;

/** Shown once; only its SHA-256 is ever stored. */
export function newSecret(kind: SecretKind): string {
  return `${secretKinds[kind]}${randomBytes(secretBytes).toString('base64url')}`;
}

/** True for a text of the form that newSecret gives; says nothing about its being known. */
export function looksLikeSecret(kind: SecretKind, text: string): boolean {
  const rest = text.slice(secretKinds[kind].length);
  return text.startsWith(secretKinds[kind]) && /^[\w-]{43}$/.test(rest);
}
