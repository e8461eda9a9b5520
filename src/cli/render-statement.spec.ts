import type { StatementCategory } from '../core/statement';
import { colourPaint, plainPaint } from './paint';
import { renderStatement, type ProcedureReport } from './render-statement';
import { textWidth } from './text-layout';

const page = { width: 80, paint: plainPaint };

type Line = ProcedureReport['currencies'][number]['lines'][number];

function line(
  category: StatementCategory,
  side: Line['side'],
  amounts: { left?: string; right?: string; effect: string; keys?: string; code?: string },
): Line {
  const keys = amounts.keys ?? '1';
  const total = (amount: string | undefined): Line['left'] => ({
    items: amount === undefined ? '0' : keys,
    amount: amount ?? '0',
  });
  return {
    category,
    code: amounts.code ?? null,
    side,
    keys,
    left: total(amounts.left),
    right: total(amounts.right),
    effect: amounts.effect,
  };
}

const tieOut: ProcedureReport = {
  procedure: 'payouts-to-bank',
  left_label: 'Stripe payouts',
  right_label: 'Bank statement lines',
  currencies: [
    {
      currency: 'USD',
      left: { items: '212', amount: '1204233.1' },
      right: { items: '210', amount: '1189023.12' },
      lines: [
        line('exception', 'left', { left: '4210', effect: '-4210', code: 'CA04-NOT_IN_BANK' }),
        line('exception', 'right', { right: '1000', effect: '1000', code: 'CA04-NO_PAYOUT' }),
        line('matched', 'both', { left: '1187000', right: '1187000', effect: '0', keys: '206' }),
        line('timing', 'left', { left: '12000', effect: '-12000' }),
        line('tolerance', 'both', { left: '1023.1', right: '1023.12', effect: '0.02', keys: '3' }),
      ],
    },
    {
      currency: 'JPY',
      left: { items: '1', amount: '500' },
      right: { items: '1', amount: '500' },
      lines: [line('matched', 'both', { left: '500', right: '500', effect: '0' })],
    },
  ],
};

const meanings: Record<string, string> = {
  'CA04-NOT_IN_BANK': 'left_only',
  'CA04-NO_PAYOUT': 'right_only',
};
const meaningOf = (code: string): string | null => meanings[code] ?? null;

test('a tie-out leads from the left total to the right one, each currency for itself', () => {
  // The lines of USD are one item short of the left total: it must be said.
  expect(renderStatement(tieOut, meaningOf, page).join('\n')).toBe(
    `
  payouts-to-bank                                           items            USD
    Stripe payouts                                            212   1,204,233.10
      = keys matched                                          206           0.00
      − only on the left, within its days of grace              1     −12,000.00
        (timing)
      ± keys differ within tolerance                            3           0.02
      − only on the left: CA04-NOT_IN_BANK                      1      −4,210.00
      + only on the right: CA04-NO_PAYOUT                       1       1,000.00
                                                            ─────   ────────────
    Bank statement lines                                      210   1,189,023.12

                                                            items            JPY
    Stripe payouts                                              1            500
      = key matched                                             1              0
                                                            ─────   ────────────
    Bank statement lines                                        1            500
    foots: NO. payouts-to-bank in USD: the left population is 212 items and
           1204233.1, the lines of the statement are 211 items and 1204233.1.`.slice(1),
  );
});

test('an assertion shows what conforms and what does not, of all that was tested', () => {
  const assertion: ProcedureReport = {
    procedure: 'invoices-foot',
    left_label: 'Finalised invoices',
    right_label: null,
    currencies: [
      {
        currency: 'EUR',
        left: { items: '1367', amount: '120000' },
        right: null,
        lines: [
          line('exception', 'left', { left: '2280', effect: '-2280', code: 'IN01-I1' }),
          line('matched', 'left', { left: '117720', effect: '-117720', keys: '1366' }),
        ],
      },
    ],
  };
  expect(renderStatement(assertion, () => null, page)).toEqual([
    '  invoices-foot                                               items          EUR',
    '      = conforming                                            1,366   117,720.00',
    '      × IN01-I1                                                   1     2,280.00',
    '                                                              ─────   ──────────',
    '    Finalised invoices, all tested                            1,367   120,000.00',
    '    foots: yes',
  ]);
});

test('where no amounts are compared there is no column of amounts', () => {
  const keysOnly: ProcedureReport = {
    procedure: 'users-to-people',
    left_label: 'Users',
    right_label: 'People',
    currencies: [
      {
        currency: null,
        left: { items: '2', amount: '0' },
        right: { items: '1', amount: '0' },
        lines: [
          line('matched', 'both', { left: '0', right: '0', effect: '0' }),
          line('exception', 'left', { left: '0', effect: '0', code: 'AC01-GONE' }),
        ],
      },
    ],
  };
  expect(renderStatement(keysOnly, () => 'left_only', page).slice(0, 5)).toEqual([
    '  users-to-people                                                          items',
    '    Users                                                                      2',
    '      = key matched                                                            1',
    '      − only on the left: AC01-GONE                                            1',
    '                                                                           ─────',
  ]);
});

test.each([80, 97, 110])(
  'no line is wider than a page of %s columns, with colours or without',
  (width) => {
    const lines = renderStatement(tieOut, meaningOf, { width, paint: colourPaint });
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
  },
);

test('a statement without any item says that nothing was judged', () => {
  const shown = (right_label: string | null): string[] =>
    renderStatement({ ...tieOut, right_label, currencies: [] }, () => null, page);
  expect(shown('Bank statement lines')).toEqual([
    '  payouts-to-bank',
    '    Stripe payouts, Bank statement lines: no items on either side, so nothing',
    '    was judged.',
  ]);
  expect(shown(null)[1]).toBe('    Stripe payouts: no items, so nothing was judged.');
});
