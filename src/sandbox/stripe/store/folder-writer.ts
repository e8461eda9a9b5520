import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StripeRecord } from '../../world/records';
import { LineFile, type WrittenFile } from '../../world/line-file';
import { sharedCollections } from './stripe-store';

interface Pair {
  objects: LineFile;
  index: LineFile;
}

/**
 * Writes records into `<root>/<entity>/<collection>.jsonl`, one object a line, and beside each an
 * `<collection>.index.tsv` with a line for each object: id, created, bytes of its line without the
 * newline, then its filters as `key=value`. Synchronous, buffered, append-only.
 */
export class FolderWriter {
  private readonly files = new Map<string, Pair>();
  private readonly shared = new Set<string>();

  constructor(private readonly root: string) {}

  write(record: StripeRecord): void {
    const { entity, collection, id, created, filters } = record;
    if (sharedCollections.has(collection)) {
      const key = `${entity}/${collection}/${id}`;
      if (this.shared.has(key)) return;
      this.shared.add(key);
    }
    const { objects, index } = this.pair(entity, collection);
    const text = JSON.stringify(record.object);
    const values = Object.entries(filters).map(([key, value]) => `${key}=${value}`);
    const line = [id, String(created), String(Buffer.byteLength(text)), ...values];
    if (line.some((cell) => /[\t\n\r]/.test(cell)))
      throw new RangeError(`${collection} ${id}: a tab or a line break in the index`);
    objects.write(text);
    index.write(line.join('\t'));
  }

  /** Path below the root to what was written, for a manifest. */
  close(): Map<string, WrittenFile> {
    const written = new Map<string, WrittenFile>();
    for (const [name, { objects, index }] of this.files) {
      written.set(`${name}.jsonl`, objects.close());
      written.set(`${name}.index.tsv`, index.close());
    }
    this.files.clear();
    return written;
  }

  private pair(entity: string, collection: string): Pair {
    const name = `${entity}/${collection}`;
    const known = this.files.get(name);
    if (known) return known;
    mkdirSync(join(this.root, entity), { recursive: true });
    const pair = {
      objects: new LineFile(join(this.root, `${name}.jsonl`)),
      index: new LineFile(join(this.root, `${name}.index.tsv`)),
    };
    this.files.set(name, pair);
    return pair;
  }
}
