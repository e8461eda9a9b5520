import { ColumnBytes, varint } from './column-bytes';

/** More different texts than this in a row group, and a dictionary saves little. */
const MAX_DISTINCT = 4096;
const slotCount = MAX_DISTINCT * 4;
/** Longer texts hardly repeat, and comparing them costs as much as writing them. */
const MAX_BYTES = 64;

/** The different texts of a column in a row group, and for each row which of them it has. */
export class TextDictionary {
  distinct = 0;
  private readonly plain = new ColumnBytes();
  private readonly starts = new Uint32Array(MAX_DISTINCT + 1);
  /** Position in the dictionary plus one, by hash; zero is free. */
  private readonly slots = new Uint16Array(slotCount);
  private rowPositions = new Uint16Array(16_384);
  private rows = 0;
  private last = 0;

  /** Adds a row; false when the text cannot be taken, and then nothing was added. */
  add(source: DataView, start: number, length: number): boolean {
    if (length > MAX_BYTES) return false;
    // What repeats at all mostly repeats at once.
    if (this.distinct > 0 && this.holds(this.last, source, start, length))
      return this.addRow(this.last);
    let hash = length;
    for (let i = 0; i < length; i += 1) hash = (hash * 31 + source.getUint8(start + i)) | 0;
    let slot = (hash ^ (hash >>> 15)) & (slotCount - 1);
    for (let found = this.slots[slot] ?? 0; found !== 0; found = this.slots[slot] ?? 0) {
      if (this.holds(found - 1, source, start, length)) return this.addRow(found - 1);
      slot = (slot + 1) & (slotCount - 1);
    }
    if (this.distinct === MAX_DISTINCT) return false;
    this.plain.addText(source, start, length);
    this.distinct += 1;
    this.starts[this.distinct] = this.plain.size;
    this.slots[slot] = this.distinct;
    return this.addRow(this.distinct - 1);
  }

  /** The texts in PLAIN encoding: the dictionary page. */
  plainValues(): Buffer {
    return this.plain.content();
  }

  /** The rows as a data page wants them: bit width, then one run, bit-packed or of one value. */
  positions(): Buffer {
    if (this.distinct === 1)
      return Buffer.concat([Buffer.from([1]), varint(this.rows * 2), Buffer.alloc(1)]);
    const width = Math.max(1, 32 - Math.clz32(Math.max(0, this.distinct - 1)));
    const groups = Math.ceil(this.rows / 8);
    const packed = Buffer.alloc(groups * width);
    let held = 0;
    let bits = 0;
    let at = 0;
    for (let row = 0; row < this.rows; row += 1) {
      held |= (this.rowPositions[row] ?? 0) << bits;
      bits += width;
      for (; bits >= 8; bits -= 8, held >>>= 8, at += 1) packed[at] = held & 0xff;
    }
    if (bits > 0) packed[at] = held & 0xff;
    return Buffer.concat([Buffer.from([width]), varint(groups * 2 + 1), packed]);
  }

  /** Writes every row's text out, for a column that goes on without a dictionary. */
  expandInto(values: ColumnBytes): void {
    const texts = this.plain.view;
    for (let row = 0; row < this.rows; row += 1) {
      const position = this.rowPositions[row] ?? 0;
      const start = (this.starts[position] ?? 0) + 4;
      values.addText(texts, start, (this.starts[position + 1] ?? 0) - start);
    }
  }

  clear(): void {
    this.distinct = 0;
    this.rows = 0;
    this.last = 0;
    this.plain.size = 0;
    this.slots.fill(0);
  }

  private holds(position: number, source: DataView, start: number, length: number): boolean {
    const from = (this.starts[position] ?? 0) + 4;
    if ((this.starts[position + 1] ?? 0) - from !== length) return false;
    const { view } = this.plain;
    for (let i = 0; i < length; i += 1)
      if (view.getUint8(from + i) !== source.getUint8(start + i)) return false;
    return true;
  }

  private addRow(position: number): true {
    if (this.rows === this.rowPositions.length) {
      const grown = new Uint16Array(this.rows * 2);
      grown.set(this.rowPositions);
      this.rowPositions = grown;
    }
    this.rowPositions[this.rows] = position;
    this.rows += 1;
    this.last = position;
    return true;
  }
}
