import { fork, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import type { NorthwindAccess } from '../../../src/sandbox/northwind/northwind-config';
import { serveWorld } from '../../../src/sandbox/serve/serve-world';

/** A company whose Stripe and Salesforce answer from a process of their own. */
export interface ServedElsewhere {
  access: Omit<NorthwindAccess, 'warehouseUrl'>;
  pid: number;
  /** Sets the clock of what is served forward. */
  forward(ms: number): void;
  stop(): void;
}

/** Serves the world of a folder beside this process: its work is then nobody's here. */
export async function serveElsewhere(folder: string): Promise<ServedElsewhere> {
  const runner = path.join(__dirname, '..', '..', '..', 'scripts', 'run-ts.cjs');
  const child: ChildProcess = fork(runner, [__filename, folder]);
  const access = await new Promise<ServedElsewhere['access']>((resolve, reject) => {
    child.once('message', (served) => resolve(served as ServedElsewhere['access']));
    child.once('exit', (code) => reject(new Error(`serving ${folder} ended with ${code}`)));
  });
  return {
    access,
    pid: child.pid ?? 0,
    forward: (ms) => void child.send(ms),
    stop: () => void child.kill(),
  };
}

async function main(): Promise<void> {
  const { stripe, salesforce, clock } = await serveWorld(process.argv[2] ?? '');
  const { url, clientId, username, privateKey } = salesforce;
  process.on('message', (ms) => clock.forward(Number(ms)));
  process.on('disconnect', () => process.exit());
  process.send?.({
    stripe: { url: stripe.url, keys: stripe.keys },
    salesforce: { url, clientId, username, privateKey },
  });
}

if (process.argv[1] === __filename) void main();
