import { rewriteReferences, tokenizeSql } from './bind-parameters';
import { isTieOut, type Procedure, type TieOut } from './control';
import { keyTextSql, onceOn, ROW_NUMBER, rowsViewOf, type PlannedFinding } from './plan';
import { quoteName, quoteText } from './sql-text';

/**
 * Canaries: copies of a few items of a run with one known anomaly each, judged by the same plan
 * beside the real verdict. One that is not found shows that the control can no longer fail.
 */

/** Rows of the left population among which items for canaries are looked for. */
const LOOKED_AT = 20_000;

/** Values per column, and columns varied, to meet a condition: at most 8 ** 5 combinations. */
const MOST_VALUES = 8;
const MOST_COLUMNS = 5;

type PlanSide = 'left' | 'right';
export const shadowOf = (side: PlanSide): string => `shadow_${side}`;

/**
 * Pairs of items, each alone under its key, that may carry a canary: `pair (n, l, r)`. Those that
 * agree alone, if any do: in one that differs itself, what was there may hide what is planted.
 */
export function pairsSql(procedure: TieOut, salt: string, most: number): string {
  const key = (side: 'l' | 'r'): string => keyTextSql(procedure, side);
  const alone = (side: PlanSide): string => {
    const alias = side === 'left' ? 'l' : 'r';
    const facts = ['currency', 'column'] as const;
    const own = facts.map((fact) =>
      procedure.amount ? `any_value(${alias}.${quoteName(procedure.amount[fact])})` : 'null',
    );
    return `select ${key(alias)} as k, any_value(${alias}.${ROW_NUMBER}) as no,
        ${own[0]} as currency, ${own[1]} as amount
      from ${rowsViewOf(side)} ${alias} where ${key(alias)} in (select k from looked_at)
      group by 1 having count(*) = 1`;
  };
  return `create or replace table looked_at as select distinct ${key('l')} as k
      from (select * from ${rowsViewOf('left')} limit ${LOOKED_AT}) l;
    create or replace table pair_of_items as
    select row_number() over (order by md5(${quoteText(salt)} || k)) - 1 as n, l, r
    from (select l.k, l.no as l, r.no as r
      from (${alone('left')}) l join (${alone('right')}) r on r.k = l.k
      qualify rank() over (order by l.currency is distinct from r.currency,
        l.amount is distinct from r.amount) = 1)
    order by n limit ${most}`;
}

/** The same of linked items, after the passes of a procedure were run. */
export function linkedPairsSql(salt: string, most: number): string {
  return `create or replace table pair_of_items as
    select row_number() over (order by md5(${quoteText(salt)} || l)) - 1 as n, l, r
    from (select l, any_value(r) as r from linked group by l having count(*) = 1)
    where r in (select r from linked group by r having count(*) = 1) order by n limit ${most}`;
}

/** The same of the items of an assertion, which have no counterpart. */
export function itemsSql(procedure: Procedure, salt: string, most: number): string {
  return `create or replace table pair_of_items as
    select row_number() over (order by md5(${quoteText(salt)} || k)) - 1 as n, l, null::bigint as r
    from (select ${keyTextSql(procedure, 'l')} as k, any_value(l.${ROW_NUMBER}) as l
      from (select * from ${rowsViewOf('left')} limit ${LOOKED_AT}) l
      group by 1 having count(*) = 1) order by n limit ${most}`;
}

/**
 * The items that carry the canaries, a slot each. `suffixed` is a text column of the key: with it
 * one pair may carry several, under keys of their own.
 */
export function shadowSql(
  side: PlanSide,
  { columns, slots, pairs, suffixed }: ShadowFacts,
): string {
  const own = columns.map((name) => {
    const column = `i.${quoteName(name)}`;
    if (name === suffixed) return `${column} || '~' || s.slot as ${quoteName(name)}`;
    return name === 'reconciling' ? `null::varchar as reconciling` : column;
  });
  const of = side === 'left' ? 'l' : 'r';
  const pick = suffixed === null ? 's.slot' : `s.slot % ${pairs}`;
  return `create or replace table ${shadowOf(side)} as
    select s.slot as "#slot", ${own.join(', ')}
    from (select unnest(range(${slots})) as slot) s
      join pair_of_items p on p.n = ${pick}
      join ${rowsViewOf(side)} i on i.${ROW_NUMBER} = p.${of}`;
}

