import { hash } from 'node:crypto';
import { quoteName } from '../core/sql-text';
import type { BooksTable } from './books-tables';
import type { BooksRow, Cell } from './mapping';
import { stagingOf } from './merge-staged';

/** Where a row was derived from. */
export interface RowOrigin {
  account: string;
  object: string;
  objectId: string;
  extractId: string;
  rawSha256: string;
}

const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Writes rows of one table as lines of COPY in its text format. */
export class RowEncoder {
  private readonly names: readonly string[];
  private readonly known: ReadonlySet<string>;

  constructor(
    readonly table: BooksTable,
    columns: readonly { name: string }[],
  ) {
    this.names = columns.map(({ name }) => name).sort();
    this.known = new Set(this.names);
  }

  /** The COPY that takes the lines; with origins when they are derived from raw objects. */
  copySql(withOrigin: boolean): string {
    const own = [...this.names.map(quoteName), 'payload_sha256'];
    const origin = ['source_account', 'source_object', 'source_id', 'extract_id', 'raw_sha256'];
    const columns = withOrigin ? [...own, ...origin] : own;
    return `copy ${stagingOf(this.table)} (${columns.join(', ')}) from stdin`;
  }

  /**
   * One line, with the hash that makes two versions of a row the same: SHA-256 over
   * `name=length:value` of every value present, by column name; so a column added later changes
   * only the rows that have it. Throws RangeError for a column that the table does not have.
   */
  line(row: BooksRow, origin?: RowOrigin): string {
    let [line, content] = ['', ''];
    for (const name of this.names) {
      const text = cellText(row[name] ?? null);
      if (text === null) {
        line += '\\N\t';
        continue;
      }
      content += `${name}=${text.length}:${text}`;
      line += special.test(text) ? `${escaped(text)}\t` : `${text}\t`;
    }
    for (const name in row)
      if (!this.known.has(name)) throw new RangeError(`books.${this.table.name} has no ${name}`);
    line += hash('sha256', content, 'hex');
    if (!origin) return `${line}\n`;
    const { account, object, objectId, extractId, rawSha256 } = origin;
    const id = escaped(objectId);
    return `${line}\t${escaped(account)}\t${object}\t${id}\t${extractId}\t${rawSha256}\n`;
  }
}

function cellText(cell: Cell): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  if (typeof cell === 'boolean') return cell ? 't' : 'f';
  if ('json' in cell) return JSON.stringify(cell.json);
  return `{${cell.map((item) => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** A value as COPY reads it back: backslashes and separators written out. */
export function escaped(text: string): string {
  return special.test(text)
    ? text.replaceAll(/[\\\t\n\r]/g, (char) => escapes[char] ?? char)
    : text;
}

const unescapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** A cell of COPY's text format as it was before it was written. */
export const unescaped = (cell: string): string =>
  cell.replace(/\\(.)/gs, (_all, letter: string) => unescapes[letter] ?? letter);
