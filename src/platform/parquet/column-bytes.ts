const initialBytes = 65_536;

/** Bytes that grow, and keep their memory when emptied: one column of a row group. */
export class ColumnBytes {
  view = new DataView(new ArrayBuffer(initialBytes));
  size = 0;

  /** Makes room for `more` bytes; afterwards `view` may be another one. */
  reserve(more: number): void {
    const needed = this.size + more;
    if (needed <= this.view.byteLength) return;
    const grown = new ArrayBuffer(Math.max(needed, this.view.byteLength * 2));
    new Uint8Array(grown).set(new Uint8Array(this.view.buffer, 0, this.size));
    this.view = new DataView(grown);
  }

  /**
   * PLAIN text of Parquet: its length in four bytes, little-endian, then its bytes. They go four at
   * a time, past the end too, where the next text overwrites them: this is called for every text.
   */
  addText(source: DataView, start: number, length: number): void {
    this.reserve(length + 8);
    const { view } = this;
    view.setUint32(this.size, length, true);
    const at = this.size + 4;
    const stop = Math.min(length, source.byteLength - start - 3);
    let i = 0;
    for (; i < stop; i += 4) view.setUint32(at + i, source.getUint32(start + i));
    for (; i < length; i += 1) view.setUint8(at + i, source.getUint8(start + i));
    this.size = at + length;
  }

  content(): Buffer {
    return Buffer.from(this.view.buffer, 0, this.size);
  }
}

/** Which rows of a column have a value; nothing is kept until the first one has none. */
export class Validity {
  rows = 0;
  nulls = 0;
  private bits = Buffer.alloc(0);

  addValue(): void {
    if (this.nulls > 0) this.set(this.rows, 1);
    this.rows += 1;
  }

  addNull(): void {
    if (this.nulls === 0) for (let row = 0; row < this.rows; row += 1) this.set(row, 1);
    this.set(this.rows, 0);
    this.nulls += 1;
    this.rows += 1;
  }

  clear(): void {
    this.rows = 0;
    this.nulls = 0;
    this.bits.fill(0);
  }

  /** Definition levels of a data page (v1): their length, then one run of the RLE hybrid. */
  levels(): Buffer {
    const packed = Math.ceil(this.rows / 8);
    const run =
      this.nulls === 0
        ? Buffer.concat([varint(this.rows * 2), Buffer.from([1])])
        : Buffer.concat([varint(packed * 2 + 1), this.bits.subarray(0, packed)]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(run.length);
    return Buffer.concat([length, run]);
  }

  private set(row: number, bit: 0 | 1): void {
    const at = row >> 3;
    if (at >= this.bits.length) {
      const grown = Buffer.alloc(Math.max(1024, this.bits.length * 2, at + 1));
      this.bits.copy(grown);
      this.bits = grown;
    }
    if (bit === 1) this.bits[at] = (this.bits[at] ?? 0) | (1 << (row & 7));
  }
}

/** Unsigned LEB128. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
