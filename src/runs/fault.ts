import { DatabaseError } from 'pg';
import { EngineNotFooted } from './evaluate/tieout-engine';

/** Errors of DuckDB that speak of SQL and not of values. */
const aboutSql = /^(Binder|Catalog|Parser|Permission|Out of Memory) Error/;

/** A fault in words that hold nothing of the data: databases quote values in their messages. */
export function faultOf(cause: unknown): string {
  if (cause instanceof EngineNotFooted) return cause.message;
  if (cause instanceof DatabaseError) {
    // Classes 22 and 23 are about values, but for what our own triggers refuse.
    const aboutData = /^(22|23(?!000))/.test(cause.code ?? '');
    return aboutData
      ? `PostgreSQL could not take a value (${cause.code}).`
      : `PostgreSQL says ${cause.message} (${cause.code}).`;
  }
  const message = messageOf(cause);
  const duckDb = /^([A-Z][A-Za-z]*(?: [A-Za-z]+)* Error): /.exec(message)?.[1];
  if (duckDb && !aboutSql.test(duckDb)) return `DuckDB reports: ${duckDb}.`;
  return `${message}.`;
}

/** The limit of PostgreSQL that ended a query, in words; null when the fault is another one. */
export function serverLimitOf(cause: unknown, statementSeconds: number): string | null {
  if (!(cause instanceof DatabaseError)) return null;
  if (cause.code === '57014' && cause.message.includes('statement timeout'))
    return `A query took longer than limits.statement_timeout_s (${statementSeconds}).`;
  if (cause.code === '53400')
    return 'A query needed more temporary space than temp_file_limit of tieout_reader.';
  if (cause.code === '53200') return 'A query needed more memory than PostgreSQL has.';
  return cause.code === '54000' || cause.code === '54001'
    ? `A query went past a limit of PostgreSQL: ${cause.message}.`
    : null;
}

/** The same for the log, with the place in the code. */
export function loggableFault(cause: unknown): { fault: string; at: string[] } {
  const stack = hasText(cause, 'stack') ? cause.stack : '';
  const at = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { fault: faultOf(cause), at: at.map((line) => line.trim()).slice(0, 8) };
}

function messageOf(cause: unknown): string {
  const [first = ''] = hasText(cause, 'message') ? cause.message.split('\n') : [];
  return first || 'an unknown fault';
}

/** By shape: errors of another realm are no instances of our Error. */
function hasText<K extends string>(value: unknown, key: K): value is Record<K, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<string, unknown>)[key] === 'string'
  );
}
