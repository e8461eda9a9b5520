import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readsAreOpen } from './access/loopback';
import { endConnections } from './api/close-server';
import { httpShell } from './api/http-shell';
import { nestLogger } from './api/nest-logger';
import { serveOpenApi } from './api/openapi';
import { servePage } from './api/serve-page';
import { AppModule, type AppParts } from './app.module';
import { ControlVersions } from './catalog/control-versions';
import { InvalidInput } from './core/problem';
import { errorCode } from './platform/database/error-code';

const bodyLimitBytes = 1_048_576;
const closePatienceMs = 10_000;

export interface RunningServer {
  /** Where it listens, such as http://127.0.0.1:8080. */
  url: string;
  /** Takes no more requests, lets those under way end for at most ten seconds, then resolves. */
  close(): Promise<void>;
}

/**
 * Serves the API at server.host and server.port of the configuration; port 0 takes a free one.
 * Throws InvalidInput, naming the setting, when it cannot listen there.
 */
export async function startServer(parts: AppParts): Promise<RunningServer> {
  const { server } = parts.config;
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(parts), {
    logger: nestLogger(parts.logger),
    abortOnError: false,
    bodyParser: false,
    rawBody: true, // what a webhook's signature is made over
  });
  app.disable('x-powered-by');
  // Tags are given where the content is known by its hash.
  app.disable('etag');
  for (const middleware of httpShell(server, parts.logger)) app.use(middleware);
  servePage(app);
  app.useBodyParser('json', { limit: bodyLimitBytes });
  serveOpenApi(app, readsAreOpen(server));
  await app.get(ControlVersions).register();
  try {
    await app.listen(server.port, server.host);
  } catch (cause) {
    await app.close();
    throw listenProblem(parts.config, cause);
  }
  const http: Server = app.getHttpServer();
  return { url: urlOf(server.host, http), close: () => closeServer(app, http) };
}

async function closeServer(app: NestExpressApplication, http: Server): Promise<void> {
  const stop = endConnections(http, closePatienceMs);
  try {
    await app.close();
  } finally {
    stop();
  }
}

/** An address that listens everywhere is reached, from this machine, by the loopback's. */
function urlOf(host: string, http: Server): string {
  const { port } = http.address() as AddressInfo;
  const name = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

function listenProblem({ server, file }: AppParts['config'], cause: unknown): unknown {
  const { host, port } = server;
  const code = errorCode(cause);
  const problems: Record<string, [field: string, message: string, remedy: string]> = {
    EADDRINUSE: [
      'server.port',
      `Another program listens on port ${port} of ${host}.`,
      'End that program, or set server.port to a free port (0 picks one).',
    ],
    EACCES: [
      'server.port',
      `This account may not listen on port ${port}.`,
      'Set server.port to a number above 1023.',
    ],
    EADDRNOTAVAIL: [
      'server.host',
      `${host} is not an address of this machine.`,
      'Set server.host to one of its addresses, or to 127.0.0.1.',
    ],
    ENOTFOUND: [
      'server.host',
      `The name ${host} leads nowhere.`,
      'Set server.host to an address of this machine, or to 127.0.0.1.',
    ],
  };
  const known = problems[code ?? ''];
  if (known === undefined) return cause;
  const [field, message, remedy] = known;
  return new InvalidInput('server', [{ file, field, message, remedy }]);
}
