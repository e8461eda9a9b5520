import { compareAmounts, formatAmount } from '../core/money';
import { footingGap, type StatementLine, type Total } from '../core/statement';
import type { Statement } from '../runs/runs.contract';
import { groupDigits, padLeft, padRight, textWidth, wrapText, type Page } from './text-layout';

export type ProcedureReport = Statement['procedures'][number];
type CurrencyReport = ProcedureReport['currencies'][number];
type LineReport = CurrencyReport['lines'][number];

/** What a finding's code stands for: its keyword, or null where a condition makes it. */
export type MeaningOf = (code: string) => string | null;

interface Row {
  label: string;
  items: string;
  amount: string;
  kind: 'total' | 'line' | 'finding' | 'rule';
}

const keywordWords: Record<string, string> = {
  left_only: 'only on the left',
  right_only: 'only on the right',
  amount_differs: 'amounts differ',
  currency_differs: 'currencies differ',
  duplicate_left: 'key repeats on the left',
  duplicate_right: 'key repeats on the right',
};

/** What explains itself first, what does not last: the exceptions stand above the total. */
const order = ['matched', 'reconciling', 'timing', 'tolerance', 'exception'] as const;

const inOrder = (lines: readonly LineReport[]): LineReport[] =>
  order.flatMap((category) => lines.filter((line) => line.category === category));

const sideWords = { left: 'only on the left', right: 'only on the right', both: 'on both sides' };
const sideSigns = { left: '−', right: '+', both: '±' };

/** '−4,210.00': with a real minus sign, since it stands in a column to be read. */
export const shownAmount = (amount: string, currency: string): string =>
  formatAmount(amount, currency).replace('-', '−');

/**
 * One procedure as an accountant writes it: from the left total, line by line, to the right total;
 * or what was tested and what conforms. Each currency is a block of its own.
 */
export function renderStatement(
  report: ProcedureReport,
  meaningOf: MeaningOf,
  page: Page,
): string[] {
  if (report.currencies.length === 0) return emptyLines(report, page);
  const blocks = report.currencies.map((currency) => ({
    title: currency.currency,
    rows:
      report.right_label === null
        ? assertionRows(report, currency, meaningOf)
        : tieOutRows(report, currency, meaningOf),
  }));
  const all = blocks.flatMap(({ rows }) => rows);
  const itemsWidth = Math.max(5, ...all.map(({ items }) => textWidth(items)));
  const amountWidth = blocks.every(({ title }) => title === null)
    ? 0
    : Math.max(8, ...all.map(({ amount }) => textWidth(amount)));
  const labelWidth = page.width - 4 - itemsWidth - (amountWidth > 0 ? amountWidth + 3 : 0) - 2;
  const widths = { label: labelWidth, items: itemsWidth, amount: amountWidth };
  const lines = blocks.flatMap(({ title, rows }, index) => [
    ...(index > 0 ? [''] : []),
    headLine(index === 0 ? report.procedure : '', title, widths, page),
    ...rows.flatMap((row) => rowLines(row, widths, page)),
  ]);
  return [...lines, ...footLines(report, page)];
}

/** Where the control says that there may be none, a pass says no more than that. */
function emptyLines({ procedure, left_label, right_label }: ProcedureReport, page: Page): string[] {
  const none =
    right_label === null
      ? `${left_label}: no items, so nothing was judged.`
      : `${left_label}, ${right_label}: no items on either side, so nothing was judged.`;
  return [
    `  ${page.paint.strong(procedure)}`,
    ...wrapText(none, page.width - 4).map((line) => `    ${page.paint.warn(line)}`),
  ];
}

interface Widths {
  label: number;
  items: number;
  amount: number;
}

function headLine(name: string, currency: string | null, widths: Widths, { paint }: Page): string {
  const numbers = numbersOf('items', currency ?? '', widths);
  return `  ${paint.strong(padRight(name, widths.label + 2))}${paint.faint(numbers)}`.trimEnd();
}

const numbersOf = (items: string, amount: string, widths: Widths): string =>
  `  ${padLeft(items, widths.items)}` +
  (widths.amount > 0 ? `   ${padLeft(amount, widths.amount)}` : '');

