import type { Procedure } from '../core/control';
import { defaultExplanation, renderExplanation } from '../core/explain';
import type { FindingFacts, Item } from '../core/finding';
import type { PlannedFinding } from '../core/plan';
import { severityOf, type Materiality } from '../core/severity';
import type { TextRow } from '../platform/duckdb';
import { readCanonical } from './read-canonical';

/**
 * A row of the plan's facts as a finding: severity by materiality, explained in words. What the row
 * holds as canonical JSON is put into `texts`, by the value read from it.
 */
export function findingOf(
  row: TextRow,
  planned: PlannedFinding,
  procedure: Procedure,
  materiality: Materiality,
  texts: WeakMap<object, string>,
): FindingFacts {
  const facts = {
    procedure: procedure.name,
    code: planned.code,
    key: readCanonical<Record<string, string>>(row.key ?? '{}', texts),
    currency: row.currency ?? null,
    leftAmount: row.left_amount ?? null,
    rightAmount: row.right_amount ?? null,
    difference: row.difference ?? null,
    impact: row.impact ?? null,
    leftItems: readCanonical<Item[]>(row.left_items ?? '[]', texts),
    rightItems: readCanonical<Item[]>(row.right_items ?? '[]', texts),
    leftCount: row.left_count ?? '0',
    rightCount: row.right_count ?? '0',
  };
  const template = procedure.explain[planned.code];
  const { severity } = planned.finding;
  return {
    ...facts,
    severity: severityOf(severity, facts.impact, facts.currency, materiality),
    explanation: template
      ? renderExplanation(template, procedure, facts)
      : defaultExplanation(planned, procedure, facts),
  };
}
