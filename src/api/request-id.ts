import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const ids = new WeakMap<object, string>();

/** Names a request for the log and for problem documents; the answer carries it as X-Request-Id. */
export function nameRequest(request: IncomingMessage, response: ServerResponse): string {
  const id = randomUUID();
  ids.set(request, id);
  response.setHeader('X-Request-Id', id);
  return id;
}

export function requestId(request: object): string {
  const id = ids.get(request);
  if (id === undefined) throw new Error('the request has not been named');
  return id;
}
