import type { Knex } from 'knex';
import { landedTable, type LatestExtract } from '../../books/closed-through';
import { ownsNone } from '../../books/content-entities';
import type { SourcesConfig } from '../../platform/source-config';

/**
 * Why what was landed as a whole says nothing of the entity: its sources are declared for others,
 * or they have given rows of others and never one of it. A source that never gave a row of anybody
 * has nothing of the kind, for everybody. Null where there is no such doubt.
 */
export async function contentOfOthers(
  app: Knex,
  { relation, entity }: { relation: string; entity: { id: string } },
  found: readonly LatestExtract[],
  declared: Pick<SourcesConfig, 'files' | 'warehouse'>,
): Promise<string | null> {
  const covered = found.map((extract) => entitiesOf(extract, declared));
  if (covered.some((entities) => entities?.includes(entity.id) === true)) return null;
  const unsaid = found.filter((_, index) => covered[index] === undefined);
  const remedy = `declare for which entities its sources hold all (entities: [${entity.id}, …])`;
  if (unsaid.length === 0) return `${relation}: its sources are declared for other entities.`;
  if (!(await ownsNone(app, landedTable(relation), entity.id, unsaid))) return null;
  return `${relation} has rows of other entities and never had one of ${entity.id}; ${remedy}.`;
}

/** As declared; undefined where nothing is said. */
function entitiesOf(
  { source, account, object }: LatestExtract,
  { files, warehouse }: Pick<SourcesConfig, 'files' | 'warehouse'>,
): readonly string[] | undefined {
  return source === 'files' ? files[object]?.entities : warehouse[account]?.entities;
}
