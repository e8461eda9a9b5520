import { Utf8Check } from './utf8-check';
import type { ProblemList } from './problem-list';

/** Longest record of a CSV file, in bytes, including the line breaks inside its quoted values. */
export const MAX_RECORD_BYTES = 1_048_576;

const COMMA = 1;
const QUOTE = 2;
const CR = 3;
const LF = 4;
const NUL = 5;

const START = 0; // of a value
const BARE = 1; // inside an unquoted value
const QUOTED = 2; // inside a quoted value
const CLOSED = 3; // after a quote inside a quoted value: its end, or the first of a doubled quote
const RETURN = 4; // after a carriage return outside quotes

const GO = 0;
const NEXT_VALUE = 1;
const NEXT_RECORD = 2;
const OPEN = 3;
const LINE_IN_VALUE = 4;
const STRAY_QUOTE = 5;
const TEXT_AFTER_QUOTE = 6;
const BARE_RETURN = 7;
const NUL_BYTE = 8;

const KINDS = new Uint8Array(256);
for (const [kind, byte] of [
  [COMMA, 0x2c],
  [QUOTE, 0x22],
  [CR, 0x0d],
  [LF, 0x0a],
  [NUL, 0x00],
] as const) {
  KINDS[byte] = kind;
}

// RFC 4180 as two tables: per state, where each kind of byte leads and what it does. After an error
// the scan goes on as leniently as possible, so that one mistake is told once.
// prettier-ignore
const NEXT = Uint8Array.of(
  // other  ,      "       CR      LF      NUL
  BARE,     START, QUOTED, RETURN, START,  BARE,   // START
  BARE,     START, BARE,   RETURN, START,  BARE,   // BARE
  QUOTED,  QUOTED, CLOSED, QUOTED, QUOTED, QUOTED, // QUOTED
  BARE,     START, QUOTED, RETURN, START,  BARE,   // CLOSED
  BARE,     BARE,  BARE,   RETURN, START,  BARE,   // RETURN
);
// prettier-ignore
const ACTION = Uint8Array.of(
  GO,               NEXT_VALUE,  OPEN,        GO,          NEXT_RECORD,   NUL_BYTE, // START
  GO,               NEXT_VALUE,  STRAY_QUOTE, GO,          NEXT_RECORD,   NUL_BYTE, // BARE
  GO,               GO,          GO,          GO,          LINE_IN_VALUE, NUL_BYTE, // QUOTED
  TEXT_AFTER_QUOTE, NEXT_VALUE,  GO,          GO,          NEXT_RECORD,   NUL_BYTE, // CLOSED
  BARE_RETURN,      BARE_RETURN, BARE_RETURN, BARE_RETURN, NEXT_RECORD,   NUL_BYTE, // RETURN
);
const KIND_COUNT = 6;

/**
 * Checks a CSV file's structure as its bytes go by (RFC 4180: comma, doubled quotes, LF or CRLF, no
 * blank lines) and its encoding, in constant memory. DuckDB reads the file only after this found
 * nothing, so every fault of form is told here, with the physical line it stands on.
 */
export class CsvScanner {
  /** True once the header was read without a fault of form: its names can be told apart. */
  isHeaderSound = false;

  private readonly utf8 = new Utf8Check();
  private state = START;
  private position = 0;
  private line = 1;
  private recordStart = 0;
  private recordLine = 1;
  private quoteLine = 1;
  private values = 1;
  private faulty = false;
  private lineEnd: 'LF' | 'CRLF' | 'mixed' | null = null;
  private lastBadLine = 0;
  private headerParts: Buffer[] = [];
  private headerValues = 0;
  private recordCount = 0;

  /** `bytesBefore`: length of a byte order mark that the caller left out. */
  constructor(
    private readonly file: string,
    private readonly problems: ProblemList,
    private readonly bytesBefore: number,
  ) {}

  /** Bytes that went by. */
  get bytes(): number {
    return this.position;
  }

  /** Records, the header being one of them. */
  get records(): number {
    return this.recordCount;
  }

  /** The header record's bytes, without its line end. */
  get header(): Buffer {
    const bytes = Buffer.concat(this.headerParts);
    return bytes[bytes.length - 1] === 0x0d ? bytes.subarray(0, -1) : bytes;
  }

