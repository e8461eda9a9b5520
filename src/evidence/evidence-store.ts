import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  rename,
  stat,
  writeFile,
} from 'node:fs/promises';
import * as path from 'node:path';

/** A file in the store: its name is the SHA-256 of its bytes. */
export interface StoredFile {
  sha256: string;
  /** Size, as text. */
  bytes: string;
}

/**
 * Files by content, below one folder: `sha256/ab/abcd…`. Nothing is ever changed or removed; the
 * same content is kept once. A file is on disk (fsync) before its hash may be written to the
 * database.
 */
export class EvidenceStore {
  constructor(private readonly root: string) {}

  pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('not a SHA-256');
    return path.join(this.root, 'sha256', sha256.slice(0, 2), sha256);
  }

  /** Keeps a file that is already hashed, sharing its bytes on disk where the file system can. */
  async keep(file: string, sha256: string): Promise<StoredFile> {
    const target = this.pathOf(sha256);
    const { size } = await stat(file);
    if (!(await exists(target))) {
      await mkdir(path.dirname(target), { recursive: true });
      const fresh = `${target}.${randomUUID()}`;
      // Across file systems there is no link; then the bytes are copied.
      await link(file, fresh).catch(() => copyFile(file, fresh));
      await this.settle(fresh, target);
    }
    return { sha256, bytes: String(size) };
  }

  /** Hashes a file, then keeps it. */
  async add(file: string): Promise<StoredFile> {
    return this.keep(file, await sha256OfFile(file));
  }

  addText(content: string): Promise<StoredFile> {
    return this.addBytes(Buffer.from(content, 'utf8'));
  }

  async addBytes(bytes: Buffer): Promise<StoredFile> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const target = this.pathOf(sha256);
    if (!(await exists(target))) {
      await mkdir(path.dirname(target), { recursive: true });
      const fresh = `${target}.${randomUUID()}`;
      await writeFile(fresh, bytes);
      await this.settle(fresh, target);
    }
    return { sha256, bytes: String(bytes.length) };
  }

  has(sha256: string): Promise<boolean> {
    return exists(this.pathOf(sha256));
  }

  read(sha256: string): ReadStream {
    return createReadStream(this.pathOf(sha256));
  }

  private async settle(fresh: string, target: string): Promise<void> {
    await chmod(fresh, 0o444);
    await syncToDisk(fresh);
    await rename(fresh, target);
    await syncToDisk(path.dirname(target));
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Resolves once what was written to a file or folder is on the disk (fsync). */
export async function syncToDisk(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** SHA-256 of a file in one streaming pass. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}
