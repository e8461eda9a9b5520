import type { Procedure } from '../core/control';
import { defaultExplanation, renderExplanation } from '../core/explain';
import type { FindingFacts, Item } from '../core/finding';
import type { PlannedFinding } from '../core/plan';
import { severityOf, type Materiality } from '../core/severity';
import type { TextRow } from '../platform/duckdb';

/** A row of the plan's facts as a finding: severity by materiality, explained in words. */
export function findingOf(
  row: TextRow,
  planned: PlannedFinding,
  procedure: Procedure,
  materiality: Materiality,
): FindingFacts {
  const facts = {
    procedure: procedure.name,
    code: planned.code,
    key: JSON.parse(row.key ?? '{}') as Record<string, string>,
    currency: row.currency ?? null,
    leftAmount: row.left_amount ?? null,
    rightAmount: row.right_amount ?? null,
    difference: row.difference ?? null,
    impact: row.impact ?? null,
    leftItems: JSON.parse(row.left_items ?? '[]') as Item[],
    rightItems: JSON.parse(row.right_items ?? '[]') as Item[],
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
