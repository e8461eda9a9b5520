import { isTieOut, type Procedure } from './control';
import {
  expressionSql,
  ITEM_HASH,
  keyTypeSql,
  NO_CURRENCY,
  type PlanContext,
  type PlannedFinding,
} from './plan';
import { quoteName, quoteText } from './sql-text';

/** The second half of the plan: from unsettled keys to findings and statement lines. */

/**
 * A key that stands on the left in one currency and on the right only in another is one error, not
 * two: both halves are re-classed, and only the left half will speak, with its partner beside it.
 */
export function currencySplitSql(procedure: Procedure): string {
  const names = procedure.key.map(quoteName).join(', ');
  const own = procedure.key.map((name) => `d.${quoteName(name)}`).join(', ');
  const half = (side: 'left' | 'right'): string =>
    `select distinct d.${ITEM_HASH}, t.currency as "currency of #", ${own}
      from ${side}_detail d join tie t on t.h = d.${ITEM_HASH} where t.class = '${side}_only'`;
  // The partner shown is the first by currency: a hash would name another one in each run.
  return `create or replace table split as
    select l.${ITEM_HASH} as left_h, arg_min(r.${ITEM_HASH}, r."currency of #") as right_h
    from (${half('left')}) l join (${half('right')}) r using (${names}) group by 1;
    create or replace table split_right as
    select distinct r.${ITEM_HASH} as h
    from (${half('left')}) l join (${half('right')}) r using (${names});
    update tie set class = 'currency_left' where h in (select left_h from split);
    update tie set class = 'currency_right' where h in (select h from split_right)`;
}

const codeOf = (findings: readonly PlannedFinding[], keyword: string): string | null =>
  findings.find((planned) => planned.keyword === keyword)?.code ?? null;

/** A declared condition that was met explains a currency split better than the automatic code. */
function splitCodeSql(findings: readonly PlannedFinding[]): string {
  const keyword = findings.find((planned) => planned.keyword === 'currency_differs');
  const automatic = quoteText(keyword?.code ?? '');
  const declared = keyword && keyword.finding.impact === undefined && isAutomatic(keyword);
  const flags = declared ? findings.filter((planned) => planned.flag) : [];
  if (flags.length === 0) return automatic;
  const whens = flags.map(({ flag, code }) => `when ${flag} then ${quoteText(code)}`);
  return `case ${whens.join(' ')} else ${automatic} end`;
}

const isAutomatic = ({ code }: PlannedFinding): boolean => code.endsWith('-CURRENCY_DIFFERS');

/** The code under which an unsettled key stands in the statement: each key in one place only. */
function primaryCodeSql(findings: readonly PlannedFinding[]): string {
  const keywords = [
    'left_only',
    'right_only',
    'amount_differs',
    'duplicate_left',
    'duplicate_right',
    'ambiguous',
  ].flatMap((keyword) => {
    const code = codeOf(findings, keyword);
    return code ? [`when class = '${keyword}' then ${quoteText(code)}`] : [];
  });
  const flags = findings.flatMap(({ flag, code }) =>
    flag ? [`when class = 'flagged' and ${flag} then ${quoteText(code)}`] : [],
  );
  const split = `when class in ('currency_left', 'currency_right') then ${splitCodeSql(findings)}`;
  return `case ${[...keywords, ...flags, split].join(' ')} end`;
}

/** One row per finding: its code and the keys on either side that it is about. */
export function findingSql(procedure: Procedure, findings: readonly PlannedFinding[]): string {
  const whenKeyword: Record<string, string> = {
    left_only: `class = 'left_only'`,
    right_only: `class = 'right_only'`,
    amount_differs: `differs and class in ('amount_differs', 'duplicate_left', 'duplicate_right')`,
    duplicate_left: `dup_left and class not in ('reconciling', 'ambiguous')`,
    duplicate_right: `dup_right and class not in ('reconciling', 'ambiguous')`,
    ambiguous: `class = 'ambiguous'`,
  };
  const selects = findings.map(({ code, keyword, flag }) => {
    if (keyword === 'currency_differs')
      return `select ${splitCodeSql(findings)} as code, h as left_h,
        (select right_h from split where left_h = tie.h) as right_h
        from tie where class = 'currency_left'`;
    const both = `class not in ('currency_left', 'currency_right', 'reconciling', 'ambiguous')`;
    const when = keyword ? (whenKeyword[keyword] ?? 'false') : `${flag} and ${both}`;
    return `select ${quoteText(code)} as code, h as left_h, h as right_h from tie where ${when}`;
  });
  const usable = isTieOut(procedure)
    ? selects
    : selects.filter((_, index) => findings[index]?.keyword !== 'currency_differs');
  return `create or replace table finding as
    select row_number() over () as id, * from (${usable.join(' union all ')})`;
}

