import { ColumnBytes, Validity } from './column-bytes';
import { TextDictionary } from './text-dictionary';

/** Physical types of Parquet, by the numbers of parquet.thrift. */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, byteArray: 6, fixed: 7 } as const;

/** What a column holds, and how a reader is to understand it. */
export type ParquetType =
  | { kind: 'text' }
  | { kind: 'boolean' }
  | { kind: 'integer' }
  | { kind: 'date' }
  | { kind: 'timestamp'; isInstant: boolean }
  | { kind: 'decimal'; precision: number; scale: number };

/** Bytes of one value of a type without its own length; a decimal has as few as Parquet allows. */
export function fixedBytes(type: ParquetType): number {
  switch (type.kind) {
    case 'text':
    case 'boolean':
      return 0;
    case 'date':
      return 4;
    case 'integer':
    case 'timestamp':
      return 8;
    case 'decimal':
      return type.precision <= 18 ? 8 : Math.ceil((type.precision * Math.log2(10) + 1) / 8);
  }
}

/** A column of a row group as it goes into the file. */
export interface ColumnChunk {
  /** Absent unless the values are positions in it. */
  dictionary: { values: number; bytes: Buffer } | null;
  rows: number;
  nulls: number;
  /** Definition levels, then the values, in pieces that stay valid until the column is cleared. */
  page: Buffer[];
}

/**
 * One column of the row group under way, values in Parquet's PLAIN encoding. Text that repeats is
 * kept once, in a dictionary, until there are too many different texts.
 */
export class ParquetColumn {
  private readonly validity = new Validity();
  private readonly values = new ColumnBytes();
  private dictionary: TextDictionary | null;

  constructor(
    readonly name: string,
    readonly type: ParquetType,
  ) {
    this.dictionary = type.kind === 'text' ? new TextDictionary() : null;
  }

  /** Bytes held; what decides when a row group is full. */
  get size(): number {
    return this.values.size;
  }

  addNull(): void {
    this.validity.addNull();
  }

  addText(source: DataView, start: number, length: number): void {
    this.validity.addValue();
    if (this.dictionary !== null) {
      if (this.dictionary.add(source, start, length)) return;
      this.dictionary.expandInto(this.values);
      this.dictionary = null;
    }
    this.values.addText(source, start, length);
  }

  addBoolean(value: boolean): void {
    const at = this.validity.rows - this.validity.nulls;
    this.validity.addValue();
    const { values } = this;
    if ((at & 7) === 0) {
      values.reserve(1);
      values.view.setUint8(values.size, 0);
      values.size += 1;
    }
    if (value) values.view.setUint8(at >> 3, values.view.getUint8(at >> 3) | (1 << (at & 7)));
  }

  /** Makes room for the next value of a type of fixed width; the caller writes it into `view`. */
  addFixed(width: number): number {
    this.validity.addValue();
    const { values } = this;
    values.reserve(width);
    values.size += width;
    return values.size - width;
  }

  get view(): DataView {
    return this.values.view;
  }

  chunk(): ColumnChunk {
    const { rows, nulls } = this.validity;
    const levels = this.validity.levels();
    if (this.dictionary === null)
      return { dictionary: null, rows, nulls, page: [levels, this.values.content()] };
    const { dictionary } = this;
    return {
      dictionary: { values: dictionary.distinct, bytes: dictionary.plainValues() },
      rows,
      nulls,
      page: [levels, dictionary.positions()],
    };
  }

  clear(): void {
    this.validity.clear();
    this.values.size = 0;
    this.dictionary?.clear();
  }
}
