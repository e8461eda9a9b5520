/** A text literal of SQL, read alike by PostgreSQL and DuckDB. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** An identifier of SQL, read alike by PostgreSQL and DuckDB. */
export function quoteName(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}
