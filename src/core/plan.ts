import { rewriteReferences } from './bind-parameters';
import {
  isTieOut,
  keywordOf,
  type Assertion,
  type Finding,
  type FindingKeyword,
  type Procedure,
  type TieOut,
  type Tolerance,
} from './control';
import { ambiguousSql } from './match-key';
import { minorUnit } from './money';
import { classSql as as, collapseSql, onlyCurrency } from './plan-classes';
import { quoteName, quoteText } from './sql-text';

/**
 * Turns a procedure into SQL for DuckDB. The plan in one picture:
 *
 *   left_items ─┐                          ┌─ tie: one row per key that is not settled,
 *               ├─ flagged ─ full join ────┤       one row per currency for all that are
 *   right_items ┘   (conditions)           └─ *_detail: the items behind the unsettled keys
 *
 * Few keys are compared as they are; many as salted 128-bit hashes, which join without spilling
 * long text; the salt differs per run, so no one can prepare two keys that collide (docs/adr/0004).
 * Every step adds up over `hash mod B`, so it can be evaluated in bucket ranges.
 */

/** Stands for the currency of a procedure that compares no amounts; no ISO code is like it. */
export const NO_CURRENCY = 'none';

export interface PlanContext {
  /** Columns each side's frozen file has. */
  columns: Record<'left' | 'right', readonly string[]>;
  /** Every currency that occurs, for its minor unit. */
  currencies: readonly string[];
  /** Keys are joined as text while they fit into memory, else as hashes of fixed width. */
  keyForm: 'text' | 'hash';
  /** Random text of this run, mixed into every key hash. */
  salt: string;
  /** Items dated on it or later still have time to find their counterpart; null without timing. */
  graceFrom: string | null;
  /** Prefix of automatic finding codes, such as BK01. */
  codePrefix: string;
}

/** A finding with its place in the plan: `flag` is the column that marks its condition. */
export interface PlannedFinding {
  code: string;
  keyword: FindingKeyword | null;
  flag: string | null;
  finding: Finding;
}

type PlanSide = 'left' | 'right';
const sides: readonly PlanSide[] = ['left', 'right'];
const ALIAS: Record<PlanSide, string> = { left: 'l', right: 'r' };

/** The item population of an assertion takes the left place of the plan. */
export const viewOf = (side: PlanSide): string => `${side}_items`;

/** The same items with DuckDB's own number of each row in its file. */
export const rowsViewOf = (side: PlanSide): string => `${side}_rows`;
export const ROW_NUMBER = 'file_row_number';

/** Declared findings in order, then the automatic ones nobody has to declare. */
export function plannedFindings(procedure: Procedure, codePrefix: string): PlannedFinding[] {
  const declared = procedure.findings.map((finding, index): PlannedFinding => {
    const keyword = keywordOf(finding);
    return { code: finding.code, keyword, flag: keyword ? null : `f${index}`, finding };
  });
  const automatic: [FindingKeyword, string][] = isTieOut(procedure)
    ? [
        ['duplicate_left', 'DUPLICATE_KEY_LEFT'],
        ['duplicate_right', 'DUPLICATE_KEY_RIGHT'],
        ['currency_differs', 'CURRENCY_DIFFERS'],
      ]
    : [['duplicate_left', 'DUPLICATE_KEY']];
  if (isTieOut(procedure) && procedure.match) automatic.push(['ambiguous', 'AMBIGUOUS']);
  for (const [keyword, suffix] of automatic) {
    if (declared.some((planned) => planned.keyword === keyword)) continue;
    const code = `${codePrefix}-${suffix}`;
    declared.push({ code, keyword, flag: null, finding: { code, when: keyword } });
  }
  return declared;
}

const flagsOf = (findings: readonly PlannedFinding[]): string[] =>
  findings.flatMap((planned) => planned.flag ?? []);

/** A condition or impact as SQL over the aliases l and r; `item` takes the left place. */
export function expressionSql(expression: string): string {
  return rewriteReferences(
    expression,
    (side, column) => `${side === 'right' ? 'r' : 'l'}.${quoteName(column)}`,
  );
}

function currencySql(procedure: Procedure, alias: string): string {
  return procedure.amount
    ? `${alias}.${quoteName(procedure.amount.currency)}`
    : quoteText(NO_CURRENCY);
}

const codeSql = (procedure: Procedure, { currencies }: PlanContext, alias: string): string =>
  onlyCurrency(currencies) ?? `${currencySql(procedure, alias)}::currency_code`;

