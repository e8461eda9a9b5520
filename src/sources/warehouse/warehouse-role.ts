import type { Client } from 'pg';
import type { Problem } from '../../core/problem';

/** What is wrong with the role a warehouse is read as. */
export interface WarehouseProblem extends Problem {
  code: 'role_can_write' | 'role_can_create' | 'role_may_write' | 'not_read_only' | 'no_connection';
  /** An error keeps the warehouse from being read. */
  severity: 'error' | 'warning';
}

export interface WarehouseRole {
  role: string;
  serverVersion: string;
  /** By the server's clock; ISO 8601, UTC. */
  serverTime: string;
  problems: WarehouseProblem[];
}

interface Rights {
  role: string;
  version: string;
  at: string;
  powers: string[];
  tables: string[];
  tableCount: string;
  schemas: string[];
  readOnly: string;
}

const shownTables = 5;

/** Asks the server what the role of this connection may do beyond reading. */
export async function inspectRole(client: Client): Promise<WarehouseRole> {
  const result = await client.query<Rights>(rightsSql);
  const rights = result.rows[0];
  if (!rights) throw new Error('the server does not know its own role');
  const { role, version: serverVersion, at: serverTime } = rights;
  return { role, serverVersion, serverTime, problems: problemsOf(rights) };
}

const rightsSql = `
  with writable as (
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'f') and n.nspname !~ '^pg_'
      and n.nspname <> 'information_schema'
      and pg_catalog.has_schema_privilege(n.oid, 'USAGE')
      and pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
  select r.rolname as role, current_setting('server_version') as version,
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
    array_remove(array[
      case when r.rolsuper then 'SUPERUSER' end, case when r.rolcreaterole then 'CREATEROLE' end,
      case when r.rolcreatedb then 'CREATEDB' end,
      case when r.rolreplication then 'REPLICATION' end,
      case when exists (select from pg_catalog.pg_roles w where w.rolname = 'pg_write_all_data'
        and pg_catalog.pg_has_role(r.oid, w.oid, 'USAGE')) then 'pg_write_all_data' end
    ]::text[], null) as powers,
    array(select t.name from writable t order by t.name limit ${shownTables}) as tables,
    (select count(*) from writable) as "tableCount",
    array(select n.nspname::text from pg_catalog.pg_namespace n
      where n.nspname !~ '^pg_' and pg_catalog.has_schema_privilege(n.oid, 'CREATE')
      order by n.nspname) as schemas,
    coalesce((select split_part(s, '=', 2) from pg_catalog.pg_db_role_setting g,
      unnest(g.setconfig) s where g.setrole = r.oid
        and s like 'default_transaction_read_only=%' limit 1), 'off') as "readOnly"
  from pg_catalog.pg_roles r where r.rolname = current_user`;

function problemsOf({
  role,
  powers,
  tables,
  tableCount,
  schemas,
  readOnly,
}: Rights): WarehouseProblem[] {
  const problems: WarehouseProblem[] = [];
  const add = (
    severity: WarehouseProblem['severity'],
    code: WarehouseProblem['code'],
    message: string,
    remedy: string,
  ): void => {
    problems.push({ severity, code, field: role, message, remedy });
  };
  if (powers.length > 0)
    add(
      'error',
      'role_may_write',
      `has ${powers.join(', ')}: nothing keeps it from writing.`,
      'Use a role of its own that has been granted SELECT alone.',
    );
  else if (tables.length > 0)
    add(
      'error',
      'role_can_write',
      `may write ${tableCount} tables, among them ${tables.join(', ')}.`,
      `Revoke INSERT, UPDATE, DELETE and TRUNCATE from ${role}.`,
    );
  if (schemas.length > 0 && powers.length === 0)
    add(
      'warning',
      'role_can_create',
      `may create tables in ${schemas.join(', ')}.`,
      `Revoke CREATE on these schemas from ${role} and from PUBLIC.`,
    );
  if (readOnly !== 'on')
    add(
      'warning',
      'not_read_only',
      'is not read-only by default; every connection of ours is.',
      `alter role ${role} set default_transaction_read_only = on`,
    );
  return problems;
}