  push(chunk: Buffer): void {
    this.checkEncoding(chunk, this.utf8.push(chunk));
    const before = this.position;
    const inHeader = this.recordCount === 0;
    let headerEnd = chunk.length;
    let state = this.state;
    for (let i = 0; i < chunk.length; i += 1) {
      const kind = KINDS[chunk[i] ?? 0] ?? 0;
      if (kind === 0 && (state === BARE || state === QUOTED)) continue;
      const step = state * KIND_COUNT + kind;
      const action = ACTION[step] ?? 0;
      const previous = state;
      state = NEXT[step] ?? 0;
      if (action === NEXT_VALUE) this.values += 1;
      else if (action !== GO) {
        this.position = before + i;
        if (action === NEXT_RECORD && this.recordCount === 0) headerEnd = i;
        this.act(action, previous);
      }
    }
    this.state = state;
    this.position = before + chunk.length;
    if (inHeader && before < MAX_RECORD_BYTES)
      this.headerParts.push(Buffer.from(chunk.subarray(0, headerEnd)));
  }

  end(): void {
    this.checkEncoding(Buffer.alloc(0), this.utf8.end());
    if (this.state === QUOTED) {
      this.add(this.quoteLine, 'A quote opened here is never closed.', CLOSE_QUOTES);
    } else if (this.state === RETURN) {
      this.act(BARE_RETURN, RETURN);
      this.endRecord(this.position);
    } else if (this.position > this.recordStart) this.endRecord(this.position);
  }

  private act(action: number, previous: number): void {
    switch (action) {
      case NEXT_RECORD:
        this.checkLineEnd(previous === RETURN ? 'CRLF' : 'LF');
        this.endRecord(previous === RETURN ? this.position - 1 : this.position);
        this.line += 1;
        this.recordStart = this.position + 1;
        this.recordLine = this.line;
        break;
      case OPEN:
        this.quoteLine = this.line;
        break;
      case LINE_IN_VALUE:
        this.line += 1;
        break;
      case STRAY_QUOTE:
        this.fault('A quote stands inside an unquoted value.', CLOSE_QUOTES);
        break;
      case TEXT_AFTER_QUOTE:
        this.fault('Text follows the closing quote of a value.', CLOSE_QUOTES);
        break;
      case BARE_RETURN:
        this.fault(
          'A carriage return stands outside quotes without a line feed.',
          'End every line with LF, or every line with CRLF.',
        );
        break;
      case NUL_BYTE:
        this.fault(
          'The line holds a NUL byte, which text never does.',
          'Save the file as UTF-8, or export it again if it is damaged.',
        );
        break;
    }
  }

  private endRecord(end: number): void {
    const length = end - this.recordStart;
    if (this.recordCount === 0) {
      this.headerValues = this.values;
      this.isHeaderSound = !this.faulty && length > 0;
    }
    if (length > MAX_RECORD_BYTES) {
      this.add(
        this.recordLine,
        `The record takes ${length} bytes; at most ${MAX_RECORD_BYTES} (1 MiB) are read.`,
        'Look for a quote that is not closed, or shorten its values.',
      );
    } else if (length === 0) {
      this.add(this.recordLine, 'The line is empty.', 'Remove it; every line is one record.');
    } else if (!this.faulty && this.values !== this.headerValues) {
      this.add(
        this.recordLine,
        `The record has ${this.values} ${this.values === 1 ? 'value' : 'values'}; ` +
          `the header has ${this.headerValues}.`,
        'Give every record as many values as the header; quote a value that holds a comma.',
      );
    }
    this.recordCount += 1;
    this.values = 1;
    this.faulty = false;
  }

  /** DuckDB refuses a mix, since in a mixed file it is unclear whether a value ends in CR. */
  private checkLineEnd(lineEnd: 'LF' | 'CRLF'): void {
    this.lineEnd ??= lineEnd;
    if (this.lineEnd === 'mixed' || lineEnd === this.lineEnd) return;
    this.fault(
      `The line ends with ${lineEnd}; the lines before end with ${this.lineEnd}.`,
      'End every line with LF, or every line with CRLF.',
    );
    this.lineEnd = 'mixed';
  }

  private checkEncoding(chunk: Buffer, invalid: readonly number[]): void {
    let [line, from] = [this.line, 0];
    for (const offset of invalid) {
      const to = Math.max(0, offset - this.position);
      for (; from < to; from += 1) if (chunk[from] === 0x0a) line += 1;
      if (line === this.lastBadLine) continue;
      this.lastBadLine = line;
      this.add(
        line,
        `The byte at offset ${offset + this.bytesBefore} of the file is not UTF-8.`,
        'Save the file as UTF-8.',
      );
    }
  }

  /** One fault of form per record: what follows the first is usually its echo. */
  private fault(message: string, remedy: string): void {
    if (!this.faulty) this.add(this.line, message, remedy);
    this.faulty = true;
  }

  private add(line: number, message: string, remedy: string): void {
    this.problems.add({ file: this.file, line, message, remedy });
  }
}

const CLOSE_QUOTES =
  'Quote values that hold quotes, commas or line breaks, and double the quotes inside them.';
