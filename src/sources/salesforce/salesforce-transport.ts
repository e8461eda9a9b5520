import { PassThrough, type Duplex } from 'node:stream';
import Transport from 'jsforce/lib/transport';
import type { HttpRequest, HttpResponse } from 'jsforce';

/** An answer as it came: the body byte for byte, and all headers in lower case. */
export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * What jsforce sends its requests through: fetch with a deadline. Its own transport waits for ever
 * when a connection breaks in the middle of a body, and shows no headers.
 */
export class SalesforceTransport extends Transport {
  /** The last answer, whatever jsforce makes of it. */
  answer: HttpAnswer | null = null;

  constructor(private readonly timeoutMs: number) {
    super();
  }

  override getRequestStreamCreator(): (request: HttpRequest) => Duplex {
    return (request) => {
      const stream = new PassThrough();
      this.send(request).then(
        (response) => stream.emit('complete', response),
        (cause: unknown) => stream.emit('error', cause),
      );
      return stream;
    };
  }

  private async send({ url, method, headers, body }: HttpRequest): Promise<HttpResponse> {
    this.answer = null;
    // fetch counts the body itself.
    const given = Object.entries(headers ?? {}).filter(([name]) => name !== 'content-length');
    const response = await fetch(url, {
      method,
      // The session must not follow to another place.
      redirect: 'manual',
      headers: Object.fromEntries(given),
      signal: AbortSignal.timeout(this.timeoutMs),
      ...(typeof body === 'string' ? { body } : {}),
    });
    const answer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
    this.answer = answer;
    return { statusCode: answer.status, headers: answer.headers, body: answer.body };
  }
}
