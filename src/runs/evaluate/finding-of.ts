import type { Procedure } from '../../core/control';
import { defaultExplanation, renderExplanation } from '../../core/explain';
import type { FindingFacts, Item } from '../../core/finding';
import type { PlannedFinding } from '../../core/plan';
import { FACT_COLUMNS, FACT_SEPARATOR } from '../../core/plan-findings';
import { severityOf, type Materiality } from '../../core/severity';
import { readCanonical } from './read-canonical';

/** The plan's text of a finding's facts, by name; what is absent is empty. */
export type FactTexts = Record<(typeof FACT_COLUMNS)[number], string>;

export function readFacts(text: string): FactTexts {
  const values = text.split(FACT_SEPARATOR);
  if (values.length !== FACT_COLUMNS.length) throw new Error('the plan gave facts of another form');
  const texts = { ...noTexts };
  FACT_COLUMNS.forEach((name, i) => (texts[name] = values[i] ?? ''));
  return texts;
}

const noTexts = Object.fromEntries(FACT_COLUMNS.map((name) => [name, ''])) as FactTexts;

/**
 * Facts as a finding: severity by materiality, explained in words. What they hold as canonical JSON
 * is put into `known`, by the value read from it.
 */
export function findingOf(
  texts: FactTexts,
  planned: PlannedFinding,
  procedure: Procedure,
  materiality: Materiality,
  known: Map<object, string>,
): FindingFacts {
  const facts = {
    procedure: procedure.name,
    code: planned.code,
    key: readCanonical<Record<string, string>>(texts.key, known),
    currency: texts.currency || null,
    leftAmount: texts.leftAmount || null,
    rightAmount: texts.rightAmount || null,
    difference: texts.difference || null,
    impact: texts.impact || null,
    leftItems: readCanonical<Item[]>(texts.leftItems, known),
    rightItems: readCanonical<Item[]>(texts.rightItems, known),
    leftCount: texts.leftCount,
    rightCount: texts.rightCount,
  };
  const template = procedure.explain[planned.code];
  const { severity } = planned.finding;
  const explanation = template
    ? renderExplanation(template, procedure, facts)
    : defaultExplanation(planned, procedure, facts);
  return Object.assign(facts, {
    severity: severityOf(severity, facts.impact, facts.currency, materiality),
    explanation,
  });
}
