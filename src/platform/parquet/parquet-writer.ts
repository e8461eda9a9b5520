import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { ParquetColumn, type ParquetType } from './parquet-column';
import {
  dataPageHeader,
  dictionaryPageHeader,
  fileFooter,
  type WrittenColumn,
  type WrittenRowGroup,
} from './parquet-footer';

/** As many rows as DuckDB keeps in one of its own: a thread reads one row group at a time. */
const GROUP_ROWS = 122_880;
const GROUP_BYTES = 32 << 20;
const magic = Buffer.from('PAR1');

/** What was written, hashed as it was written. */
export interface WrittenParquet {
  rows: number;
  bytes: number;
  sha256: string;
}

/**
 * A Parquet file under way: rows are added column by column, and whoever adds them writes a row
 * group out once it is full. Values are PLAIN or in a dictionary, and not compressed: compressing
 * costs more than reading and writing the bytes (docs/adr/0009).
 */
export class ParquetWriter {
  private readonly hash = createHash('sha256');
  private readonly groups: WrittenRowGroup[] = [];
  private offset = 0;
  private rows = 0;

  private constructor(
    private readonly file: FileHandle,
    readonly columns: readonly ParquetColumn[],
  ) {}

  /** Creates the file; one that is there already is an error. */
  static async create(
    path: string,
    schema: readonly { name: string; type: ParquetType }[],
  ): Promise<ParquetWriter> {
    const columns = schema.map(({ name, type }) => new ParquetColumn(name, type));
    const writer = new ParquetWriter(await open(path, 'wx'), columns);
    await writer.write([magic]);
    return writer;
  }

  /** To be told after each row, when every column has its value. */
  endRow(): void {
    this.rows += 1;
  }

  get isGroupFull(): boolean {
    if (this.rows >= GROUP_ROWS) return true;
    // Looked at now and then: it only keeps long texts from filling the memory.
    if ((this.rows & 1023) !== 0) return false;
    return this.columns.reduce((sum, column) => sum + column.size, 0) >= GROUP_BYTES;
  }

  /** Writes out the rows added since the last group; none is no group. */
  async endGroup(): Promise<void> {
    if (this.rows === 0) return;
    const pieces: Buffer[] = [];
    let offset = this.offset;
    const add = (...buffers: Buffer[]): void => {
      pieces.push(...buffers);
      for (const { length } of buffers) offset += length;
    };
    const columns = this.columns.map((column): WrittenColumn => {
      const { dictionary, rows, nulls, page } = column.chunk();
      if (rows !== this.rows) throw new Error(`${column.name} has ${rows} of ${this.rows} rows`);
      const start = offset;
      if (dictionary) {
        const { values, bytes } = dictionary;
        add(dictionaryPageHeader(values, bytes.length), bytes);
      }
      const dataOffset = offset;
      const bytes = page.reduce((sum, piece) => sum + piece.length, 0);
      add(dataPageHeader(rows, bytes, dictionary !== null), ...page);
      const dictionaryOffset = dictionary ? start : null;
      return { rows, nulls, bytes: offset - start, dictionaryOffset, dataOffset };
    });
    await this.write(pieces);
    this.groups.push({ rows: this.rows, columns });
    for (const column of this.columns) column.clear();
    this.rows = 0;
  }

  /** Writes the rest and the footer, and closes the file. */
  async finish(): Promise<WrittenParquet> {
    await this.endGroup();
    const footer = fileFooter(this.columns, this.groups);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    await this.write([footer, length, magic]);
    await this.close();
    return {
      rows: this.groups.reduce((sum, group) => sum + group.rows, 0),
      bytes: this.offset,
      sha256: this.hash.digest('hex'),
    };
  }

  /** Closes the file as it is, without a footer: nobody can take it for a whole one. */
  async close(): Promise<void> {
    await this.file.close();
  }

  private async write(pieces: readonly Buffer[]): Promise<void> {
    let bytes = 0;
    for (const piece of pieces) {
      this.hash.update(piece);
      bytes += piece.length;
    }
    const { bytesWritten } = await this.file.writev(pieces);
    if (bytesWritten !== bytes) throw new Error(`${bytesWritten} of ${bytes} bytes were written`);
    this.offset += bytes;
  }
}
