import type { Client } from 'pg';
import { SteadySocket } from './steady-socket';

/** Byte codes of messages of the frontend/backend protocol 3.0. */
const CODE = { copyData: 0x64, copyOut: 0x48, notice: 0x4e, parameter: 0x53, notification: 0x41 };
const headerBytes = 5; // code and length
/** Twice what a socket gives at once; a longer row makes it grow. */
const bufferBytes = 524_288;
const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

/**
 * Takes one row: `start` is where its first field begins, each a length of four bytes (-1 for null)
 * and its value in PostgreSQL's binary form. A promise makes the server wait. What is thrown ends
 * the copy and is thrown to its caller.
 */
export type TakeRow = (source: DataView, start: number) => Promise<void> | undefined;

interface Wire {
  stream: NodeJS.ReadableStream & { destroy(): void };
  query(text: string): void;
}

/**
 * Runs a `copy … to stdout (format binary)` and gives its rows one by one, straight from the bytes
 * of the socket. Resolves with the count in the server's command tag. An error of the server is
 * thrown and leaves the connection usable; an error of `takeRow` costs the connection.
 */
export async function copyRows(
  client: Client,
  sql: string,
  columns: number,
  takeRow: TakeRow,
): Promise<{ rows: string }> {
  const query = new RowsQuery(sql, columns, takeRow);
  client.query(query);
  try {
    return { rows: await query.done };
  } catch (cause) {
    // pg then ends the socket at once; the server notices and stops.
    if (query.isAbandoned) await client.end();
    throw cause;
  }
}

/** One COPY as pg's client wants a query; it reads the socket itself until the rows have ended. */
class RowsQuery {
  readonly done: Promise<string>;
  isAbandoned = false;
  private settle: { resolve(rows: string): void; reject(cause: unknown): void } | undefined;
  private wire: Wire | undefined;
  private pgListener: ((chunk: Buffer) => void) | undefined;
  /** Bytes that came and were not used yet, from the beginning of `bytes`. */
  private bytes = new Uint8Array(bufferBytes);
  private view = new DataView(this.bytes.buffer);
  private filled = 0;
  private isWaiting = false;
  private isFirst = true;
  private tag: string | undefined;

  constructor(
    private readonly sql: string,
    private readonly columns: number,
    private readonly takeRow: TakeRow,
  ) {
    this.done = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    const [listener, ...others] = wire.stream.listeners('data');
    if (!listener || others.length > 0) throw new Error('pg does not read its socket as it did');
    this.pgListener = listener as (chunk: Buffer) => void;
    this.wire = wire;
    wire.stream.removeListener('data', this.pgListener);
    if (wire.stream instanceof SteadySocket) wire.stream.borrower = this.onData;
    else wire.stream.on('data', this.onData);
    wire.query(this.sql);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.tag = /^COPY (\d+)$/.exec(text)?.[1];
  }

  handleReadyForQuery(): void {
    if (this.tag === undefined) this.settle?.reject(new Error('COPY ended without a row count'));
    else this.settle?.resolve(this.tag);
  }

  /** Of the server, or of a connection that was lost. */
  handleError(cause: unknown): void {
    this.settle?.reject(cause);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}

  private readonly onData = (chunk: Buffer): void => {
    this.reserve(this.filled + chunk.length);
    this.bytes.set(chunk, this.filled);
    this.filled += chunk.length;
    if (!this.isWaiting) this.read();
  };

  private reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(size, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.filled));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  private read(): void {
    try {
      const used = this.readMessages();
      this.bytes.copyWithin(0, used, this.filled);
      this.filled -= used;
    } catch (cause) {
      this.abandon(cause);
    }
  }

  /** Reads whole messages; returns how many bytes they had. */
  private readMessages(): number {
    const { view, filled } = this;
    let at = 0;
    while (filled - at >= headerBytes) {
      const code = view.getUint8(at);
      const end = at + 1 + view.getInt32(at + 1);
      if (code !== CODE.copyData && !isAside(code)) {
        this.handOver(Buffer.from(this.bytes.subarray(at, filled)));
        return filled;
      }
      if (end > filled) return at;
      const start = at + headerBytes;
      at = end;
      const wait = code === CODE.copyData ? this.readData(view, start, end) : undefined;
      if (wait) {
        this.waitFor(wait);
        return at;
      }
    }
    return at;
  }

  /** A message holds one row; before the first stands the header, and alone the trailer of −1. */
  private readData(view: DataView, start: number, end: number): Promise<void> | undefined {
    let at = start;
    if (this.isFirst) {
      if (!signature.equals(this.bytes.subarray(at, at + signature.length)))
        throw new Error('COPY does not begin as its binary form does');
      this.isFirst = false;
      at += signature.length + 8 + view.getInt32(at + signature.length + 4);
      if (at === end) return undefined;
    }
    const fields = view.getInt16(at);
    if (fields === -1) return undefined;
    if (fields !== this.columns) throw new Error(`COPY gave ${fields} of ${this.columns} columns`);
    return this.takeRow(view, at + 2);
  }

  private waitFor(wait: Promise<void>): void {
    this.isWaiting = true;
    this.wire?.stream.pause();
    wait.then(
      () => {
        this.isWaiting = false;
        this.wire?.stream.resume();
        this.read();
      },
      (cause: unknown) => this.abandon(cause),
    );
  }

  /** Gives the socket back to pg, with what follows the rows. */
  private handOver(rest: Buffer): void {
    if (!this.wire || !this.pgListener) return;
    this.stopReading();
    this.wire.stream.on('data', this.pgListener);
    this.pgListener(rest);
  }

  private abandon(cause: unknown): void {
    this.isAbandoned = true;
    this.stopReading();
    this.settle?.reject(cause);
  }

  private stopReading(): void {
    const stream = this.wire?.stream;
    stream?.removeListener('data', this.onData);
    if (stream instanceof SteadySocket) stream.borrower = undefined;
  }
}

const isAside = (code: number): boolean =>
  code === CODE.copyOut ||
  code === CODE.notice ||
  code === CODE.parameter ||
  code === CODE.notification;
