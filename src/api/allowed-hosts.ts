import { isLoopback } from '../platform/http/loopback';

const header = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i;

/**
 * Judges Host headers. A server on the loopback answers only to its own names: a page on the web
 * that points a name of its own at 127.0.0.1 (DNS rebinding) reads nothing. A server that is
 * reachable from elsewhere asks for a token at every request instead, which no such page has.
 */
export function hostCheck(server: {
  host: string;
  public_url?: string | undefined;
}): (host: string | undefined) => boolean {
  if (!isLoopback(server.host)) return () => true;
  const names = new Set(['127.0.0.1', 'localhost', '[::1]', server.host.toLowerCase()]);
  if (server.public_url) names.add(new URL(server.public_url).hostname);
  return (host) => names.has(header.exec(host ?? '')?.[1]?.toLowerCase() ?? '');
}