/** Impact in major units by code; the amount at stake when a finding does not say otherwise. */
function impactSql(finding: PlannedFinding): string {
  const { impact } = finding.finding;
  const byKeyword: Record<string, string> = {
    left_only: 'abs(l_amount)',
    right_only: 'abs(r_amount)',
    currency_differs: 'abs(l_amount)',
    ambiguous: 'greatest(abs(l_amount), abs(r_amount))',
  };
  switch (impact) {
    case undefined:
      return (finding.keyword && byKeyword[finding.keyword]) ?? 'abs(l_amount - r_amount)';
    case 'left.amount':
    case 'item.amount':
      return 'abs(l_amount)';
    case 'right.amount':
      return 'abs(r_amount)';
    case 'difference':
      return 'abs(l_amount - r_amount)';
    default:
      return 'computed';
  }
}

/** Impacts that are expressions: the largest among the pairs of items behind the finding. */
function computedImpactSql(findings: readonly PlannedFinding[]): string {
  const keywords = ['left.amount', 'item.amount', 'right.amount', 'difference'];
  const cases = findings.flatMap(({ code, finding }) =>
    finding.impact !== undefined && !keywords.includes(finding.impact)
      ? [`when ${quoteText(code)} then abs((${expressionSql(finding.impact)})::decimal(38,6))`]
      : [],
  );
  if (cases.length === 0) return 'select null::bigint as id, null::decimal(38,6) as computed';
  return `select f.id, max(case f.code ${cases.join(' ')} end) as computed from finding f
    left join left_detail l on l.${ITEM_HASH} = f.left_h
    left join right_detail r on r.${ITEM_HASH} = f.right_h
    group by f.id`;
}

/** Facts of a finding. They come as one text, since each value that is read costs by itself. */
export const FACT_COLUMNS = [
  'code',
  'key',
  'currency',
  'leftAmount',
  'rightAmount',
  'difference',
  'impact',
  'leftItems',
  'rightItems',
  'leftCount',
  'rightCount',
] as const;

/** Between them: it stands in no code, currency or number, and JSON escapes it. */
export const FACT_SEPARATOR = '\u001f';

/** Beside columns of a key: no population can have one of that name. */
const COUNT = '"count of #"';
const ITEMS = '"items of #"';
const PLACE = '"place of #"';

/**
 * The items of each unsettled key as canonical JSON, ordered by their columns as declared, and the
 * key itself. A side that was not summed by key has one item of each. Most keys have one anyway and
 * need no list: DuckDB holds lists in memory, with room for several items in every column of each.
 */
function itemsSql(
  side: 'left' | 'right',
  { key }: Procedure,
  columns: readonly string[],
  cap: number | null,
): string {
  const text = (name: string): string => `${quoteName(name)}::varchar`;
  const keys = (of: (text: string) => string): string =>
    key.map((name) => `${of(text(name))} as ${quoteName(name)}`).join(', ');
  const fields = columns.toSorted().map((name) => `${quoteName(name)} := ${text(name)}`);
  const written = `to_json(struct_pack(${fields.join(', ')}))::varchar`;
  const alone = (from: string): string =>
    `select ${ITEM_HASH}, ${keys((name) => name)}, 1 as ${COUNT},
       '[' || ${written} || ']' as ${ITEMS}
     from ${from}`;
  if (cap === null) return alone(`${side}_detail`);
  const order = columns.map(text).join(', ');
  const placed = `select *, count(*) over (partition by ${ITEM_HASH}) as ${COUNT},
    row_number() over (partition by ${ITEM_HASH} order by ${order}) as ${PLACE}
    from ${side}_detail`;
  const inPlace = `list(struct_pack(place := ${PLACE}, item := ${written}))`;
  const items = `list_transform(list_sort(${inPlace}), lambda one: one.item)`;
  return `${alone(`(${placed}) where ${COUNT} = 1`)}
    union all
    select ${ITEM_HASH}, ${keys((name) => `min(${name})`)}, max(${COUNT}),
      '[' || array_to_string(${items}, ',') || ']'
    from (${placed}) where ${COUNT} > 1 and ${PLACE} <= ${cap} group by ${ITEM_HASH}`;
}

/**
 * Every finding with its facts, in an order that does not depend on the order of the input:
 * code, key, currency. Amounts have no zeros at their end, and are empty where none is compared or
 * a side is absent. Key and items are JSON with their names in order.
 */
