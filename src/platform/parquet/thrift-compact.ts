/**
 * Writes Thrift's compact protocol, the form of every header in a Parquet file
 * (github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). Only what such
 * headers need: structs, lists, 32- and 64-bit integers, booleans and text.
 */
export class ThriftCompact {
  private readonly bytes: number[] = [];
  private lastField = 0;
  private readonly outer: number[] = [];

  i32(field: number, value: number): this {
    return this.header(field, 5).zigzag(BigInt(value));
  }

  i64(field: number, value: number | bigint): this {
    return this.header(field, 6).zigzag(BigInt(value));
  }

  bool(field: number, value: boolean): this {
    return this.header(field, value ? 1 : 2);
  }

  text(field: number, value: string): this {
    return this.header(field, 8).rawText(value);
  }

  struct(field: number, write: (into: this) => void): this {
    return this.header(field, 12).nested(write);
  }

  i32List(field: number, values: readonly number[]): this {
    this.header(field, 9).listHeader(5, values.length);
    for (const value of values) this.zigzag(BigInt(value));
    return this;
  }

  textList(field: number, values: readonly string[]): this {
    this.header(field, 9).listHeader(8, values.length);
    for (const value of values) this.rawText(value);
    return this;
  }

  structList<T>(field: number, values: readonly T[], write: (into: this, value: T) => void): this {
    this.header(field, 9).listHeader(12, values.length);
    for (const value of values) this.nested((into) => write(into, value));
    return this;
  }

  /** The bytes of the outermost struct. */
  end(): Buffer {
    return Buffer.from([...this.bytes, 0]);
  }

  private nested(write: (into: this) => void): this {
    this.outer.push(this.lastField);
    this.lastField = 0;
    write(this);
    this.bytes.push(0);
    this.lastField = this.outer.pop() ?? 0;
    return this;
  }

  /** Fields must come in rising order, fewer than 16 apart. */
  private header(field: number, type: number): this {
    this.bytes.push(((field - this.lastField) << 4) | type);
    this.lastField = field;
    return this;
  }

  private listHeader(type: number, size: number): void {
    if (size < 15) this.bytes.push((size << 4) | type);
    else {
      this.bytes.push(0xf0 | type);
      this.varint(BigInt(size));
    }
  }

  private rawText(value: string): this {
    const encoded = Buffer.from(value, 'utf8');
    this.varint(BigInt(encoded.length));
    for (const byte of encoded) this.bytes.push(byte);
    return this;
  }

  private zigzag(value: bigint): this {
    return this.varint(value < 0n ? -value * 2n - 1n : value * 2n);
  }

  private varint(value: bigint): this {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.bytes.push(Number(rest & 0x7fn) | 0x80);
    this.bytes.push(Number(rest));
    return this;
  }
}
