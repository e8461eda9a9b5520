import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const chunkBytes = 262_144;
/** How long to wait for more of a file that its writer has not written further. */
const pauseMs = 5;

/**
 * The bytes of a file that is being written from its beginning to its end, as they come: reading
 * goes on until `writing` has ended, and throws what that throws. The file is there already.
 */
export async function* followFile(file: string, writing: Promise<void>): AsyncGenerator<Buffer> {
  let isWritten = false;
  const ended = writing.then(() => {
    isWritten = true;
  });
  // A reader that leaves early does not wait for it: who wrote is told by `writing` itself.
  ended.catch(() => undefined);
  const handle = await open(file, 'r');
  try {
    for (;;) {
      const wasWritten: boolean = isWritten;
      const { bytesRead, buffer } = await handle.read(
        Buffer.allocUnsafe(chunkBytes),
        0,
        chunkBytes,
      );
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (wasWritten) return;
      else await Promise.race([ended, delay(pauseMs)]);
    }
  } finally {
    await handle.close();
  }
}
