import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from, to } from 'pg-copy-streams';

const batchBytes = 65_536;

/** The bytes of a COPY … TO STDOUT, and, once they ended, the number of rows they held. */
export interface CopyOut extends Readable {
  /** The count in the server's command tag. Throws before the end was read. */
  rows(): string;
}

/**
 * Runs a `copy … to stdout` and gives its bytes as they come, at the reader's pace. A stream that
 * is left before its end costs the connection, which is then ended; an error of the server ends
 * the stream with that error.
 */
export function copyOut(client: Client, sql: string): CopyOut {
  let rows: string | undefined;
  const chunks = readCopy(client, sql, (count) => (rows = count));
  const stream = Readable.from(chunks, { objectMode: false, highWaterMark: batchBytes });
  return Object.assign(stream, {
    rows(): string {
      if (rows === undefined) throw new Error('COPY was not read to its end');
      return rows;
    },
  });
}

async function* readCopy(
  client: Client,
  sql: string,
  finish: (rows: string) => void,
): AsyncGenerator<Buffer> {
  const query = to(sql, { highWaterMark: batchBytes });
  let answered = false; // by the server, to the end or with an error
  // The command tag follows the data: it has arrived when the server is ready for the next query.
  const ready = new Promise<void>((resolve) => {
    Object.assign(query, { handleReadyForQuery: () => resolve() });
  });
  // AbortError is how the iteration below ends when its reader leaves; it throws all others.
  query.on('error', (error) => (answered ||= error.name !== 'AbortError'));
  try {
    client.query(query);
    for await (const chunk of query as AsyncIterable<Buffer>) yield chunk;
    await ready;
    answered = true;
    finish(String(query.rowCount));
  } finally {
    // pg then ends the socket at once; the server notices and stops.
    if (!answered) await client.end();
  }
}

/**
 * Runs a `copy … from stdin` fed by `source` in batches of 64 KB, at the server's pace. Resolves
 * with the count in the server's command tag. When the source fails, the COPY is rolled back and
 * the source's own error is thrown; the connection stays usable.
 */
export async function copyIn(
  client: Client,
  sql: string,
  source: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
): Promise<{ rows: string }> {
  const target = client.query(endingOnError(from(sql, { highWaterMark: batchBytes })));
  let sourceError: { cause: unknown } | undefined;
  const guarded = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* inBatches(source);
    } catch (cause) {
      sourceError = { cause };
      // This text reaches the server and its log: nothing of the rows may be in it.
      throw new Error('the source of the rows failed', { cause });
    }
  };
  try {
    await pipeline(guarded, target);
  } catch (cause) {
    await finished(target).catch(() => undefined);
    throw sourceError === undefined ? cause : sourceError.cause;
  }
  return { rows: String(target.rowCount) };
}

/**
 * A COPY that is over when the server refuses it. By itself the stream then waits for an answer to
 * its CopyFail, which a server that has ended the COPY, or never began it, does not give.
 */
function endingOnError(target: ReturnType<typeof from>): ReturnType<typeof from> {
  const inside: Ending = target as unknown as Ending;
  const handleError = inside.handleError.bind(target);
  inside.handleError = (cause) => {
    handleError(cause); // whoever listens destroys the stream, which leaves its callback
    const ended = inside.cb_destroy;
    inside.cb_destroy = null;
    ended?.(cause);
  };
  return target;
}

/** What pg-copy-streams 7 does not declare. */
interface Ending {
  handleError(cause: Error): void;
  cb_destroy?: ((cause: Error) => void) | null;
}

async function* inBatches(
  source: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of source) {
    const buffer = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
    pieces.push(buffer);
    bytes += buffer.length;
    if (bytes < batchBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}
