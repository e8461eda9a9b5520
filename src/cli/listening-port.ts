import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { errorCode } from '../platform/database/error-code';

/** The port, or for 0 a free one, when a server may listen there on the loopback now; else null. */
export async function listeningPort(port: number): Promise<number | null> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', resolve);
    });
    return (probe.address() as AddressInfo).port;
  } catch (cause) {
    if (['EADDRINUSE', 'EACCES'].includes(errorCode(cause) ?? '')) return null;
    throw cause;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}
