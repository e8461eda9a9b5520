import type { IncomingMessage } from 'node:http';
import { Refusal } from '../core/problem';

/**
 * Refuses a request that a browser sends for a page of somewhere else (OWASP ASVS 5.0 V3.5). Every
 * browser in support says where a request comes from: in Sec-Fetch-Site, or in Origin.
 */
export function refuseForeignPage(request: IncomingMessage, publicUrl: string | undefined): void {
  const site = request.headers['sec-fetch-site'];
  const { origin, host } = request.headers;
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreignSite || (origin !== undefined && !isOwn(origin, host, publicUrl)))
    throw new Refusal('foreign_page', 'This request was sent for a page of another site.');
}

function isOwn(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false; // 'null', which a sandboxed page sends
  const from = new URL(origin);
  if (publicUrl !== undefined && from.origin === new URL(publicUrl).origin) return true;
  return host !== undefined && from.host === host.toLowerCase();
}

/** A browser says what it fetches for; programs do not. */
export const isBrowser = (request: IncomingMessage): boolean =>
  request.headers['sec-fetch-site'] !== undefined || request.headers.cookie !== undefined;