export interface ShadowFacts {
  columns: readonly string[];
  slots: number;
  pairs: number;
  suffixed: string | null;
}

/** One kind of anomaly; `slot` is the item that carries it. */
export interface Canary {
  slot: number;
  planned: PlannedFinding;
}

/** Findings that a procedure can make at all, whatever its populations hold. */
export function possibleFindings(
  procedure: Procedure,
  planned: readonly PlannedFinding[],
): PlannedFinding[] {
  if (!isTieOut(procedure)) return planned.filter(({ keyword }) => keyword !== 'currency_differs');
  const once = onceOn(procedure.cardinality);
  return planned.filter(({ keyword }) => {
    if (keyword === 'duplicate_left') return once.left;
    if (keyword === 'duplicate_right') return once.right;
    if (keyword === 'currency_differs') return procedure.amount && !procedure.match;
    return true;
  });
}

/** True where the anomaly shows under one code or another, by how the control says it. */
export const anyCodeTells = ({ keyword }: PlannedFinding, procedure: Procedure): boolean =>
  keyword === 'currency_differs' ||
  (keyword === 'amount_differs' && isTieOut(procedure) && procedure.match !== undefined);

/** The keys of the items in the slots: `slot`, and the key's columns as `k0`, `k1`, … */
export function slotKeysSql({ key }: Procedure, side: PlanSide): string {
  const columns = key.map((name, i) => `${quoteName(name)}::varchar as k${i}`);
  return `select "#slot" as slot, ${columns.join(', ')} from ${shadowOf(side)}`;
}

const at = (slot: number): string => `where "#slot" = ${slot}`;

/** What makes of a sound pair the anomaly that a keyword is about. */
export function anomalySql(
  { slot, planned }: Canary,
  procedure: Procedure,
  graceFrom: string | null,
): string {
  const timing = 'timing' in procedure ? procedure.timing : undefined;
  const amount = quoteName(procedure.amount?.column ?? '');
  const currency = quoteName(procedure.amount?.currency ?? '');
  const expired = (side: PlanSide): string =>
    timing && graceFrom !== null && (timing.side === 'both' || timing.side === side)
      ? `; update ${shadowOf(side)}
          set ${quoteName(timing.from)} = date ${quoteText(graceFrom)} - 1 ${at(slot)}`
      : '';
  const right = shadowOf('right');
  const twice = (side: PlanSide): string =>
    `insert into ${shadowOf(side)} select * from ${shadowOf(side)} ${at(slot)}`;
  switch (planned.keyword) {
    case 'left_only':
      return `delete from ${right} ${at(slot)}${expired('left')}`;
    case 'right_only':
      return `delete from ${shadowOf('left')} ${at(slot)}${expired('right')}`;
    case 'amount_differs':
      return `update ${right} set ${amount} = ${amount} + abs(${amount}) * 2 + 1000000 ${at(slot)}`;
    case 'currency_differs':
      return `update ${right} set ${currency} =
        case when ${currency} = 'USD' then 'EUR' else 'USD' end ${at(slot)}`;
    case 'duplicate_left':
      return twice('left');
    case 'duplicate_right':
      return twice('right');
    case 'ambiguous':
      return twice('right');
    case null:
      // What waits for its counterpart is not judged yet.
      return `select 1${expired('left')}${expired('right')}`;
  }
}

export interface ConditionColumn {
  side: PlanSide;
  column: string;
  /** DuckDB's type of it. */
  type: string;
  /** Part of the key, or of a pass: it keeps the value that it has. */
  isFixed: boolean;
  /** An amount or currency may have other values, but never none. */
  isNeeded: boolean;
  isCurrency: boolean;
}

/** The columns that a condition names, each once. */
export function conditionColumns(condition: string): { side: PlanSide; column: string }[] {
  const found = new Map<string, { side: PlanSide; column: string }>();
  rewriteReferences(condition, (side, column) => {
    const own = side === 'right' ? 'right' : 'left';
    found.set(`${own}.${column}`, { side: own, column });
    return '';
  });
  return [...found.values()];
}

