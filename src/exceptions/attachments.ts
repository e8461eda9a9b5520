import type { IncomingMessage } from 'node:http';
import * as path from 'node:path';
import { Refusal } from '../core/problem';
import type { EvidenceStore } from '../evidence/evidence-store';
import type { Json } from '../core/canonical-json';

export const mostAttachmentBytes = 10 * 1_048_576;

/** First bytes of the kinds of file that are kept; text has none, and must be UTF-8 without NUL. */
const kinds: Record<string, { type: string; magic: Buffer | null }> = {
  '.pdf': { type: 'application/pdf', magic: Buffer.from('%PDF-') },
  '.png': { type: 'image/png', magic: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]) },
  '.jpg': { type: 'image/jpeg', magic: Buffer.from([0xff, 0xd8, 0xff]) },
  '.jpeg': { type: 'image/jpeg', magic: Buffer.from([0xff, 0xd8, 0xff]) },
  '.xlsx': {
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    magic: Buffer.from([0x50, 0x4b, 0x03, 0x04]),
  },
  '.csv': { type: 'text/csv', magic: null },
  '.txt': { type: 'text/plain', magic: null },
  '.eml': { type: 'message/rfc822', magic: null },
};
export const attachmentKinds = Object.keys(kinds);

/**
 * Reads the body of a request as a file and keeps it by its hash. Throws Refusal `too_large`, or
 * `type_not_allowed` when its name and its content are not of a kind that is kept.
 */
export async function keepAttachment(
  store: EvidenceStore,
  request: IncomingMessage,
  name: string,
): Promise<Record<string, Json>> {
  const kind = kinds[path.extname(name).toLowerCase()];
  if (kind === undefined)
    throw new Refusal('type_not_allowed', `Kept are files ${attachmentKinds.join(', ')}.`);
  const content = await bodyOf(request);
  const genuine =
    kind.magic === null
      ? isText(content)
      : content.subarray(0, kind.magic.length).equals(kind.magic);
  if (!genuine)
    throw new Refusal('type_not_allowed', `The content of ${name} is not ${kind.type}.`);
  const file = await store.addBytes(content);
  return { name, media_type: kind.type, ...file };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostAttachmentBytes)
      throw new Refusal('too_large', `A file may hold ${mostAttachmentBytes / 1_048_576} MiB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isText(content: Buffer): boolean {
  try {
    return (
      content.length > 0 &&
      !new TextDecoder('utf-8', { fatal: true }).decode(content).includes('\0')
    );
  } catch {
    return false; // not UTF-8; refused by the caller
  }
}
