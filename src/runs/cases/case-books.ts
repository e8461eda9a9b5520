import { randomUUID } from 'node:crypto';
import { DatabaseError, type Client } from 'pg';
import { booksTables } from '../../books/books-tables';
import type { CaseCell, ControlCase } from '../../core/case';
import { quoteName } from '../../core/sql-text';
import { didYouMean } from '../../catalog/suggest';
import {
  openScratchDatabase,
  type ScratchDatabase,
} from '../../platform/database/scratch-database';
import type { Logger } from '../../platform/logger';
import type { AddProblem } from './case-files';

interface Column {
  relation: string;
  isTable: boolean;
  name: string;
  /** As PostgreSQL writes it: `numeric(24,6)`. */
  type: string;
  isRequired: boolean;
  hasDefault: boolean;
}

/** What columns hold that a case leaves out and the table does not: docs/controls-format.md. */
export interface Fillers {
  entity: string;
  currency: string;
  /** First day of the period, 'YYYY-MM-DD'. */
  periodStart: string;
}

const noHash = '0'.repeat(64);

/** The books of one case after another, in a database that is thrown away. */
export class CaseBooks {
  private readonly filled = new Set<string>();
  private readonly standIns = new Set<string>();

  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly columns: readonly Column[],
  ) {}

  static async open(options: { logger: Logger; statementMs: number }): Promise<CaseBooks> {
    const scratch = await openScratchDatabase(options);
    const { rows } = await scratch.superuser.query<Column>(
      `select c.relname as relation, c.relkind in ('r', 'p') as "isTable", a.attname as name,
         format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "isRequired",
         a.atthasdef or a.attidentity <> '' as "hasDefault"
       from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'books'::regnamespace and c.relkind in ('r', 'p', 'v')
         and a.attnum > 0 and not a.attisdropped
       order by c.relname, a.attnum`,
    );
    return new CaseBooks(scratch, rows);
  }

  /** A fresh connection that may only read schema books: what the SQL of controls gets. */
  reader(): Promise<Client> {
    return this.scratch.database.reader();
  }

  remove(): Promise<void> {
    return this.scratch.remove();
  }

  /**
   * Puts the given rows of `books.…` in place of those of the last case. Columns and values
   * that do not exist are told through `add`; the rows are then not all there.
   */
  async fill(given: ControlCase['given'], fillers: Fillers, add: AddProblem): Promise<void> {
    for (const target of this.filled)
      await this.scratch.superuser.query(`delete from books.${quoteName(target)}`);
    this.filled.clear();
    for (const [relation, rows] of Object.entries(given)) {
      if (!relation.startsWith('books.')) continue;
      const table = relation.slice('books.'.length);
      const versioned = booksTables.find(({ name }) => name === table);
      const target = versioned?.versions ?? table;
      const columns = this.columns.filter((column) => column.relation === target);
      // The populations were described before their cases are tried, so what they read exists.
      if (columns.length === 0) throw new Error(`there is no table ${relation}`);
      if (!columns.some(({ isTable }) => isTable)) await this.standInFor(target);
      this.filled.add(target);
      const keys = versioned?.key ?? [];
      for (const [index, row] of rows.entries()) {
        const at = ['given', relation, index];
        if (unknownColumns(row, columns, relation, at, add)) continue;
        const whole = { ...fillRow(columns, keys, row, { ...fillers, table, index }), ...row };
        await this.insert(target, whole, columns, at, add);
      }
    }
  }

  /** A case gives the rows of a view as they are: here a table takes the view's place. */
  private async standInFor(view: string): Promise<void> {
    if (this.standIns.has(view)) return;
    this.standIns.add(view);
    const [name, aside] = [quoteName(view), quoteName(`${view} of the books`)];
    await this.scratch.superuser.query(
      `alter view books.${name} rename to ${aside};
       create table books.${name} (like books.${aside});
       grant select on books.${name} to tieout_reader`,
    );
  }

  private async insert(
    target: string,
    row: Record<string, CaseCell>,
    columns: readonly Column[],
    at: (string | number)[],
    add: AddProblem,
  ): Promise<void> {
    const names = Object.keys(row);
    const values = Object.values(row);
    const types = names.map((name) => columns.find((column) => column.name === name)?.type ?? '');
    const told = names.map((name, i) => {
      const message = finerThan(types[i] ?? '', values[i] ?? null);
      if (message) add([...at, name], message, 'Give the amount as the table would keep it.');
      return message;
    });
    if (told.some((message) => message !== null)) return;
    try {
      await this.scratch.superuser.query(
        `insert into books.${quoteName(target)} (${names.map(quoteName).join(', ')})
         values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
        values,
      );
    } catch (cause) {
      // 22: a value is not of its type. 23: a null, a repeated key, a check of the table.
      if (!(cause instanceof DatabaseError) || !/^2[23]/.test(cause.code ?? '')) throw cause;
      for (const [i, name] of names.entries()) {
        const message = await this.castProblem(types[i] ?? '', values[i] ?? null);
        if (message) add([...at, name], message, `Write a value of type ${types[i]}, in quotes.`);
        if (message) return;
      }
      const detail = cause.detail ? ` ${cause.detail}` : '';
      add(at, `PostgreSQL says: ${cause.message}.${detail}`, 'Correct this row.');
    }
  }

  private async castProblem(type: string, value: CaseCell): Promise<string | null> {
    try {
      await this.scratch.superuser.query(`select $1::${type}`, [value]);
      return null;
    } catch (cause) {
      if (!(cause instanceof DatabaseError) || !cause.code?.startsWith('22')) throw cause;
      return `PostgreSQL says: ${cause.message}.`;
    }
  }
}

/** PostgreSQL would round such a value, and the case would say something else than it seems to. */
function finerThan(type: string, value: CaseCell): string | null {
  const scale = /^numeric\(\d+,(\d+)\)$/.exec(type)?.[1];
  const digits = /\.(\d*?)0*$/.exec(String(value))?.[1]?.length ?? 0;
  if (scale === undefined || digits <= Number(scale)) return null;
  return `has ${digits} digits after the point; ${scale} are kept.`;
}

function unknownColumns(
  row: Record<string, CaseCell>,
  columns: readonly Column[],
  relation: string,
  at: (string | number)[],
  add: AddProblem,
): boolean {
  const known = columns.map((column) => column.name);
  const unknown = Object.keys(row).filter((name) => !known.includes(name));
  for (const name of unknown)
    add(
      [...at, name],
      `is not a column of ${relation}.${didYouMean(name, known)}`,
      `Use ${known.join(', ')}.`,
    );
  return unknown.length > 0;
}

/** Values for what the table needs and the case does not say. */
function fillRow(
  columns: readonly Column[],
  keys: readonly string[],
  row: Record<string, CaseCell>,
  fillers: Fillers & { table: string; index: number },
): Record<string, CaseCell> {
  const missing = columns.filter(
    ({ name, isRequired, hasDefault }) => isRequired && !hasDefault && !Object.hasOwn(row, name),
  );
  const own = `row ${fillers.index + 1}`;
  const named: Record<string, string> = {
    entity_id: fillers.entity,
    currency: fillers.currency,
    source: 'case',
    source_object: fillers.table,
    source_id: keys.map((key) => String(row[key] ?? own)).join(':') || own,
    payload_sha256: noHash,
    sys_from: '1970-01-01T00:00:00Z',
    ...Object.fromEntries(keys.map((key) => [key, own])),
  };
  return Object.fromEntries(
    missing.map(({ name, type }) => [
      name,
      Object.hasOwn(named, name) ? (named[name] ?? '') : fillerOf(type, fillers.periodStart),
    ]),
  );
}

function fillerOf(type: string, periodStart: string): CaseCell {
  if (type === 'boolean') return false;
  if (type === 'date') return periodStart;
  if (type.startsWith('timestamp')) return `${periodStart}T00:00:00Z`;
  if (type === 'uuid') return randomUUID();
  if (type.endsWith('[]')) return '{}';
  if (type === 'jsonb') return '{}';
  return /^(numeric|bigint|integer|smallint)/.test(type) ? '0' : '';
}
