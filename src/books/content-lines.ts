import { createHash, hash } from 'node:crypto';
import { escaped, unescaped } from './row-encoder';

const tab = 0x09;
const lineFeed = 0x0a;
const slash = 0x2f;
const colon = 0x3a;
const equals = 0x3d;
const backslash = 0x5c;
const capitalN = 0x4e;
const hashLength = 64;

/**
 * Lines of COPY's text format as they come from a source, with what the books add to each: the id
 * of the row (its key, as the source wrote it), its hash, and an end that all lines share. Works on
 * the bytes: a row is never an object here, and only lines with escapes or letters beyond ASCII are
 * taken apart as text. The hash is that of RowEncoder.
 */
export class ContentLines {
  rows = 0;
  private readonly labels: readonly Uint8Array[];
  private readonly keyCells: readonly number[];
  private readonly tail: Buffer;
  private readonly seen = createHash('sha256');
  /** Where each cell of the line at hand begins and ends. */
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private isPlain = true;
  private content = new Uint8Array(8192);
  private out = Buffer.alloc(0);
  private filled = 0;

  /** `names`: of the cells as they come, sorted. `tail`: further cells, the same in each line. */
  constructor(
    private readonly names: readonly string[],
    key: readonly string[],
    tail: readonly string[],
    private readonly onChunk: (rows: number) => void = () => undefined,
  ) {
    this.labels = names.map((name) => Buffer.from(name, 'utf8'));
    this.keyCells = key.map((name) => names.indexOf(name)).filter((cell) => cell >= 0);
    this.tail = Buffer.from(`${tail.map((cell) => `\t${escaped(cell)}`).join('')}\n`, 'utf8');
    this.starts = new Int32Array(names.length);
    this.ends = new Int32Array(names.length);
  }

  /** Of the lines as they came. */
  sha256(): string {
    return this.seen.digest('hex');
  }

  /** The lines with what was added, whatever pieces they come in. Throws when the last is cut. */
  async *of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of chunks) {
      this.seen.update(chunk);
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = bytes.lastIndexOf(lineFeed) + 1;
      if (end > 0) yield this.encode(bytes, end);
      rest = bytes.subarray(end);
      this.onChunk(this.rows);
    }
    if (rest.length > 0) throw new Error('COPY ended in the middle of a row');
  }

  private encode(bytes: Buffer, end: number): Buffer {
    this.out = Buffer.allocUnsafe(end * 2 + 1024);
    this.filled = 0;
    for (let start = 0; start < end;) start = this.encodeLine(bytes, start);
    return this.out.subarray(0, this.filled);
  }

  /** Returns where the next line begins. */
  private encodeLine(bytes: Buffer, start: number): number {
    const end = this.findCells(bytes, start);
    const digest = this.isPlain
      ? hash('sha256', this.content.subarray(0, this.plainContent(bytes)), 'hex')
      : hash('sha256', this.textContent(bytes), 'hex');
    this.reserve(2 * (end - start) + hashLength + this.tail.length + this.keyCells.length + 2);
    const { out, keyCells } = this;
    let at = this.filled + bytes.copy(out, this.filled, start, end);
    for (let index = 0; index < keyCells.length; index += 1) {
      const cell = keyCells[index] ?? 0;
      out[at++] = index === 0 ? tab : slash;
      const to = this.ends[cell] ?? 0;
      for (let from = this.starts[cell] ?? 0; from < to; from += 1) out[at++] = bytes[from] ?? 0;
    }
    out[at++] = tab;
    at += out.write(digest, at, 'latin1');
    this.filled = at + this.tail.copy(out, at);
    this.rows += 1;
    return end + 1;
  }

  /** Finds the line's cells, and whether each of its bytes stands for itself; returns its end. */
  private findCells(bytes: Buffer, start: number): number {
    const { starts, ends } = this;
    let cell = 0;
    let cellStart = start;
    let isPlain = true;
    let at = start;
    for (; ; at += 1) {
      const byte = bytes[at];
      if (byte === tab || byte === lineFeed) {
        starts[cell] = cellStart;
        ends[cell] = at;
        cell += 1;
        cellStart = at + 1;
        if (byte === lineFeed) break;
      } else if (byte === undefined || byte >= 0x80) isPlain = false;
      else if (byte === backslash) isPlain &&= at === cellStart && isNull(bytes, at);
    }
    if (cell !== this.names.length) throw new Error('COPY gave a row of other columns');
    this.isPlain = isPlain;
    return at;
  }

  /** Writes `name=length:value` of each value present; returns how many bytes that took. */
  private plainContent(bytes: Buffer): number {
    const { labels, starts, ends } = this;
    let at = 0;
    for (let cell = 0; cell < labels.length; cell += 1) {
      const [from, to, label] = [starts[cell] ?? 0, ends[cell] ?? 0, labels[cell] ?? []];
      if (bytes[from] === backslash) continue; // a plain line has no other than \N
      const needed = at + label.length + (to - from) + 16;
      if (needed > this.content.length) this.growContent(needed);
      const { content } = this;
      for (let i = 0; i < label.length; i += 1) content[at++] = label[i] ?? 0;
      content[at++] = equals;
      at = writeDigits(content, at, to - from);
      content[at++] = colon;
      for (let i = from; i < to; i += 1) content[at++] = bytes[i] ?? 0;
    }
    return at;
  }

  /** The same, of a line that has to be read as text: lengths are of its letters. */
  private textContent(bytes: Buffer): string {
    let content = '';
    for (const [cell, name] of this.names.entries()) {
      const text = bytes.toString('utf8', this.starts[cell], this.ends[cell]);
      if (text === '\\N') continue;
      const value = unescaped(text);
      content += `${name}=${value.length}:${value}`;
    }
    return content;
  }

  private growContent(needed: number): void {
    const grown = new Uint8Array(needed * 2);
    grown.set(this.content);
    this.content = grown;
  }

  private reserve(more: number): void {
    if (this.filled + more <= this.out.length) return;
    const grown = Buffer.allocUnsafe((this.filled + more) * 2);
    this.out.copy(grown, 0, 0, this.filled);
    this.out = grown;
  }
}

/** `\N` alone in its cell. */
const isNull = (bytes: Buffer, at: number): boolean =>
  bytes[at + 1] === capitalN && (bytes[at + 2] === tab || bytes[at + 2] === lineFeed);

function writeDigits(target: Uint8Array, start: number, value: number): number {
  let at = start;
  for (let power = value >= 100 ? 10 ** Math.floor(Math.log10(value)) : 10; power >= 1; power /= 10)
    if (power < 10 || value >= power) target[at++] = 0x30 + (Math.floor(value / power) % 10);
  return at;
}
