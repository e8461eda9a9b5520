import { isTieOut, type Procedure } from './control';
import type { FindingFacts, Item } from './finding';
import { formatAmount } from './money';
import type { PlannedFinding } from './plan';

/** How many different values of a column a sentence names before it counts the rest. */
const NAMED_VALUES = 3;

type Facts = Omit<FindingFacts, 'explanation' | 'severity'>;

const money = (amount: string | null, currency: string | null): string =>
  amount === null ? 'no amount' : formatAmount(amount, currency ?? '');

function valuesOf(items: readonly Item[], column: string): string {
  const values = [...new Set(items.map((item) => item[column] ?? 'nothing'))];
  const named = values.slice(0, NAMED_VALUES).join(', ');
  const more = values.length - NAMED_VALUES;
  return more > 0 ? `${named} and ${more} more` : named || 'nothing';
}

/**
 * Fills `{left.name}` from the items of that side. The amount column gives the side's total for the
 * key; a column with several values names the first three and counts the rest.
 */
export function renderExplanation(template: string, procedure: Procedure, facts: Facts): string {
  return template.replace(
    /\{(left|right|item)\.([a-z_][a-z0-9_]*)\}/g,
    (_, side: string, column: string) => {
      const right = side === 'right';
      if (column === procedure.amount?.column)
        return money(right ? facts.rightAmount : facts.leftAmount, facts.currency);
      return valuesOf(right ? facts.rightItems : facts.leftItems, column);
    },
  );
}

/** The sentence of a finding for which the control has no template. */
export function defaultExplanation(
  planned: PlannedFinding,
  procedure: Procedure,
  facts: Facts,
): string {
  const key = Object.values(facts.key).join(' / ');
  const left = isTieOut(procedure) ? procedure.left.label : procedure.item.label;
  const right = isTieOut(procedure) ? procedure.right.label : '';
  const amount = (side: string | null): string =>
    facts.currency ? ` for ${money(side, facts.currency)} ${facts.currency}` : '';
  switch (planned.keyword) {
    case 'left_only':
      return `${key} is in ${left}${amount(facts.leftAmount)}, and not in ${right}.`;
    case 'right_only':
      return `${key} is in ${right}${amount(facts.rightAmount)}, and not in ${left}.`;
    case 'amount_differs':
      return (
        `${key} is ${money(facts.leftAmount, facts.currency)} in ${left} and ` +
        `${money(facts.rightAmount, facts.currency)} in ${right}: ` +
        `a difference of ${money(facts.difference, facts.currency)} ${facts.currency}.`
      );
    case 'currency_differs':
      return `${key} stands in ${left} and in ${right} in different currencies.`;
    case 'duplicate_left':
      return `${key} stands ${facts.leftCount} times in ${left}, where it may stand once.`;
    case 'duplicate_right':
      return `${key} stands ${facts.rightCount} times in ${right}, where it may stand once.`;
    case 'ambiguous':
      return (
        `${facts.leftCount} of ${left}${amount(facts.leftAmount)} and ${facts.rightCount} of ` +
        `${right}${amount(facts.rightAmount)} may belong together (${key}), ` +
        'and nothing tells which.'
      );
    case null:
      return `${key} meets the condition of ${planned.code}: ${planned.finding.when}.`;
  }
}
