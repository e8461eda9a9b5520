import type { Server } from 'node:http';

const sweepEveryMs = 25;

/**
 * Ends what keeps a server open: connections that are idle now and, as their requests end, the
 * others; after `patienceMs` those that remain, mid-answer. Call it once the server takes no new
 * connections; the function it gives stops it.
 */
export function endConnections(server: Server, patienceMs: number): () => void {
  const sweep = setInterval(() => server.closeIdleConnections(), sweepEveryMs);
  const patience = setTimeout(() => server.closeAllConnections(), patienceMs);
  server.closeIdleConnections();
  return () => {
    clearInterval(sweep);
    clearTimeout(patience);
  };
}
