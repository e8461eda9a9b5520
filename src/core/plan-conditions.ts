import { isTieOut, type Procedure } from './control';
import { expressionSql, hashSql, viewOf, type PlanContext, type PlannedFinding } from './plan';
import { ambiguousSql } from './match-key';
import { quoteName } from './sql-text';

/**
 * Marks the keys with an item (assertion) or a pair of items (tie-out) that meets a condition, and
 * those for which the condition is unknown because a value in it is null.
 */
export function flaggedSql(
  procedure: Procedure,
  context: PlanContext,
  findings: readonly PlannedFinding[],
): string | null {
  const conditions = findings.flatMap(({ flag, finding }) =>
    flag ? [{ flag, sql: `(${expressionSql(finding.when)})` }] : [],
  );
  if (conditions.length === 0) return null;
  const same = procedure.key.map((column) => {
    const name = quoteName(column);
    return `l.${name}::varchar = r.${name}::varchar`;
  });
  // Candidates of each other are no pairs: nothing is said of them but that.
  const certain = isTieOut(procedure) && procedure.match ? ` and not ${ambiguousSql('l')}` : '';
  const [hashes, from] = isTieOut(procedure)
    ? [
        `[${hashSql(procedure, context, 'l')}, ${hashSql(procedure, context, 'r')}]`,
        `${viewOf('left')} l join ${viewOf('right')} r on ${same.join(' and ')}${certain}`,
      ]
    : [`[${hashSql(procedure, context, 'l')}]`, `${viewOf('left')} l`];
  return `create or replace table flagged as with met as (
    select ${hashes} as hashes, ${conditions.map(({ flag, sql }) => `${sql} as ${flag}`).join(', ')}
    from ${from} where ${conditions.map(({ sql }) => `coalesce(${sql}, true)`).join(' or ')}
  ), keyed as (select unnest(hashes) as h, * exclude (hashes) from met)
  select h, ${conditions
    .map(
      ({ flag }) =>
        `bool_or(coalesce(${flag}, false)) as ${flag}, bool_or(${flag} is null) as unknown_${flag}`,
    )
    .join(', ')} from keyed group by h`;
}
