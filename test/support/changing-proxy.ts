import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A JSON object of an answer. */
export type Body = Record<string, unknown> & { data?: Record<string, unknown>[] };

/** What becomes of an answer on its way: itself, another, or a refusal. */
export type Change = (url: URL, body: Body) => Body | { status: number; body: Body } | undefined;

export interface ChangingProxy {
  url: string;
  /** What befalls answers from now on; nothing by default. */
  change: Change;
  stop(): Promise<void>;
}

/** Stands between a client and a server on loopback, and may change what JSON answers say. */
export async function startChangingProxy(target: string): Promise<ChangingProxy> {
  const proxy: ChangingProxy = { url: '', change: () => undefined, stop: () => Promise.resolve() };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { method = 'GET', url = '/', headers } = request;
      const sent: Record<string, string> = {};
      for (const name of ['authorization', 'stripe-version', 'content-type']) {
        const value = headers[name];
        if (typeof value === 'string') sent[name] = value;
      }
      const whole = Buffer.concat(chunks).toString('utf8');
      const answer = await fetch(target + url, {
        ...{ method, headers: sent },
        ...(method === 'POST' ? { body: whole } : {}),
      });
      const text = await answer.text();
      const kept = ['content-type', 'request-id', 'stripe-version'].flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      const changed = text.startsWith('{')
        ? proxy.change(new URL(url, target), JSON.parse(text) as Body)
        : undefined;
      const isRefused = changed !== undefined && typeof changed['status'] === 'number';
      const status = isRefused ? (changed['status'] as number) : answer.status;
      const body = isRefused ? changed['body'] : changed;
      response.writeHead(status, Object.fromEntries(kept));
      response.end(body === undefined ? text : JSON.stringify(body));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.stop = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return proxy;
}
