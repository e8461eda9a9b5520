import { isLoopback } from '../platform/http/loopback';

/**
 * Whether reads need no token: the server is reachable from this machine alone. A public URL tells
 * of a proxy that carries requests from elsewhere to the loopback, so it closes them again.
 */
export function readsAreOpen(server: { host: string; public_url?: string | undefined }): boolean {
  const { host, public_url: publicUrl } = server;
  return isLoopback(host) && (!publicUrl || isLoopback(new URL(publicUrl).hostname));
}
