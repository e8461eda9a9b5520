import { addAmounts, compareAmounts, subtractAmounts } from './money';

/** Where every amount of a tie-out goes; nothing stands outside these (DESIGN §1.3). */
export const statementCategories = [
  'matched',
  'tolerance',
  'timing',
  'reconciling',
  'exception',
] as const;
export type StatementCategory = (typeof statementCategories)[number];

/** A total of items: counts as text, since they may pass 2^53 nowhere but in principle. */
export interface Total {
  items: string;
  amount: string;
}

export interface StatementLine {
  category: StatementCategory;
  /** The finding's code, or the label of a known reconciling item; null otherwise. */
  code: string | null;
  /** Which populations the keys of this line have items in. */
  side: 'both' | 'left' | 'right';
  keys: string;
  left: Total;
  right: Total;
  /** What a tolerance let pass, key by key and without sign; of no other category. */
  tolerated?: string;
}

/** One currency of one procedure. `right` is null for an assertion, which has one population. */
export interface CurrencyStatement {
  /** null where the procedure compares no amounts. */
  currency: string | null;
  left: Total;
  right: Total | null;
  lines: StatementLine[];
}

export interface ProcedureStatement {
  procedure: string;
  leftLabel: string;
  rightLabel: string | null;
  currencies: CurrencyStatement[];
}

export const noItems: Total = { items: '0', amount: '0' };

const addTotals = (a: Total, b: Total): Total => ({
  items: addAmounts(a.items, b.items),
  amount: addAmounts(a.amount, b.amount),
});

const sameTotal = (a: Total, b: Total): boolean =>
  compareAmounts(a.items, b.items) === 0 && compareAmounts(a.amount, b.amount) === 0;

/** What a line adds on the way from the left total to the right total. */
export function lineEffect(line: StatementLine): string {
  return subtractAmounts(line.right.amount, line.left.amount);
}

/** What was to add up and did not; null when left and right both foot, items and amounts. */
export function footingGap(statement: ProcedureStatement): string | null {
  for (const { currency, left, right, lines } of statement.currencies) {
    const name = `${statement.procedure}${currency ? ` in ${currency}` : ''}`;
    const leftLines = lines.map((line) => line.left).reduce(addTotals, noItems);
    const rightLines = lines.map((line) => line.right).reduce(addTotals, noItems);
    if (!sameTotal(left, leftLines)) return gap(name, 'left', left, leftLines);
    if (!sameTotal(right ?? noItems, rightLines))
      return gap(name, 'right', right ?? noItems, rightLines);
  }
  return null;
}

function gap(name: string, side: string, total: Total, lines: Total): string {
  return (
    `${name}: the ${side} population is ${total.items} items and ${total.amount}, ` +
    `the lines of the statement are ${lines.items} items and ${lines.amount}.`
  );
}