/**
 * `solution`: values for the columns of a condition under which it holds, found by trying those
 * that the item has, that the condition itself names, and those just beside them; with as few nulls
 * as can be, which leave other conditions unknown, and as few changes. No row: none do.
 */
export function solutionSql(
  condition: string,
  columns: readonly ConditionColumn[],
  slot: number,
  twoSided: boolean,
): string {
  const tried = columns.map((column, i) =>
    i < MOST_COLUMNS ? candidatesOf(column, columns, condition) : [refer(column)],
  );
  const values = tried.map(
    (candidates, i) => `(select unnest([${candidates.join(', ')}]) as v) a${i}`,
  );
  const text = rewriteReferences(condition, (side, name) => {
    const own = side === 'right' ? 'right' : 'left';
    return `a${columns.findIndex((one) => one.side === own && one.column === name)}.v`;
  });
  const from = [`${shadowOf('left')} l`, ...(twoSided ? [`${shadowOf('right')} r`] : [])];
  const slots = ['l', ...(twoSided ? ['r'] : [])].map((alias) => `${alias}."#slot" = ${slot}`);
  const lateral = values.map((value) => `, lateral ${value}`).join('');
  const names = columns.map((_, i) => `a${i}.v as v${i}`).join(', ') || '1 as v';
  return `create or replace table solution as select ${names} from ${from.join(', ')}${lateral}
    where ${slots.join(' and ')} and (${text})
    order by ${countOf(columns.map((_, i) => `a${i}.v is null`))},
      ${countOf(columns.map((column, i) => `a${i}.v is distinct from ${refer(column)}`))}
    limit 1`;
}

const countOf = (conditions: readonly string[]): string =>
  ['0', ...conditions.map((condition) => `(${condition})::int`)].join(' + ');

/** Gives the item of a slot the values of the solution. */
export const applySolutionSql = (columns: readonly ConditionColumn[], slot: number): string =>
  columns
    .filter(({ isFixed }, i) => !isFixed && i < MOST_COLUMNS)
    .map(({ side, column }) => {
      const index = columns.findIndex((one) => one.side === side && one.column === column);
      const value = `(select v${index} from solution)`;
      return `update ${shadowOf(side)} set ${quoteName(column)} = ${value} ${at(slot)}`;
    })
    .join('; ');

const refer = ({ side, column }: Pick<ConditionColumn, 'side' | 'column'>): string =>
  `${side === 'right' ? 'r' : 'l'}.${quoteName(column)}`;

const kindOf = (type: string): 'boolean' | 'number' | 'time' | 'text' => {
  if (type === 'BOOLEAN') return 'boolean';
  if (/^(DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT)/.test(type)) return 'number';
  return /^(DATE|TIMESTAMP)/.test(type) ? 'time' : 'text';
};

function candidatesOf(
  own: ConditionColumn,
  all: readonly ConditionColumn[],
  condition: string,
): string[] {
  if (own.isFixed) return [refer(own)];
  if (own.isCurrency) return [refer(own), `'USD'`, `'EUR'`];
  const kind = kindOf(own.type);
  const value = refer(own);
  const others = all
    .filter((one) => one !== own && kindOf(one.type) === kind)
    .map((one) => refer(one));
  const tokens = tokenizeSql(condition);
  const literals = tokens
    .filter((token) => token.kind === (kind === 'number' ? 'number' : 'string'))
    .map(({ text }) => text);
  const beside: Record<typeof kind, string[]> = {
    boolean: ['true', 'false'],
    number: [value, '0', '-1', ...literals, ...literals.map((text) => `${text} + 1`)].concat(
      [`${value} + 1`, `abs(${value}) * 2 + 1000000`].concat(others),
    ),
    time: [value, `${value} + interval 800 day`, `${value} - interval 800 day`].concat(
      others.flatMap((other) => [`${other} + interval 40 day`, `${other} - interval 40 day`]),
    ),
    text: [value, ...literals, `'canary'`, ...others, `''`],
  };
  const needsNull = tokens.some(({ text }) => /^(null|coalesce)$/i.test(text));
  const some = [...new Set(beside[kind])].slice(0, MOST_VALUES - 1);
  if (needsNull && !own.isNeeded) some.push('null');
  return some.map((candidate) => `(${candidate})::${own.type}`);
}