function rowLines({ label, items, amount, kind }: Row, widths: Widths, { paint }: Page): string[] {
  if (kind === 'rule') {
    const rule = numbersOf('─'.repeat(widths.items), '─'.repeat(widths.amount), widths);
    return [`    ${' '.repeat(widths.label)}${paint.faint(rule)}`];
  }
  const deeper = kind === 'total' ? '' : '  ';
  const [first = '', ...rest] = wrapText(label, widths.label - deeper.length);
  const text = `${padRight(deeper + first, widths.label)}${numbersOf(items, amount, widths)}`;
  const style = { total: paint.strong, line: paint.faint, finding: paint.bad }[kind];
  return [
    `    ${style(text)}`.trimEnd(),
    ...rest.map((line) => `    ${style(`${deeper}  ${line}`)}`),
  ];
}

function tieOutRows(
  report: ProcedureReport,
  { currency, left, right, lines }: CurrencyReport,
  meaningOf: MeaningOf,
): Row[] {
  return [
    totalRow(report.left_label, left, currency),
    ...inOrder(lines).map((line) => tieOutRow(line, currency, meaningOf)),
    { label: '', items: '', amount: '', kind: 'rule' },
    totalRow(report.right_label ?? '', right ?? { items: '0', amount: '0' }, currency),
  ];
}

function totalRow(label: string, { items, amount }: Total, currency: string | null): Row {
  return {
    label,
    items: groupDigits(items),
    amount: currency === null ? '' : shownAmount(amount, currency),
    kind: 'total',
  };
}

function tieOutRow(line: LineReport, currency: string | null, meaningOf: MeaningOf): Row {
  const sign = line.category === 'matched' ? '=' : sideSigns[line.side];
  const items = { left: line.left.items, right: line.right.items, both: line.keys }[line.side];
  return {
    label: `${sign} ${lineWords(line, meaningOf)}`,
    items: groupDigits(items),
    amount: currency === null ? '' : shownAmount(line.effect, currency),
    kind: line.category === 'exception' ? 'finding' : 'line',
  };
}

function lineWords({ category, code, side, keys }: StatementLine, meaningOf: MeaningOf): string {
  const one = compareAmounts(keys, '1') === 0;
  switch (category) {
    case 'matched':
      return one ? 'key matched' : 'keys matched';
    case 'tolerance':
      return one ? 'key differs within tolerance' : 'keys differ within tolerance';
    case 'timing':
      return `${sideWords[side]}, within its days of grace (timing)`;
    case 'reconciling':
      return `${code ?? ''} (reconciling item)`;
    case 'exception': {
      const keyword = meaningOf(code ?? '');
      const words = side === 'both' ? 'condition met' : sideWords[side];
      return `${keywordWords[keyword ?? ''] ?? words}: ${code ?? ''}`;
    }
  }
}

function assertionRows(
  report: ProcedureReport,
  { currency, left, lines }: CurrencyReport,
  meaningOf: MeaningOf,
): Row[] {
  return [
    ...inOrder(lines).map((line): Row => ({
      label: `${line.category === 'exception' ? '×' : '='} ${assertionWords(line, meaningOf)}`,
      items: groupDigits(line.left.items),
      amount: currency === null ? '' : shownAmount(line.left.amount, currency),
      kind: line.category === 'exception' ? 'finding' : 'line',
    })),
    { label: '', items: '', amount: '', kind: 'rule' },
    totalRow(`${report.left_label}, all tested`, left, currency),
  ];
}

function assertionWords({ category, code }: StatementLine, meaningOf: MeaningOf): string {
  if (category === 'reconciling') return `${code ?? ''} (reconciling item)`;
  if (category !== 'exception') return 'conforming';
  return meaningOf(code ?? '') === 'duplicate_left' ? `key repeats: ${code ?? ''}` : (code ?? '');
}

function footLines(report: ProcedureReport, { width, paint }: Page): string[] {
  const gap = footingGap({
    procedure: report.procedure,
    leftLabel: report.left_label,
    rightLabel: report.right_label,
    currencies: report.currencies,
  });
  const [first = '', ...rest] = wrapText(gap === null ? 'yes' : `NO. ${gap}`, width - 11);
  const style = gap === null ? paint.good : paint.bad;
  return [
    `    ${paint.faint('foots:')} ${style(first)}`,
    ...rest.map((line) => `           ${style(line)}`),
  ];
}
