import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

const bufferChars = 1 << 20;

/** What was written: for the manifest. */
export interface WrittenFile {
  rows: number;
  bytes: number;
  sha256: string;
}

/**
 * A text file written line by line, hashed on the way. Writing is synchronous: a world is made at
 * the speed of the disk, and no line waits in memory for longer than a buffer.
 */
export class LineFile {
  private readonly handle: number;
  private readonly hash = createHash('sha256');
  private pending = '';
  private rows = 0;
  private bytes = 0;

  /** Throws when the file exists. */
  constructor(readonly path: string) {
    this.handle = openSync(path, 'wx');
  }

  /** `counts` is false for a line that is no row, such as a header. */
  write(line: string, counts = true): void {
    this.pending += `${line}\n`;
    if (counts) this.rows += 1;
    if (this.pending.length >= bufferChars) this.flush();
  }

  close(): WrittenFile {
    this.flush();
    closeSync(this.handle);
    return { rows: this.rows, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  private flush(): void {
    const chunk = Buffer.from(this.pending, 'utf8');
    this.pending = '';
    this.hash.update(chunk);
    let done = 0;
    while (done < chunk.length) done += writeSync(this.handle, chunk, done);
    this.bytes += chunk.length;
  }
}
