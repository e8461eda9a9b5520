import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { EntityId } from '../../truth/company';
import { RecordTable, type StoredRecord } from './record-table';
import { partCollections, type StripeStore } from './stripe-store';

/**
 * Objects in a folder that FolderWriter wrote. A collection's index is read when it is first asked
 * for; objects are read from disk one by one, so memory holds no object.
 */
export class FolderStore implements StripeStore {
  private readonly tables = new Map<string, RecordTable>();
  private readonly handles: number[] = [];

  constructor(private readonly root: string) {}

  collection(entity: EntityId, name: string): RecordTable {
    const key = `${entity}/${name}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = this.open(key, partCollections.has(name));
      this.tables.set(key, table);
    }
    return table;
  }

  close(): void {
    for (const handle of this.handles.splice(0)) closeSync(handle);
    this.tables.clear();
  }

  private open(key: string, asWritten: boolean): RecordTable {
    const path = join(this.root, `${key}.jsonl`);
    if (!existsSync(path)) {
      const nothing = (): StoredRecord => {
        throw new RangeError(`${key} is empty`);
      };
      return new RecordTable(nothing, asWritten);
    }
    const handle = openSync(path, 'r');
    this.handles.push(handle);
    const places = new Places();
    const table = new RecordTable((row) => readObject(handle, places, row), asWritten);
    let offset = 0;
    for (const line of linesOf(readFileSync(join(this.root, `${key}.index.tsv`), 'utf8'))) {
      const [id = '', created = '', bytes = '', ...filters] = line.split('\t');
      const length = Number(bytes);
      places.add({ id, created: Number(created), offset, length });
      table.add(id, Number(created), filters.map(keyAndValue));
      offset += length + 1;
    }
    return table;
  }
}

const keyAndValue = (cell: string): [string, string] => {
  const at = cell.indexOf('=');
  return [cell.slice(0, at), cell.slice(at + 1)];
};

function* linesOf(text: string): Generator<string> {
  let from = 0;
  for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
    if (to > from) yield text.slice(from, to);
    from = to + 1;
  }
}

interface Place {
  id: string;
  created: number;
  offset: number;
  length: number;
}

/** Offsets and lengths by row, in numbers alone. */
class Places {
  private offsets = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  private created = new Uint32Array(1024);
  private size = 0;

  add({ offset, length, created }: Place): void {
    if (this.size === this.offsets.length) this.grow();
    this.offsets[this.size] = offset;
    this.lengths[this.size] = length;
    this.created[this.size] = created;
    this.size += 1;
  }

  at(row: number): Omit<Place, 'id'> {
    const { offsets, lengths, created } = this;
    return { offset: offsets[row] ?? 0, length: lengths[row] ?? 0, created: created[row] ?? 0 };
  }

  private grow(): void {
    const { offsets, lengths, created } = this;
    this.offsets = new Float64Array(this.size * 2);
    this.lengths = new Uint32Array(this.size * 2);
    this.created = new Uint32Array(this.size * 2);
    this.offsets.set(offsets);
    this.lengths.set(lengths);
    this.created.set(created);
  }
}

function readObject(handle: number, places: Places, row: number): StoredRecord {
  const { offset, length, created } = places.at(row);
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const read = readSync(handle, buffer, done, length - done, offset + done);
    if (read === 0) throw new RangeError(`row ${row} ends beyond its file`);
    done += read;
  }
  const object = JSON.parse(buffer.toString('utf8')) as { id: string };
  return { id: object.id, created, object };
}
