import type { DayCutoff } from '../platform/entity-days';

/**
 * A condition on a date that differs by entity: the days are computed once, and compared with a
 * column that has an index. Entities that share a day are asked together.
 */
interface DatedCondition {
  /** Prefix of the names that its values are bound under. */
  name: string;
  /** SQL of one comparison; `bound` names the value. */
  compare: (bound: string) => string;
  /** SQL that goes before it, where it asks for more than the date. */
  also?: string;
  /** The value, and the entities that it holds for, in ascending order of value. */
  groups: { value: string; entities: string[] }[];
}

interface Built {
  conditions: string[];
  values: Record<string, string | null>;
}

/** Unsettled, and due before today. */
export const overdueBy = (cutoffs: readonly DayCutoff[]): DatedCondition => ({
  name: 'today',
  also: `e.state in ('open', 'acknowledged', 'proposed')`,
  compare: (bound) => `e.due_on < cast(${bound} as date)`,
  groups: grouped(cutoffs, ({ today }) => today),
});

/** First seen on the day that a number of business days ago was, or before it. */
export const olderThan = (cutoffs: readonly DayCutoff[]): DatedCondition => ({
  name: 'seen',
  compare: (bound) => `e.first_seen_at < cast(${bound} as timestamptz)`,
  groups: grouped(cutoffs, ({ dayEnd }) => dayEnd),
});

/** The latest value first and for all, as an index understands it; then what holds for each. */
export function addDated(condition: DatedCondition, { conditions, values }: Built): void {
  const { name, compare, also, groups } = condition;
  if (also !== undefined) conditions.push(also);
  const places = groups.map(({ value, entities }, index) => {
    values[`${name}${index}`] = value;
    values[`${name}_of${index}`] = JSON.stringify(entities);
    const listed = `array(select jsonb_array_elements_text(cast(:${name}_of${index} as jsonb)))`;
    return `(${compare(`:${name}${index}`)} and e.entity_id = any (${listed}))`;
  });
  if (groups.length > 0) conditions.push(compare(`:${name}${groups.length - 1}`));
  conditions.push(places.length === 0 ? 'false' : `(${places.join(' or ')})`);
}

function grouped(
  cutoffs: readonly DayCutoff[],
  valueOf: (cutoff: DayCutoff) => string,
): DatedCondition['groups'] {
  const groups = new Map<string, string[]>();
  for (const cutoff of cutoffs)
    groups.set(valueOf(cutoff), [...(groups.get(valueOf(cutoff)) ?? []), cutoff.entity]);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, entities]) => ({ value, entities }));
}