function amountSql(procedure: Procedure, alias: string): string {
  return procedure.amount
    ? `${alias}.${quoteName(procedure.amount.column)}::decimal(24,6)`
    : `0::decimal(24,6)`;
}

/** The key as one text; lengths keep ('a','bc') and ('ab','c') apart. */
export function keyTextSql(procedure: Procedure, alias: string): string {
  const texts = procedure.key.map((column) => `${alias}.${quoteName(column)}::varchar`);
  return texts.length === 1
    ? texts.join('')
    : texts.map((text) => `length(${text}) || ':' || ${text}`).join(' || ');
}

/**
 * What identifies a key in its currency. As a hash it has 128 bits; with salt and a key of usual
 * length MD5 takes one block.
 */
export function hashSql(procedure: Procedure, context: PlanContext, alias: string): string {
  const key = keyTextSql(procedure, alias);
  const isOneCurrency = context.currencies.length <= 1;
  const whole = isOneCurrency ? key : `${currencySql(procedure, alias)} || '|' || ${key}`;
  if (context.keyForm === 'text') return `(${whole})`;
  return `md5_number(${quoteText(`${context.salt}|`)} || ${whole})`;
}

/** Type of what hashSql gives. */
export const keyTypeSql = ({ keyForm }: PlanContext): string =>
  keyForm === 'text' ? 'varchar' : 'uhugeint';

/** Whether the tie knows the file row of a key: its items are then found without hashing all. */
const carriesRow = (context: PlanContext, side: PlanSide, byKey: boolean): boolean =>
  context.keyForm === 'hash' && !byKey && !context.columns[side].includes(ROW_NUMBER);

const has = (context: PlanContext, side: PlanSide, column: string): boolean =>
  context.columns[side].includes(column);

function waitingSql(procedure: TieOut, context: PlanContext, side: PlanSide): string | null {
  const { timing } = procedure;
  if (!timing || context.graceFrom === null) return null;
  if (timing.side !== 'both' && timing.side !== side) return null;
  const from = `${ALIAS[side]}.${quoteName(timing.from)}`;
  return `coalesce(${from} >= date ${quoteText(context.graceFrom)}, false)`;
}

/** Items of one side, one row each, or summed by key first: the many side, and repeated keys. */
function sideSql(procedure: TieOut, context: PlanContext, side: PlanSide, byKey: boolean): string {
  const alias = ALIAS[side];
  const amount = amountSql(procedure, alias);
  const free = `${alias}.reconciling is null`;
  const labelled = has(context, side, 'reconciling');
  const waiting = waitingSql(procedure, context, side);
  const columns = [
    `${hashSql(procedure, context, alias)} as h`,
    `${codeSql(procedure, context, alias)} as currency`,
    byKey ? `sum(${amount}) as amount` : `${amount} as amount`,
  ];
  if (byKey) columns.push('count(*) as n');
  if (procedure.match) columns.push(`${ambiguousSql(alias)} as ambiguous`);
  if (labelled && byKey)
    columns.push(
      `count(*) filter (where ${free}) as free_n`,
      `coalesce(sum(${amount}) filter (where ${free}), 0) as free_amount`,
    );
  if (labelled && !byKey)
    columns.push(
      `case when ${free} then 1 else 0 end::bigint as free_n`,
      `case when ${free} then ${amount} else 0 end as free_amount`,
    );
  // What is set aside by its label waits for nobody, so it does not speak for the rest of its key.
  const all = labelled ? `bool_and(${waiting}) filter (where ${free})` : `bool_and(${waiting})`;
  if (waiting) columns.push(`${byKey ? all : waiting} as waiting`);
  const numbered = carriesRow(context, side, byKey);
  if (numbered) columns.push(`${alias}.${ROW_NUMBER}::uinteger as row_no`);
  const from = `from ${numbered ? rowsViewOf(side) : viewOf(side)} ${alias}`;
  return `select ${columns.join(', ')} ${from}${byKey ? ' group by all' : ''}`;
}

/** Largest accepted difference for a row of `joined`, inclusive, in major units. */
function toleranceSql(tolerance: Tolerance | undefined, currencies: readonly string[]): string {
  if (!tolerance) return '0';
  const allowed: string[] = [];
  if (tolerance.minor_units !== undefined) {
    const units = currencies.map(
      (code) => `when ${quoteText(code)} then ${minorUnit(code)}::decimal(10,6)`,
    );
    const unit = units.length > 0 ? `case currency ${units.join(' ')} else 0 end` : '0';
    const lines = tolerance.per === 'line' ? ' * greatest(l_n, r_n, 1)' : '';
    allowed.push(`(${unit}) * ${tolerance.minor_units}${lines}`);
  }
  if (tolerance.percent !== undefined)
    allowed.push(
      `abs(l_amount)::decimal(26,6) * ${tolerance.percent}::decimal(9,4) * 0.01::decimal(3,2)`,
    );
  return allowed.length === 1 ? allowed.join('') : `greatest(${allowed.join(', ')})`;
}

