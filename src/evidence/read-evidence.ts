import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream';
import type { EvidenceStore } from './evidence-store';

/**
 * The content of a stored file, hashed as it flows. The last piece is held back until the hash is
 * known to be right, so that what arrives whole is what was recorded; otherwise the stream fails.
 * Rejects at once when the file is gone or has another size.
 */
export async function readEvidence(
  store: EvidenceStore,
  file: { sha256: string; bytes: string },
): Promise<Readable> {
  const { size } = await stat(store.pathOf(file.sha256));
  if (String(size) !== file.bytes)
    throw new Error(`evidence ${file.sha256} has ${size} bytes, ${file.bytes} were recorded`);
  const proof = new HashProof(file.sha256);
  // Its outcome reaches the reader of the proof as end, error or close.
  pipeline(store.read(file.sha256), proof, () => undefined);
  return proof;
}

class HashProof extends Transform {
  private readonly hash = createHash('sha256');
  private held: Buffer | null = null;

  constructor(private readonly expected: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.hash.update(chunk);
    if (this.held !== null) this.push(this.held);
    this.held = chunk;
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.hash.digest('hex') !== this.expected)
      done(new Error(`evidence ${this.expected} does not have its hash`));
    else done(null, this.held);
  }
}
