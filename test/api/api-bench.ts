import { PassThrough } from 'node:stream';
import request from 'supertest';
import { createToken, type TokenRequest } from '../../src/access/create-token';
import { startServer, type RunningServer } from '../../src/main';
import { SystemClock, type Clock } from '../../src/platform/clock';
import type { Config } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import type { Database } from '../../src/platform/database/open-database';
import type { RunRequest } from '../../src/runs/run-types';
import { ordersCsv, paymentsCsv, openWorkbench, type Workbench } from '../support/workbench';

export const clockAt = (instant: string): Clock => ({ now: () => instant });

/** A server over a workbench's folder and a real database, and what it logged. */
export interface ApiBench {
  server: RunningServer;
  bench: Workbench;
  agent: ReturnType<typeof request>;
  /** A write token that is good. */
  writer: string;
  token: (order?: Partial<TokenRequest>, clock?: Clock) => Promise<string>;
  /** A run whose orders and payments differ: b is short by one, c is not paid. */
  run(order?: Partial<RunRequest>): Promise<string>;
  logged(): Record<string, unknown>[];
  close(): Promise<void>;
}

export async function openApiBench(
  database: Database,
  serverConfig: Partial<Config['server']> = {},
  more: Partial<Config> = {},
): Promise<ApiBench> {
  const clock = new SystemClock();
  const bench = openWorkbench(database, clock);
  const stream = new PassThrough();
  const lines: string[] = [];
  stream.on('data', (chunk: Buffer) => lines.push(chunk.toString('utf8')));
  const server = await startServer({
    config: { ...bench.config, ...more, server: { host: '127.0.0.1', port: 0, ...serverConfig } },
    database,
    catalog: await bench.catalog(),
    clock,
    logger: createLogger({ level: 'info', stream }),
  });
  const token: ApiBench['token'] = (order = {}, at = clock) =>
    createToken(database.app, { name: 'a test', scope: 'read', expiresInDays: 1, ...order }, at);
  return {
    server,
    bench,
    agent: request(server.url),
    writer: await token({ name: 'a writer', scope: 'write' }),
    token,
    run: async (order) => {
      writeFiles(bench);
      return (await bench.run(order)).runId;
    },
    logged: () =>
      lines
        .join('')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    close: async () => {
      await server.close();
      bench.remove();
    },
  };
}

export function writeFiles(bench: Workbench): void {
  bench.write(
    'orders.csv',
    ordersCsv([
      ['a', '10.00'],
      ['b', '20.00'],
      ['c', '30.00'],
    ]),
  );
  bench.write(
    'payments.csv',
    paymentsCsv([
      ['p1', 'a', '4.00'],
      ['p2', 'a', '6.00'],
      ['p3', 'b', '19.00'],
    ]),
  );
}
