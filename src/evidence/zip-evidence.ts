import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { RunEvidence } from './evidence.queries';
import type { EvidenceStore } from './evidence-store';
import { readEvidence } from './read-evidence';

/**
 * One archive of all files of a run under the paths of its manifest, as a stream. A file whose
 * content is not what was recorded ends the stream with an error, and the archive is not whole.
 */
export function zipEvidence(store: EvidenceStore, evidence: RunEvidence): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream;
  if (!(output instanceof Readable)) throw new TypeError('yazl gives no stream of Node');
  const open = new Set<Readable>();
  // Whoever stops reading halfway leaves no file open.
  output.once('close', () => open.forEach((content) => content.destroy()));
  zip.on('error', (error: Error) => output.destroy(error));
  // Compressed, Parquet too: what comes from the books is written without (ADR 0009).
  const options = { mtime: new Date(evidence.recordedAt), mode: 0o100444 };
  for (const file of evidence.files) {
    zip.addReadStreamLazy(file.path, options, (give) => {
      readEvidence(store, file).then(
        (content) => {
          open.add(content);
          content.once('close', () => open.delete(content));
          content.once('error', (error) => output.destroy(error));
          give(null, content);
        },
        (error: unknown) => output.destroy(asError(error)),
      );
    });
  }
  zip.end();
  return output;
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('reading evidence', { cause: error });