export function findingFactsSql(
  procedure: Procedure,
  context: PlanContext,
  findings: readonly PlannedFinding[],
  { itemsPerFinding, byKey }: { itemsPerFinding: number; byKey: Record<'left' | 'right', boolean> },
): string {
  const tieOut = isTieOut(procedure);
  const keyJson = (names: readonly string[]): string => {
    const fields = names
      .map(quoteName)
      .map((name) => `${name} := ${tieOut ? `coalesce(li.${name}, ri.${name})` : `li.${name}`}`);
    return `to_json(struct_pack(${fields.join(', ')}))::varchar`;
  };
  const items = (side: 'left' | 'right'): string =>
    itemsSql(side, procedure, context.columns[side], byKey[side] ? itemsPerFinding : null);
  const rightItems = tieOut
    ? items('right')
    : `select null::${keyTypeSql(context)} as ${ITEM_HASH}, 0 as ${COUNT}, '[]' as ${ITEMS}`;
  const impacts = findings.map((planned) => {
    const sql = impactSql(planned);
    return `when ${quoteText(planned.code)} then ${sql}`;
  });
  // As core/money.ts writes amounts: no trailing zeros, no bare point.
  const money = (sql: string): string =>
    `case when currency = '${NO_CURRENCY}' then null
      else rtrim(rtrim((${sql})::decimal(38,6)::varchar, '0'), '.') end`;
  const columns: Record<(typeof FACT_COLUMNS)[number], string> = {
    code: 'code',
    key: 'key',
    currency: `nullif(currency, '${NO_CURRENCY}')`,
    leftAmount: money('case when l_n > 0 then l_amount end'),
    rightAmount: money('case when r_n > 0 then r_amount end'),
    difference: tieOut ? money('l_amount - r_amount') : 'null::varchar',
    impact: money(`case code ${impacts.join(' ')} end`),
    leftItems: 'left_items',
    rightItems: 'right_items',
    leftCount: 'left_count',
    rightCount: 'right_count',
  };
  const texts = FACT_COLUMNS.map((name) => `coalesce((${columns[name]})::varchar, '')`);
  return `with facts as (
    select f.id, f.code, t.currency, t.l_n, t.r_n, t.l_amount, t.r_amount, x.computed,
      ${keyJson(procedure.key)} as key_order, ${keyJson(procedure.key.toSorted())} as key,
      coalesce(li.${ITEMS}, '[]') as left_items, coalesce(ri.${ITEMS}, '[]') as right_items,
      coalesce(li.${COUNT}, 0) as left_count, coalesce(ri.${COUNT}, 0) as right_count
    from finding f
    join tie t on t.h = f.left_h
    left join (${computedImpactSql(findings)}) x on x.id = f.id
    left join (${items('left')}) li on li.${ITEM_HASH} = f.left_h
    left join (${rightItems}) ri on ri.${ITEM_HASH} = f.right_h
  )
  select concat_ws(chr(${FACT_SEPARATOR.charCodeAt(0)}), ${texts.join(', ')}) as facts
  from facts order by code, key_order, currency`;
}

/** Lines of the statement: every key in exactly one labelled category. */
export function statementSql(procedure: Procedure, context: PlanContext): string {
  const { amount } = procedure;
  const label = (side: 'left' | 'right'): string => {
    const currency = amount ? `d.${quoteName(amount.currency)}` : quoteText(NO_CURRENCY);
    const value = amount ? `d.${quoteName(amount.column)}::decimal(24,6)` : '0::decimal(24,6)';
    const zero = '0 as n, 0 as amount';
    const own = `count(*) as n, sum(${value}) as amount`;
    const [l, r] = side === 'left' ? [own, zero] : [zero, own];
    const setAside = side === 'left' ? 'l_set_n' : 'r_set_n';
    return `select 'reconciling', d.reconciling, ${currency}, '${side}',
        count(distinct ${ITEM_HASH}), ${l}, ${r}, null
      from ${side}_detail d where d.reconciling is not null
        and ${ITEM_HASH} in (select h from tie where ${setAside} > 0) group by 1, 2, 3, 4`;
  };
  const labels = (['left', 'right'] as const)
    .filter((side) => context.columns[side].includes('reconciling'))
    .map((side) => ` union all ${label(side)}`);
  const tolerated = `class in ('tolerance', 'tolerance_less')`;
  const explained = `(class in ('matched', 'timing') or ${tolerated})`;
  return `with lines(category, code, currency, side, keys, l_n, l_amount, r_n, r_amount, tolerated)
  as (
    select case when ${tolerated} then 'tolerance' when ${explained} then class
        else 'exception' end,
      case when ${explained} then null else primary_code end, currency,
      case when r_n = 0 then 'left' when l_n = 0 then 'right' else 'both' end,
      sum(keys), sum(l_n), sum(l_amount), sum(r_n), sum(r_amount),
      sum(abs(l_amount - r_amount)) filter (where ${tolerated})
    from coded where l_n + r_n > 0 group by 1, 2, 3, 4${labels.join('')}
  )
  select category, code, currency, side, keys::varchar as keys, l_n::varchar as left_items,
    l_amount::decimal(38,6)::varchar as left_amount, r_n::varchar as right_items,
    r_amount::decimal(38,6)::varchar as right_amount,
    tolerated::decimal(38,6)::varchar as tolerated
  from lines order by currency, category, code, side`;
}

/** `coded`: the tie with the code each unsettled key stands under. */
export function codedSql(findings: readonly PlannedFinding[]): string {
  return `create or replace view coded as
    select *, ${primaryCodeSql(findings)} as primary_code from tie`;
}
