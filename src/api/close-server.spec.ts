import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endConnections } from './close-server';

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('a request that never ends holds a server no longer than its patience', async () => {
  let arrived = (): void => undefined;
  const underWay = new Promise<void>((resolve) => (arrived = resolve));
  const server = createServer(() => arrived()); // and no answer
  const port = await listening(server);
  const cut = new Promise<string>((resolve) => {
    get({ port, host: '127.0.0.1' }).on('error', (error) => resolve(error.message));
  });
  await underWay;
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  const stop = endConnections(server, 60);
  await ended;
  stop();
  expect(await cut).toBe('socket hang up');
});
