import type { Client } from 'pg';
import { booksTables } from '../../src/books/books-tables';

interface Column {
  relation: string;
  /** What the relation holds, and what the column means: comments in migrations. */
  about: string | null;
  name: string;
  type: string;
  required: boolean;
  meaning: string | null;
}

const columnsSql = `
  select c.relname as relation, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    obj_description(c.oid, 'pg_class') as about, a.attnotnull as required,
    col_description(c.oid, a.attnum) as meaning
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'books'::regnamespace and c.relkind = any($1)
  order by c.relname, a.attnum`;

/** Columns in which every row says where it came from; docs/books.md explains them. */
const origin = new Set([
  ...['source', 'source_account', 'source_object', 'source_id', 'extract_id'],
  ...['payload_sha256', 'raw_sha256', 'sys_from'],
]);

const head = `# Tables and columns of the books

What the SQL of a control may read. [books.md](books.md) says how it gets there. Days (\`date\`) are
days in the book time zone of the entity, amounts are in major units. **Bold** columns are never
null; all others may be, so say in the SQL what null means there.

Tables that are read from a source also say where each row came from: \`source\`,
\`source_account\`, \`source_object\`, \`source_id\`, \`extract_id\`, \`payload_sha256\`,
\`raw_sha256\`, \`sys_from\`. Earlier versions of their rows stand in \`books.<singular>_versions\`,
with the same columns and \`sys_to\`, \`infinity\` for the current one.

Currencies are upper-case ISO 4217 codes in every table. A row is as it was last read: what was in
force in a period is told by its dates, not by a status. Of subscriptions, for example:

\`\`\`sql
where s.status not in ('incomplete', 'incomplete_expired')  -- those never began
  and s.start_on < :period_end
  and (s.ended_on is null or s.ended_on >= :period_start)
\`\`\`

Which account of Salesforce a customer of Stripe belongs to says the shared population
\`populations.customer_accounts\` (\`customer_id\`, \`account_id\`, \`said_by\`), merges followed.

Written by \`npm run docs:books\` from the migrations: what a column means is said there, with
\`comment on column\`.
`;

/** docs/books-columns.md as a migrated database says it should be. */
export async function booksColumns(reader: Client): Promise<string> {
  const views = await relations(reader, ['v']);
  const bases = await relations(reader, ['r', 'p']);
  const sections = [...views].map(([name, columns]) => {
    // A view cannot say what is never null, and loses its comments when it is made again.
    const table = booksTables.find((one) => one.name === name);
    return section(name, columns, (table && bases.get(table.versions)) ?? columns, table?.key);
  });
  return `${[head.trimEnd(), ...sections].join('\n\n')}\n`;
}

async function relations(reader: Client, kinds: string[]): Promise<Map<string, Column[]>> {
  const { rows } = await reader.query<Column>(columnsSql, [kinds]);
  const found = new Map<string, Column[]>();
  for (const row of rows) found.set(row.relation, [...(found.get(row.relation) ?? []), row]);
  return found;
}

function section(
  name: string,
  columns: readonly Column[],
  base: readonly Column[],
  key: readonly string[] | undefined,
): string {
  const own = key ? columns.filter((column) => !origin.has(column.name)) : columns;
  const described = own.map(
    (column) => base.find((one) => one.name === column.name && one.type === column.type) ?? column,
  );
  const list = described.map(({ name: column, type, required }) => {
    const shown = required ? `**${column}**` : column;
    return `${shown} \`${type.replace('timestamp with time zone', 'timestamptz')}\``;
  });
  const notes = described.flatMap(({ name: column, meaning }) =>
    meaning ? [`- \`${column}\`: ${meaning}`] : [],
  );
  const about = base[0]?.about ?? '';
  const unique = key ? ` One row per ${key.map((column) => `\`${column}\``).join(', ')}.` : '';
  return [`## ${name}`, `${about}${unique}`, list.join(' · '), notes.join('\n')]
    .filter(Boolean)
    .join('\n\n');
}
