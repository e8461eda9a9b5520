import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { controlSchema, isTieOut, type Procedure } from '../../core/control';
import { Refusal } from '../../core/problem';
import { quoteName, quoteText } from '../../core/sql-text';
import type { EvidenceStore } from '../../evidence/evidence-store';
import type { DuckDb, TextRow } from '../../platform/duckdb';
import type { LineItems, LineItemsQuery } from './line-items.contract';

const mostKeys = 500;

/** A file of a run's evidence. */
export interface RunFile {
  path: string;
  sha256: string;
}

export interface LineItemsParts {
  evidence: EvidenceStore;
  files: readonly RunFile[];
  populations: readonly { procedure: string; side: 'left' | 'right'; file_sha256: string }[];
  duck: DuckDb;
}

/**
 * The keys behind a line, from the very files that were judged: those of no finding are placed as
 * the statement places them, by side, difference and label. The line's own count of keys is the
 * proof; where it differs, nothing is shown as if it were the line.
 */
export async function lineItemsOf(
  query: LineItemsQuery,
  lineKeys: string,
  parts: LineItemsParts,
): Promise<LineItems> {
  const procedure = await procedureOf(query.procedure, parts);
  const sql = await placedSql(procedure, query, parts);
  const wanted = [
    `category = ${quoteText(query.category)}`,
    `side = ${quoteText(query.side)}`,
    `cur is not distinct from ${query.currency === undefined ? 'null' : quoteText(query.currency)}`,
    ...(query.code === undefined ? [] : [`code = ${quoteText(query.code)}`]),
  ].join(' and ');
  const [count] = await parts.duck.rows(`${sql} select count(*) as n from placed where ${wanted}`);
  const total = count?.n ?? '0';
  if (total !== lineKeys) return { keys: [], keys_total: total, agrees: false };
  const names = procedure.key.map(quoteName).join(', ');
  const rows = await parts.duck.rows(
    `${sql} select ${names}, l_n, l_amount, l_ref, r_n, r_amount, r_ref from placed
     where ${wanted} order by abs(coalesce(r_amount, 0) - coalesce(l_amount, 0)) desc, ${names}
     limit ${mostKeys}`,
  );
  const keys = rows.map((row) => ({
    key: Object.fromEntries(procedure.key.map((name) => [name, row[name] ?? null])),
    left: sideOf(row, 'l'),
    right: sideOf(row, 'r'),
  }));
  return { keys, keys_total: total, agrees: true };
}

function sideOf(row: TextRow, side: 'l' | 'r'): LineItems['keys'][number]['left'] {
  const items = row[`${side}_n`];
  if (items === null || items === undefined) return null;
  const amount = row[`${side}_amount`] ?? '0';
  return { items, amount, source_ref: row[`${side}_ref`] ?? null };
}

/** The procedure as the run's own copy of control.yaml defines it. */
async function procedureOf(name: string, parts: LineItemsParts): Promise<Procedure> {
  const file = parts.files.find(({ path }) => /^control\/.*\/control\.yaml$/.test(path));
  if (file === undefined) throw new Error('the run has no control.yaml among its evidence');
  const text = await readFile(parts.evidence.pathOf(file.sha256), 'utf8');
  const { procedures } = controlSchema.parse(parse(text));
  const procedure = procedures.find((one) => one.name === name);
  if (procedure === undefined) throw new Refusal('not_found', `There is no procedure ${name}.`);
  return procedure;
}

