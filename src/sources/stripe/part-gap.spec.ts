import { partGap } from './part-gap';

type Fields = Record<string, unknown>;

const line = (amount: number, more: Fields = {}): Fields => ({
  ...{ id: `il_${amount}`, amount, discount_amounts: [], taxes: [], pretax_credit_amounts: [] },
  ...more,
});
const priced = (amount: number, unit: string, quantity: number): Fields =>
  line(amount, { pricing: { unit_amount_decimal: unit }, quantity });

const gapOf = (invoice: Fields, ...items: Fields[]): string | null =>
  partGap({ object: 'invoice', name: 'lines', id: 'in_1', fields: invoice, items });

describe('an invoice and its lines', () => {
  test('are whole where the lines make the subtotal', () => {
    expect(gapOf({ subtotal: 500 }, line(700), line(-200))).toBeNull();
    expect(gapOf({ subtotal: 0 })).toBeNull();
  });

  test('are not where a line is missing', () => {
    const said = 'the 1 lines of in_1 add up to 300 minor units, and it says 500';
    expect(gapOf({ subtotal: 500 }, line(300))).toBe(said);
    expect(gapOf({ subtotal: 500, total_excluding_tax: 500 }, line(300))).toBe(said);
    expect(gapOf({ subtotal: 500 })).toMatch(/^the 0 lines of in_1 add up to 0 /);
  });

  test('are whole where the subtotal is after the discounts of lines, not of the invoice', () => {
    const discounted = line(700, { discount_amounts: [{ discount: 'di_line', amount: 200 }] });
    expect(gapOf({ subtotal: 500, discounts: [] }, discounted)).toBeNull();
    expect(gapOf({ subtotal: 500, discounts: ['di_line'] }, discounted)).not.toBeNull();
  });

  test('are whole where the total before tax is what discounts, grants and tax leave', () => {
    const lowered = line(1000, {
      discount_amounts: [{ discount: 'di_1', amount: 100 }],
      pretax_credit_amounts: [
        { type: 'discount', amount: 100 },
        { type: 'credit_balance_transaction', amount: 50 },
      ],
      taxes: [{ amount: 30, tax_behavior: 'inclusive' }],
    });
    const invoice = { subtotal: 1, amount_shipping: 5, discounts: ['di_1'] };
    expect(gapOf({ ...invoice, total_excluding_tax: 825 }, lowered)).toBeNull();
    expect(gapOf({ ...invoice, total_excluding_tax: 827 }, lowered)).not.toBeNull();
  });

  test('are whole where one line is off its own price by the gap: that is for IN-01', () => {
    expect(gapOf({ subtotal: 500 }, priced(600, '250', 2))).toBeNull();
    expect(gapOf({ subtotal: 500 }, priced(503, '125.25', 4))).toBeNull();
    // Off by something else, free, or priced by the second: no reason for a gap.
    expect(gapOf({ subtotal: 500 }, priced(600, '280', 2))).not.toBeNull();
    expect(gapOf({ subtotal: 500 }, priced(0, '250', 2))).not.toBeNull();
    const details = { invoice_item_details: { proration: true } };
    expect(gapOf({ subtotal: 500 }, { ...priced(100, '250', 2), parent: details })).not.toBeNull();
  });

  test('are not where fewer came than it counts, whatever they add up to', () => {
    const counted = { subtotal: 500, lines: { total_count: 3 } };
    expect(gapOf(counted, line(500), line(0))).toBe('in_1 has 3 lines, and 2 were read');
  });

  test('are left to the mapping where a field is not what it should be', () => {
    expect(gapOf({ subtotal: 'much' }, line(500))).toBeNull();
    expect(gapOf({ subtotal: 500 }, { id: 'il_1' })).toBeNull();
  });
});

test('a credit note foots by its lines, and one over an amount alone has none', () => {
  const gap = (fields: Fields, ...items: Fields[]): string | null =>
    partGap({ object: 'credit_note', name: 'lines', id: 'cn_1', fields, items });
  expect(gap({ subtotal: 300 }, line(300))).toBeNull();
  expect(gap({ subtotal: 250 }, line(300, { discount_amount: 50 }))).toBeNull();
  expect(gap({ subtotal: 500 }, line(300))).toMatch(/^the 1 lines of cn_1 add up to 300 /);
  expect(gap({ subtotal: 500 })).toBeNull();
});

test('other lists are whole by their count, where there is one', () => {
  const gap = (items: object): string | null =>
    partGap({ object: 'subscription', name: 'items', id: 'sub_1', fields: { items }, items: [{}] });
  expect(gap({ total_count: 2 })).toBe('sub_1 has 2 items, and 1 were read');
  expect(gap({ total_count: 1 })).toBeNull();
  expect(gap({})).toBeNull();
});
