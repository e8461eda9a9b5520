import type { Config } from '../platform/config';

/**
 * Where the page takes a sign-in link. What follows # stays in the browser: neither a log nor a
 * proxy sees it, and a program that only looks at the address does not use it up.
 */
export function signInUrl(server: Config['server'], link: string): string {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  const base = server.public_url ?? `http://${host}:${server.port}`;
  return `${base.replace(/\/$/, '')}/sign-in#link=${link}`;
}
