import type { components } from '../../api/schema';
import { isZero, lessOf, sumOf } from '../../format/exact';

export type ProcedureStatement = components['schemas']['ProcedureStatement'];
export type CurrencyStatement = ProcedureStatement['currencies'][number];
export type StatementLine = CurrencyStatement['lines'][number];

/** What explains itself first, what does not last: the exceptions stand above the total. */
const order = ['matched', 'reconciling', 'timing', 'tolerance', 'exception'] as const;
type Category = (typeof order)[number];

const headings: Record<Category, string> = {
  matched: 'Agreed',
  reconciling: 'Known reconciling items',
  timing: 'Timing',
  tolerance: 'Within tolerance',
  exception: 'Exceptions',
};

export interface StatementRow {
  kind: 'total' | 'heading' | 'line' | 'subtotal';
  label: string;
  /** How the line leads from left to right. */
  sign: '' | '−' | '+' | '±';
  keys: string | null;
  leftItems: string | null;
  rightItems: string | null;
  /** What the line adds on the way from left to right; null where nothing is added. */
  amount: string | null;
  /** The line behind the row, to open its items. */
  line: StatementLine | null;
}

const signs = { left: '−', right: '+', both: '±' } as const;
const places = {
  left: 'only on the left',
  right: 'only on the right',
  both: 'on both sides',
} as const;

const row = (part: Partial<StatementRow> & Pick<StatementRow, 'kind' | 'label'>): StatementRow => ({
  sign: '',
  keys: null,
  leftItems: null,
  rightItems: null,
  amount: null,
  line: null,
  ...part,
});

function labelOf(line: StatementLine, meaningOf: (code: string) => string): string {
  switch (line.category) {
    case 'matched':
      return 'Keys that agree';
    case 'tolerance':
      return 'Differences within tolerance';
    case 'timing':
      return `Within days of grace, ${places[line.side]}`;
    case 'reconciling':
      return line.code ?? 'Reconciling items';
    case 'exception':
      return `${line.code ?? 'Exception'}: ${meaningOf(line.code ?? '')}`;
  }
}

const lineRow = (
  line: StatementLine,
  isTieOut: boolean,
  meaningOf: (code: string) => string,
): StatementRow =>
  row({
    kind: 'line',
    label: !isTieOut && line.category === 'matched' ? 'Conform' : labelOf(line, meaningOf),
    sign: !isTieOut || line.category === 'matched' ? '' : signs[line.side],
    keys: line.keys,
    leftItems: line.left.items,
    rightItems: isTieOut ? line.right.items : null,
    // Nothing leads anywhere in an assertion: a line says how much of what was tested it is.
    amount: isTieOut ? line.effect : line.left.amount,
    line,
  });

/**
 * A tie-out as an accountant writes it: the left total, what leads from it to the right by
 * category, and the right total. An assertion: what was tested, what broke it, what conforms.
 */
export function statementRows(
  procedure: ProcedureStatement,
  block: CurrencyStatement,
  meaningOf: (code: string) => string,
): StatementRow[] {
  const groups = order.flatMap((category) => {
    const lines = block.lines.filter((line) => line.category === category);
    if (lines.length === 0) return [];
    const rows = lines.map((line) => lineRow(line, block.right !== null, meaningOf));
    const only = category === 'matched' || lines.length === 1;
    return only && category !== 'exception'
      ? rows
      : [row({ kind: 'heading', label: headings[category] }), ...rows];
  });
  const { left, right } = block;
  return [
    row({
      kind: 'total',
      label: procedure.left_label,
      leftItems: left.items,
      amount: left.amount,
    }),
    ...groups,
    ...(right === null
      ? []
      : [
          row({
            kind: 'total',
            label: procedure.right_label ?? '',
            rightItems: right.items,
            amount: right.amount,
          }),
        ]),
  ];
}

export interface Footing {
  /** Left less right; null for an assertion. */
  difference: string | null;
  explained: string;
  exceptions: string;
  /** What no line accounts for; a recorded run has none. */
  unaccounted: string;
}

/** How much of the gap is explained, and by what: the first thing a reviewer asks. */
export function footingOf(block: CurrencyStatement): Footing {
  const effects = (wanted: boolean): string =>
    sumOf(
      block.lines
        .filter((line) => (line.category === 'exception') === wanted)
        .map((line) => line.effect),
    );
  const [explained, exceptions] = [effects(false), effects(true)];
  if (block.right === null) return { difference: null, explained, exceptions, unaccounted: '0' };
  const difference = lessOf(block.right.amount, block.left.amount);
  return {
    difference,
    explained,
    exceptions,
    unaccounted: lessOf(difference, sumOf([explained, exceptions])),
  };
}

export const foots = (block: CurrencyStatement): boolean => isZero(footingOf(block).unaccounted);

/** Items of the left side over all currencies, and keys that are exceptions: counts, not money. */
export function unsettledKeys({ currencies }: ProcedureStatement): {
  items: string;
  exceptions: string;
} {
  return {
    items: sumOf(currencies.map(({ left }) => left.items)),
    exceptions: sumOf(
      currencies.flatMap(({ lines }) =>
        lines.filter(({ category }) => category === 'exception').map(({ keys }) => keys),
      ),
    ),
  };
}
