import { rewriteReferences } from './bind-parameters';
import type { MatchPass, TieOut } from './control';
import { matchKeyColumn as key, matchLetters as letters } from './match-key';
import { keyTextSql, ROW_NUMBER, rowsViewOf } from './plan';
import { quoteName, quoteText } from './sql-text';

/**
 * Ordered matching passes, where the two sides share no id. Each pass joins what is still open and
 * keeps only what is unambiguous on both sides:
 *
 *   left_rows ─┐                    ┌─ linked: pairs that belong together, by the pass that said so
 *              ├─ edge ─ per pass ──┤
 *   right_rows ┘                    └─ candidate: pairs that a pass allowed
 *
 * Every item then gets a match key: linked items share one, so do items whose candidates nothing
 * tells apart, and all others have their own. The tie-out itself goes on by that key, so nothing
 * is used twice and every total still foots.
 */

/** More candidate pairs than these in one pass say that its conditions hardly tell items apart. */
export const MAX_CANDIDATES = 5_000_000;

/** Steps within which groups of ambiguous items must be found; each widens them by one item. */
export const MAX_GROUP_STEPS = 10_000;

const isColumn = (text: string): boolean => /^[a-z_][a-z0-9_]*$/.test(text);

/** Columns that both sides must have for a pass. */
export const matchColumns = (pass: MatchPass): string[] => pass.on.filter(isColumn);

/** The conditions of a pass that are expressions over left and right. */
export const matchConditions = (pass: MatchPass): string[] =>
  pass.on.filter((text) => !isColumn(text));

const reference = (side: string, column: string): string =>
  `${side === 'right' ? 'r' : 'l'}.${quoteName(column)}`;

function joinSql({ amount }: TieOut, pass: MatchPass): string {
  const equal = matchColumns(pass).map(
    (column) => `${reference('left', column)} = ${reference('right', column)}`,
  );
  const conditions = matchConditions(pass).map((text) => `(${rewriteReferences(text, reference)})`);
  if (amount)
    equal.push(`${reference('left', amount.currency)} = ${reference('right', amount.currency)}`);
  if (pass.within) {
    const { left, right, before, after } = pass.within;
    const [from, day] = [reference('left', left), reference('right', right)];
    conditions.push(`${day} >= ${from} - ${before} and ${day} <= ${from} + ${after}`);
  }
  return [...equal, ...conditions].join(' and ');
}

export const startMatchSql = `create or replace table linked
    (l bigint not null, r bigint not null, pass varchar not null);
  create or replace table candidate (l bigint not null, r bigint not null)`;

/** Pairs of open items that a pass allows, at most one more than MAX_CANDIDATES. */
export function edgesSql(procedure: TieOut, pass: MatchPass): string {
  return `create or replace table edge as
    select l.${ROW_NUMBER} as l, r.${ROW_NUMBER} as r
    from (select * from ${rowsViewOf('left')}
        where ${ROW_NUMBER} not in (select l from linked)) l
      join (select * from ${rowsViewOf('right')}
        where ${ROW_NUMBER} not in (select r from linked)) r
      on ${joinSql(procedure, pass)}
    limit ${MAX_CANDIDATES + 1}`;
}

/** A group whose sums must agree is no candidate where they do not. */
export function wholeSql({ amount }: TieOut, { many, whole }: MatchPass): string | null {
  if (!whole || !many || !amount) return null;
  const [of, one] = many === 'left' ? ['l', 'r'] : ['r', 'l'];
  const value = (alias: string): string => `${alias}.${quoteName(amount.column)}::decimal(24,6)`;
  return `delete from edge where ${one} not in (
    select e.${one} from edge e
      join ${rowsViewOf('left')} l on l.${ROW_NUMBER} = e.l
      join ${rowsViewOf('right')} r on r.${ROW_NUMBER} = e.r
    group by e.${one} having sum(${value(of)}) = any_value(${value(one)}))`;
}

/** Links what has one candidate alone, and is its candidate's only one (or one of its many). */
export function linkSql({ name, many }: MatchPass): string {
  const counted = `select l, r, count(*) over (partition by l) as of_l,
    count(*) over (partition by r) as of_r from edge`;
  const alone: Record<'one' | 'left' | 'right', string> = {
    one: `select l, r from (${counted}) where of_l = 1 and of_r = 1`,
    left: `select l, r from (${counted}) qualify max(of_l) over (partition by r) = 1`,
    right: `select l, r from (${counted}) qualify max(of_r) over (partition by l) = 1`,
  };
  return `insert into linked select l, r, ${quoteText(name)} from (${alone[many ?? 'one']});
    insert into candidate select l, r from edge
      where l not in (select l from linked) and r not in (select r from linked)`;
}

/** Groups of linked items, and of open items that are candidates of each other, by their least. */
export const groupSql = `create or replace table pair as
    select l, r, true as is_linked from linked
    union all select distinct l, r, false from candidate
      where l not in (select l from linked) and r not in (select r from linked);
  create or replace table grouped as select distinct l, l as root, is_linked from pair`;

export const widenSql = `create or replace table widened as
  with of_right as (
    select p.r, min(g.root) as root from pair p join grouped g on g.l = p.l group by p.r)
  select g.l, min(o.root) as root, g.is_linked
  from grouped g join pair p on p.l = g.l join of_right o on o.r = p.r group by g.l, g.is_linked`;

export const changedSql = `select count(*) as n from grouped g join widened w using (l)
  where g.root <> w.root`;

export const takeWidenedSql = 'create or replace table grouped as select * from widened';

/**
 * Gives every item its match key. It is made of the declared key of an item in the group, so that
 * neither the order of the rows nor the run decides what it is.
 */
export function matchKeysSql(procedure: TieOut): string {
  const own = (alias: string): string => keyTextSql(procedure, alias);
  const letter = `case when g.is_linked then '${letters.linked}' else '${letters.ambiguous}' end`;
  return `create or replace table group_key as
      select g.root, any_value(${letter}) || min(${own('l')}) as key
      from grouped g join ${rowsViewOf('left')} l on l.${ROW_NUMBER} = g.l group by g.root;
    create or replace table left_match as
      select l.${ROW_NUMBER} as row_no, coalesce(k.key, '${letters.left}' || ${own('l')}) as key
      from ${rowsViewOf('left')} l left join grouped g on g.l = l.${ROW_NUMBER}
        left join group_key k on k.root = g.root;
    create or replace table right_match as
      select r.${ROW_NUMBER} as row_no, coalesce(k.key, '${letters.right}' || ${own('r')}) as key
      from ${rowsViewOf('right')} r
        left join (select distinct p.r, g.root from pair p join grouped g on g.l = p.l) g
          on g.r = r.${ROW_NUMBER}
        left join group_key k on k.root = g.root`;
}

/** The items of a side with their match keys, in place of those of the file. */
export function matchedViewsSql(side: 'left' | 'right', file: string): string {
  const rows = `select i.*, m.key as ${key}
    from read_parquet(${quoteText(file)}, ${ROW_NUMBER} = true) i
    join ${side}_match m on m.row_no = i.${ROW_NUMBER}`;
  return `create or replace view ${rowsViewOf(side)} as ${rows};
    create or replace view ${side}_items as select * exclude (${ROW_NUMBER}) from (${rows})`;
}