async function placedSql(
  procedure: Procedure,
  query: LineItemsQuery,
  parts: LineItemsParts,
): Promise<string> {
  const left = await sideSql(procedure, 'left', parts);
  const right = isTieOut(procedure)
    ? await sideSql(procedure, 'right', parts)
    : `select * from l where false`;
  const names = procedure.key.map(quoteName).join(', ');
  const findings = parts.files.find(({ path }) => path === 'findings.jsonl');
  if (findings === undefined) throw new Error('the run has no findings.jsonl among its evidence');
  const file = quoteText(parts.evidence.pathOf(findings.sha256));
  const sameKey = procedure.key
    .map((name) => `f.key[${quoteText(name)}] is not distinct from b.${quoteName(name)}`)
    .join(' and ');
  const isFound = `exists (select from found f where ${sameKey})`;
  // An assertion has one side, which conforms unless something was found.
  const agrees = isTieOut(procedure) ? 'l_n > 0 and r_n > 0 and l_amount = r_amount' : 'true';
  const freeAgrees = isTieOut(procedure)
    ? 'l_free_n > 0 and r_free_n > 0 and l_free = r_free'
    : 'true';
  const part = (side: string, columns: string, category: string, code: string): string =>
    `select ${names}, cur, ${columns}, l_ref, r_ref, ${side} as side, ${category} as category,
       ${code} as code from b`;
  return `with l as (${left}), r as (${right}), found as (
    select key from read_json(${file}, format = 'newline_delimited',
      columns = { procedure: 'VARCHAR', key: 'MAP(VARCHAR, VARCHAR)' })
    where procedure = ${quoteText(query.procedure)}
  ), joined as (
    select ${names}, cur, ${columnsOf('l')}, ${columnsOf('r')}
    from l full join r using (${names}, cur)
  ), b as (
    select *, ${isFound} as is_found, ${agrees} as is_agreed from joined b
  ), placed as (
    ${part(sideOfCounts('l_n', 'r_n'), wholeColumns, `'matched'`, 'null')}
    where is_agreed and not is_found
    union all
    ${part(
      sideOfCounts('l_free_n', 'r_free_n'),
      freeColumns,
      `case when is_found then 'exception' when ${freeAgrees} then 'matched'
        when l_free_n > 0 and r_free_n > 0 then 'tolerance' else 'timing' end`,
      'null',
    )} where (is_found or not is_agreed) and l_free_n + r_free_n > 0
    union all
    ${part(`'left'`, leftSetAside, `'reconciling'`, 'l_label')}
    where not is_agreed and l_set_n > 0
    union all
    ${part(`'right'`, rightSetAside, `'reconciling'`, 'r_label')}
    where not is_agreed and r_set_n > 0
  )`;
}

const columnsOf = (side: 'l' | 'r'): string =>
  [
    ...['n', 'amount', 'free_n', 'free', 'set_n', 'set'].map(
      (name) => `coalesce(${side}.${name}, 0) as ${side}_${name}`,
    ),
    `${side}.ref as ${side}_ref`,
    `${side}.label as ${side}_label`,
  ].join(', ');

const sideOfCounts = (left: string, right: string): string =>
  `case when ${left} = 0 then 'right' when ${right} = 0 then 'left' else 'both' end`;

const wholeColumns = `nullif(l_n, 0) as l_n, l_amount, nullif(r_n, 0) as r_n, r_amount`;
const freeColumns =
  'nullif(l_free_n, 0) as l_n, l_free as l_amount, nullif(r_free_n, 0) as r_n, r_free as r_amount';

/** One side by key and currency, every value as text but the amount. */
async function sideSql(
  procedure: Procedure,
  side: 'left' | 'right',
  { populations, evidence, duck }: LineItemsParts,
): Promise<string> {
  const population = populations.find(
    (one) => one.procedure === procedure.name && one.side === side,
  );
  if (population === undefined) throw new Error(`the ${side} population was not frozen`);
  const source = `read_parquet(${quoteText(evidence.pathOf(population.file_sha256))})`;
  const columns = new Set((await duck.describe(`select * from ${source}`)).map(({ name }) => name));
  const keys = procedure.key.map((name) => `cast(${quoteName(name)} as varchar)`);
  const { amount } = procedure;
  const currency = amount === undefined ? 'null' : quoteName(amount.currency);
  const sum = (filter: string): string =>
    amount === undefined
      ? '0::decimal(38, 6)'
      : `coalesce(sum(${quoteName(amount.column)})${filter}, 0)::decimal(38, 6)`;
  const label = columns.has('reconciling') ? 'cast(reconciling as varchar)' : 'null::varchar';
  const ref = columns.has('source_ref') ? 'min(cast(source_ref as varchar))' : 'null::varchar';
  const free = ` filter (where ${label} is null)`;
  const setAside = ` filter (where ${label} is not null)`;
  const named = keys.map((key, i) => `${key} as ${quoteName(procedure.key[i] ?? '')}`);
  return `select ${named.join(', ')},
      cast(${currency} as varchar) as cur, count(*) as n, ${sum('')} as amount,
      count(*)${free} as free_n, ${sum(free)} as free,
      count(*)${setAside} as set_n, ${sum(setAside)} as set,
      ${ref} as ref, min(${label}) as label
    from ${source} group by ${keys.join(', ')}, ${currency}`;
}

const leftSetAside = 'l_set_n as l_n, l_set as l_amount, null as r_n, null as r_amount';
const rightSetAside = 'null as l_n, null as l_amount, r_set_n as r_n, r_set as r_amount';
