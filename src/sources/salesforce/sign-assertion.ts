import { createSign } from 'node:crypto';

const lifeSeconds = 180;
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * The signed assertion of the OAuth 2.0 JWT bearer flow (RFC 7523; Salesforce wants RS256 and an
 * end within minutes). Throws what node:crypto throws for a key that is none.
 */
export function signAssertion(
  { clientId, username, privateKey }: { clientId: string; username: string; privateKey: string },
  audience: string,
  now: string,
): string {
  const claims = {
    iss: clientId,
    sub: username,
    aud: audience,
    exp: Math.floor(new Date(now).getTime() / 1000) + lifeSeconds,
  };
  const signed = `${base64({ alg: 'RS256' })}.${base64(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
}