/** The sides on which a key may stand only once. */
export function onceOn(cardinality: TieOut['cardinality']): Record<PlanSide, boolean> {
  return {
    left: cardinality === 'one_to_one' || cardinality === 'one_to_many',
    right: cardinality === 'one_to_one' || cardinality === 'many_to_one',
  };
}

/** One side's columns of `joined`, zero where the key has no item there. */
function joinedColumns(
  procedure: TieOut,
  context: PlanContext,
  side: PlanSide,
  byKey: boolean,
): string {
  const alias = ALIAS[side];
  const labelled = has(context, side, 'reconciling');
  const waiting = waitingSql(procedure, context, side);
  // Where a key may stand once the join carries no count: an item is there, or it is not.
  const items = byKey
    ? `coalesce(${alias}.n, 0)`
    : `case when ${alias}.h is null then 0 else 1 end`;
  return [
    `${items} as ${alias}_n`,
    `coalesce(${alias}.amount, 0) as ${alias}_amount`,
    `${labelled ? `coalesce(${alias}.free_n, 0)` : items} as ${alias}_free_n`,
    `coalesce(${alias}.${labelled ? 'free_amount' : 'amount'}, 0) as ${alias}_free`,
    `${waiting ? `coalesce(${alias}.waiting, false)` : 'false'} as ${alias}_waiting`,
    `${carriesRow(context, side, byKey) ? `${alias}.row_no` : 'null::uinteger'} as ${alias}_row`,
  ].join(', ');
}

/** `tie` of a tie-out; `byKey` says which sides are summed by key before the join. */
export function tieOutSql(
  procedure: TieOut,
  context: PlanContext,
  findings: readonly PlannedFinding[],
  byKey: Record<PlanSide, boolean>,
): string {
  const flags = flagsOf(findings);
  const [l, r] = sides.map((side) => joinedColumns(procedure, context, side, byKey[side]));
  const flagColumns = flags.map((flag) => `, coalesce(f.${flag}, false) as ${flag}`).join('');
  const flagJoin = flags.length > 0 ? 'left join flagged f on f.h = coalesce(l.h, r.h)' : '';
  const tolerance = toleranceSql(procedure.amount?.tolerance, context.currencies);
  const anyFlag = flags.length > 0 ? flags.join(' or ') : 'false';
  const once = onceOn(procedure.cardinality);
  const repeats = { left: once.left && byKey.left, right: once.right && byKey.right };
  const labelled = sides.some((side) => has(context, side, 'reconciling'));
  const ambiguous = procedure.match ? 'coalesce(l.ambiguous, r.ambiguous)' : 'false';
  return `create or replace table tie as with joined as (
    select coalesce(l.h, r.h) as h,
      ${onlyCurrency(context.currencies) ?? 'coalesce(l.currency, r.currency)'} as currency,
      ${ambiguous} as ambiguous,
      ${l}, ${r}${flagColumns}
    from (${sideSql(procedure, context, 'left', byKey.left)}) l
    full join (${sideSql(procedure, context, 'right', byKey.right)}) r on l.h = r.h ${flagJoin}
  ), ${settledSql(flags, tolerance, labelled)}, judged as (
    select *, ${differsSql(tolerance)} as differs,
      ${repeats.left ? 'l_n > 1' : 'false'} as dup_left,
      ${repeats.right ? 'r_n > 1' : 'false'} as dup_right
    from settled
  ), classed as (
    select *, case
      when l_n = 0 and r_n = 0 then ${as('reconciling')}
      when ambiguous then ${as('ambiguous')}
      when r_n = 0 then case when l_waiting then ${as('timing')} else ${as('left_only')} end
      when l_n = 0 then case when r_waiting then ${as('timing')} else ${as('right_only')} end
      when dup_left then ${as('duplicate_left')}
      when dup_right then ${as('duplicate_right')}
      when differs then ${as('amount_differs')}
      when ${anyFlag} then ${as('flagged')}
      when l_amount = r_amount then ${as('matched')}
      when l_amount < r_amount then ${as('tolerance')}
      else ${as('tolerance_less')} end as class
    from judged
  )
  ${collapseSql(context.currencies, {
    flags,
    labelled,
    repeats,
    rows: {
      left: carriesRow(context, 'left', byKey.left),
      right: carriesRow(context, 'right', byKey.right),
    },
  })}`;
}

