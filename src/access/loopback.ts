import { isIPv4 } from 'node:net';

/** True for a host that only this machine can reach: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * Whether reads need no token: the server is reachable from this machine alone. A public URL tells
 * of a proxy that carries requests from elsewhere to the loopback, so it closes them again.
 */
export function readsAreOpen(server: { host: string; public_url?: string | undefined }): boolean {
  const { host, public_url: publicUrl } = server;
  return isLoopback(host) && (!publicUrl || isLoopback(new URL(publicUrl).hostname));
}
