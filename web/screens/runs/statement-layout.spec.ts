import {
  footingOf,
  foots,
  statementRows,
  type CurrencyStatement,
  type ProcedureStatement,
  type StatementLine,
} from './statement-layout';

const line = (part: Partial<StatementLine>): StatementLine => ({
  category: 'matched',
  code: null,
  side: 'both',
  keys: '1',
  left: { items: '1', amount: '0' },
  right: { items: '1', amount: '0' },
  effect: '0',
  ...part,
});

const tieOut: ProcedureStatement = {
  procedure: 'orders',
  left_label: 'Deals',
  right_label: 'Orders',
  currencies: [],
};
const block: CurrencyStatement = {
  currency: 'USD',
  left: { items: '4', amount: '1000' },
  right: { items: '3', amount: '879.99' },
  lines: [
    line({ category: 'exception', code: 'X-LEFT', side: 'left', effect: '-100' }),
    line({ category: 'exception', code: 'X-DIFF', effect: '-10' }),
    line({ category: 'timing', side: 'left', effect: '-10' }),
    line({ category: 'tolerance', effect: '-0.01' }),
    line({ category: 'matched', keys: '2' }),
  ],
};

test('a tie-out leads from the left total to the right, what is unexplained last', () => {
  const rows = statementRows(tieOut, block, (code) => `meaning of ${code}`);
  expect(rows.map(({ kind, sign, label, amount }) => [kind, sign, label, amount])).toEqual([
    ['total', '', 'Deals', '1000'],
    ['line', '', 'Keys that agree', '0'],
    ['line', '−', 'Within days of grace, only on the left', '-10'],
    ['line', '±', 'Differences within tolerance', '-0.01'],
    ['heading', '', 'Exceptions', null],
    ['line', '−', 'X-LEFT: meaning of X-LEFT', '-100'],
    ['line', '±', 'X-DIFF: meaning of X-DIFF', '-10'],
    ['total', '', 'Orders', '879.99'],
  ]);
});

test('the gap is what is explained and what is not, to the cent', () => {
  expect(footingOf(block)).toEqual({
    difference: '-120.01',
    explained: '-10.01',
    exceptions: '-110',
    unaccounted: '0',
  });
  expect(foots(block)).toBe(true);
  expect(foots({ ...block, right: { items: '3', amount: '880' } })).toBe(false);
});

test('an assertion says what was tested, what conforms and what does not', () => {
  const tested: CurrencyStatement = {
    currency: 'USD',
    left: { items: '10', amount: '500' },
    right: null,
    lines: [
      line({ category: 'exception', code: 'I1', side: 'left', left: { items: '1', amount: '20' } }),
      line({ side: 'left', keys: '9', left: { items: '9', amount: '480' } }),
    ],
  };
  const rows = statementRows({ ...tieOut, right_label: null }, tested, () => 'condition met');
  expect(rows.map(({ label, leftItems, amount }) => [label, leftItems, amount])).toEqual([
    ['Deals', '10', '500'],
    ['Conform', '9', '480'],
    ['Exceptions', null, null],
    ['I1: condition met', '1', '20'],
  ]);
});