const differsSql = (tolerance: string): string =>
  tolerance === '0'
    ? 'l_amount <> r_amount'
    : `l_amount <> r_amount and abs(l_amount - r_amount) > ${tolerance}`;

/** What is set aside by its label, unless the two sides of its key agree as they stand. */
function settledSql(flags: readonly string[], tolerance: string, labelled: boolean): string {
  if (!labelled) return 'settled as (select * from joined)';
  return `compared as (
    select *, l_n > 0 and r_n > 0 and abs(l_amount - r_amount) <= ${tolerance} as agrees from joined
  ), settled as (
    select h, currency, ambiguous${flags.map((flag) => `, ${flag}`).join('')}, l_waiting, r_waiting,
      l_row, r_row,
      case when agrees then l_n else l_free_n end as l_n,
      case when agrees then l_amount else l_free end as l_amount,
      case when agrees then 0 else l_n - l_free_n end as l_set_n,
      case when agrees then 0 else l_amount - l_free end as l_set,
      case when agrees then r_n else r_free_n end as r_n,
      case when agrees then r_amount else r_free end as r_amount,
      case when agrees then 0 else r_n - r_free_n end as r_set_n,
      case when agrees then 0 else r_amount - r_free end as r_set
    from compared
  )`;
}

/** `tie` of an assertion: the same table with an empty right side, one row in per item. */
export function assertionSql(
  procedure: Assertion,
  context: PlanContext,
  findings: readonly PlannedFinding[],
): string {
  const flags = flagsOf(findings);
  const labelled = has(context, 'left', 'reconciling');
  const free = labelled ? 'bool_and(l.reconciling is null)' : 'true';
  const anyFlag = flags.map((flag) => `coalesce(f.${flag}, false)`).join(' or ') || 'false';
  const flagColumns = flags.map((flag) => `coalesce(f.${flag}, false) as ${flag}, `);
  return `create or replace table tie as with items as (
    select ${hashSql(procedure, context, 'l')} as h,
      ${codeSql(procedure, context, 'l')} as currency,
      count(*) as n, sum(${amountSql(procedure, 'l')}) as amount, ${free} as free
    from ${viewOf('left')} l group by 1, 2
  ), classed as (
    select i.h, i.currency, ${flagColumns.join('')}
      case when free then n else 0 end as l_n, case when free then amount else 0 end as l_amount,
      case when free then 0 else n end as l_set_n, case when free then 0 else amount end as l_set,
      0 as r_n, 0 as r_amount, 0 as r_set_n, 0 as r_set, null::uinteger as l_row,
      null::uinteger as r_row,
      false as differs, n > 1 as dup_left, false as dup_right,
      case when not free then ${as('reconciling')} when ${anyFlag} then ${as('flagged')}
        when n > 1 then ${as('duplicate_left')} else ${as('matched')} end as class
    from items i ${flags.length > 0 ? 'left join flagged f on f.h = i.h' : ''}
  )
  ${collapseSql(context.currencies, {
    flags,
    labelled,
    repeats: { left: true, right: false },
    rows: { left: false, right: false },
  })}`;
}

/** Column of the hash beside the columns of items: no population can have one of that name. */
export const ITEM_HASH = '"#"';

/**
 * Items behind the keys that are not settled: what a finding shows, and who is behind a label.
 * `byKey` says whether that side of the tie was summed by key.
 */
export function detailSql(
  procedure: Procedure,
  context: PlanContext,
  side: PlanSide,
  byKey: boolean,
): string {
  const alias = ALIAS[side];
  const hash = hashSql(procedure, context, alias);
  const numbered = carriesRow(context, side, byKey);
  const items = numbered
    ? `${alias}.* exclude (${ROW_NUMBER}) from ${rowsViewOf(side)} ${alias}
      where ${alias}.${ROW_NUMBER} in (select ${alias}_row from tie where h is not null)`
    : `${alias}.* from ${viewOf(side)} ${alias}`;
  return `create or replace table ${side}_detail as select * from (
      select ${hash} as ${ITEM_HASH}, ${items}
    ) where ${ITEM_HASH} in (select h from tie where h is not null)`;
}
