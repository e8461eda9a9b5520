import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';

/** More than a Unix socket of Linux holds for its reader. */
const bufferBytes = 262_144;

/** Takes what a socket read; the bytes are overwritten by the next read. */
type TakeBytes = (bytes: Buffer) => void;

/**
 * A socket that reads into one buffer, over and over. Node would otherwise allocate 64 KB for each
 * read, however little comes: of a copied population that is gigabytes, and finding them unused
 * again costs the collector as much as reading them cost.
 */
export class SteadySocket extends Socket {
  /** While set, it gets the buffer itself; else a copy is pushed, as Node does with its own. */
  borrower: TakeBytes | undefined;

  constructor() {
    // What Node reads cannot arrive before the socket is connected, so before it is whole.
    let take: (bytes: Buffer) => boolean = () => false;
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(bufferBytes),
      callback(length, { buffer, byteOffset }) {
        return take(Buffer.from(buffer, byteOffset, length));
      },
    };
    const options: SocketConstructorOpts & { onread: OnReadOpts } = { onread };
    super(options);
    take = (bytes) => {
      // False makes the socket wait until somebody reads on.
      if (!this.borrower) return this.push(Buffer.from(bytes));
      this.borrower(bytes);
      return true;
    };
  }
}

/** The `stream` of a connection, as pg asks for it: TLS reads an ordinary one by itself. */
export const socketForPg = (config?: { ssl?: unknown }): Socket =>
  config?.ssl ? new Socket() : new SteadySocket();
