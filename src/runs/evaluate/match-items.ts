import type { TieOut } from '../../core/control';
import { ROW_NUMBER } from '../../core/plan';
import {
  changedSql,
  edgesSql,
  groupSql,
  linkSql,
  matchedViewsSql,
  matchKeysSql,
  MAX_CANDIDATES,
  MAX_GROUP_STEPS,
  startMatchSql,
  takeWidenedSql,
  wholeSql,
  widenSql,
} from '../../core/plan-match';
import type { DuckDb } from '../../platform/duckdb';
import type { PopulationFile } from '../run-types';

/**
 * Runs the passes of a procedure over the opened populations, in order, and puts views in their
 * place that carry match keys. Returns why nothing can be said, when a limit was reached.
 */
export async function matchItems(
  duck: DuckDb,
  procedure: TieOut,
  files: Record<'left' | 'right', PopulationFile>,
): Promise<string[]> {
  for (const [side, { columns }] of Object.entries(files))
    if (columns.some(({ name }) => name === ROW_NUMBER))
      return [`The ${side} population has a column ${ROW_NUMBER}, which passes cannot work with.`];
  await duck.run(startMatchSql);
  for (const pass of procedure.match?.passes ?? []) {
    await duck.run(edgesSql(procedure, pass));
    if ((await count(duck, 'select count(*) as n from edge')) > MAX_CANDIDATES)
      return [
        `The pass ${pass.name} of ${procedure.name} allows more than ${MAX_CANDIDATES} pairs; ` +
          'its conditions hardly tell items apart.',
      ];
    const whole = wholeSql(procedure, pass);
    if (whole !== null) await duck.run(whole);
    await duck.run(linkSql(pass));
  }
  await duck.run(groupSql);
  if (!(await widenGroups(duck)))
    return [`${procedure.name} has items that are ambiguous in a chain too long to follow.`];
  await duck.run(matchKeysSql(procedure));
  await duck.run(matchedViewsSql('left', files.left.file));
  await duck.run(matchedViewsSql('right', files.right.file));
  return [];
}

/** Says whether the groups stood still before the limit of steps. */
async function widenGroups(duck: DuckDb): Promise<boolean> {
  for (let step = 0; step < MAX_GROUP_STEPS; step += 1) {
    await duck.run(widenSql);
    const changed = await count(duck, changedSql);
    await duck.run(takeWidenedSql);
    if (changed === 0) return true;
  }
  return false;
}

async function count(duck: DuckDb, sql: string): Promise<number> {
  const [row] = await duck.rows(sql);
  return Number(row?.n ?? Number.NaN);
}
