import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers a request in a way that no documentation has. */
export type OddAnswer = (response: ServerResponse, url: URL) => void;

/** A Stripe whose lists are empty or missing, but for what is answered to `GET /v1/charges`. */
export interface OddStripe {
  url: string;
  account: OddAnswer;
  charges: OddAnswer;
  /** Paths that it does not know. */
  missing: readonly string[];
  /** What else is answered, by path. */
  answers: Record<string, OddAnswer>;
  close(): Promise<void>;
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_odd' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

export const list = (data: unknown, more: object = { has_more: false }): object => ({
  ...{ object: 'list', url: '/v1/charges', data },
  ...more,
});

/** The caller closes it. */
export async function openOddStripe(): Promise<OddStripe> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://stripe.test');
    if (url.pathname === '/v1/charges') return stripe.charges(response, url);
    if (url.pathname === '/v1/account') return stripe.account(response, url);
    if (request.method === 'POST')
      return json(response, 403, {
        error: { type: 'invalid_request_error', message: 'read only' },
      });
    const answer = stripe.answers[url.pathname];
    if (answer !== undefined) return answer(response, url);
    if (stripe.missing.includes(url.pathname))
      return json(response, 404, { error: { message: 'Unrecognized request URL' } });
    json(response, 200, list([]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stripe: OddStripe = {
    url: `http://127.0.0.1:${port}`,
    account: (response) => json(response, 200, { id: 'acct_1', object: 'account' }),
    charges: (response) => json(response, 200, list([])),
    missing: [],
    answers: {},
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stripe;
}
