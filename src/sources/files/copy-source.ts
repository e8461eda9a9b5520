import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import type { Problem } from '../../core/problem';
import { errorCode } from '../../platform/database/error-code';
import type { ProblemList } from './problem-list';

/** Bytes read, hashed, checked and written at a time. */
const CHUNK_BYTES = 1_048_576;

export interface SourceCopy {
  sha256: string;
  bytes: string;
}

/** Where the copy's bytes are checked as they go by. */
export interface ByteCheck {
  push(chunk: Buffer): void;
  end(): void;
}

/**
 * Copies a file byte for byte to `copy` (which must not exist), hashing what is written. Adds a
 * problem, and returns null, when the file cannot be read or is not the same before and after:
 * half of an old extract and half of a new one must never be judged as one.
 */
export async function copySource(
  source: { path: string; displayPath: string },
  copy: string,
  check: ByteCheck,
  problems: ProblemList,
): Promise<SourceCopy | null> {
  const file = source.displayPath;
  const before = await statSource(source.path, file, problems);
  if (before === null) return null;
  const handle = await openSource(source.path, file, problems);
  if (handle === null) return null;
  try {
    const copied = await copyBytes(handle, copy, before.size, check);
    const after = [
      await handle.stat({ bigint: true }),
      await stat(source.path, { bigint: true }).catch(() => null),
    ];
    if (copied.bytes === String(before.size) && after.every((seen) => isSame(before, seen)))
      return copied;
    problems.add({
      file,
      message: 'The file changed while it was being read.',
      remedy: 'Write it under another name and rename it when complete, then run again.',
    });
    return null;
  } finally {
    await handle.close();
  }
}

function isSame(before: BigIntStats, after: BigIntStats | null): boolean {
  return (
    after !== null &&
    (['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const).every(
      (field) => before[field] === after[field],
    )
  );
}

async function statSource(
  path: string,
  file: string,
  problems: ProblemList,
): Promise<BigIntStats | null> {
  const stats = await stat(path, { bigint: true }).catch((cause: unknown) => {
    problems.add(unreadable(file, cause));
    return null;
  });
  if (stats === null || stats.isFile()) return stats;
  problems.add({
    file,
    message: stats.isDirectory() ? 'This is a directory.' : 'This is not a regular file.',
    remedy: 'Name one regular file as the path of the dataset.',
  });
  return null;
}

async function openSource(
  path: string,
  file: string,
  problems: ProblemList,
): Promise<FileHandle | null> {
  // Non-blocking, so that a pipe put in the file's place cannot make the run wait for a writer.
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    problems.add(unreadable(file, cause));
    return null;
  });
}

const REASONS: Record<string, [message: string, remedy: string]> = {
  ENOENT: ['The file does not exist.', 'Put it there, or correct the path of the dataset.'],
  ENOTDIR: ['A part of the path is not a folder.', 'Correct the path of the dataset.'],
  ENAMETOOLONG: ['The path is too long.', 'Correct the path of the dataset.'],
  ELOOP: ['The path is a loop of symbolic links.', 'Point the link at a regular file.'],
  EACCES: ['The file may not be read by this account.', 'Grant read access to it.'],
  EPERM: ['The file may not be read by this account.', 'Grant read access to it.'],
};

/** The problem of a path that cannot be opened; any other cause is a fault and is thrown. */
export function unreadable(file: string, cause: unknown): Problem {
  const reason = REASONS[errorCode(cause) ?? ''];
  if (!reason) throw new Error(`reading ${file}`, { cause });
  return { file, message: reason[0], remedy: reason[1] };
}

async function copyBytes(
  source: FileHandle,
  copy: string,
  size: bigint,
  check: ByteCheck,
): Promise<SourceCopy> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const target = await open(copy, 'wx', 0o600);
  let bytes = 0n;
  try {
    // Past the size seen before there is nothing worth copying: a growing file would never end.
    while (bytes <= size) {
      const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      check.push(chunk);
      for (let done = 0; done < bytesRead;)
        done += (await target.write(chunk, done, bytesRead - done)).bytesWritten;
      bytes += BigInt(bytesRead);
    }
    check.end();
  } catch (cause) {
    await rm(copy, { force: true });
    throw cause;
  } finally {
    await target.close();
  }
  return { sha256: hash.digest('hex'), bytes: String(bytes) };
}
