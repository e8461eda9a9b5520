const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** A value as written: '' where an empty value is quoted, null where there is nothing at all. */
export type Cell = string | null;

/** One record, valid only until the next is read. */
export interface CsvRecord {
  cells: number;
  cell(place: number): Cell;
  /** 1-based physical line on which a cell begins. */
  lineOf(place: number): number;
}

/**
 * Takes apart a CSV file that CsvScanner found sound, cell by cell with the line of each, to say
 * where a wrong value stands. DuckDB reads the values that are kept; it cannot tell lines.
 */
export class CsvCells implements CsvRecord {
  private bytes: Buffer = Buffer.alloc(0);
  private starts: number[] = [];
  private lines: number[] = [];
  private line = 1;
  private isFirst = true;

  constructor(private readonly onRecord: (record: CsvRecord) => void) {}

  get cells(): number {
    return this.starts.length - 1;
  }

  cell(place: number): Cell {
    const start = this.starts[place] ?? 0;
    const end = (this.starts[place + 1] ?? 0) - 1;
    if (start === end) return null;
    return this.bytes[start] === QUOTE
      ? this.bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"')
      : this.bytes.toString('utf8', start, end);
  }

  lineOf(place: number): number {
    return this.lines[place] ?? this.line;
  }

  push(chunk: Buffer): void {
    const marked = this.isFirst && chunk.indexOf(BOM) === 0 ? BOM.length : 0;
    this.isFirst = false;
    this.bytes = Buffer.concat([this.bytes, chunk.subarray(marked)]);
    const { bytes } = this;
    let [recordStart, recordLine, isQuoted] = [0, this.line, false];
    this.begin(0);
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i];
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (byte === COMMA && !isQuoted) this.next(i + 1);
      else if (byte === LF) {
        this.line += 1;
        if (isQuoted) continue;
        this.emit(bytes[i - 1] === CR ? i - 1 : i);
        [recordStart, recordLine] = [i + 1, this.line];
        this.begin(i + 1);
      }
    }
    // A record cut by the end of the chunk is read again, whole, with the next one.
    this.bytes = Buffer.from(bytes.subarray(recordStart));
    this.line = recordLine;
  }

  /** Reads the last record where no line end follows it. */
  end(): void {
    if (this.bytes.length > 0) this.push(Buffer.from([LF]));
  }

  private begin(start: number): void {
    this.starts.length = 0;
    this.lines.length = 0;
    this.next(start);
  }

  private next(start: number): void {
    this.starts.push(start);
    this.lines.push(this.line);
  }

  private emit(end: number): void {
    this.starts.push(end + 1);
    this.onRecord(this);
  }
}
