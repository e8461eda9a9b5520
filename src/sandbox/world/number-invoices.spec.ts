import type { BankLine } from '../truth/cash';
import type { Invoice, Payment } from '../truth/billing';
import { instantOf } from '../kit/instants';
import type { CustomerWorld } from './customer-world';
import { InvoiceNumbers } from './number-invoices';
import { worldContext, type LookAlike } from './world-context';

const options = (lookAlikes: boolean) => ({
  ...{ seed: '1', scale: 0.003, now: instantOf('2026-07-07T13:05:00Z'), lookAlikes },
});
const plain = worldContext(options(false));

/** As much of a world as numbering looks at. */
function worldOf(
  entity: 'ni-us' | 'ni-ie',
  invoices: readonly Partial<Invoice>[],
  more: Partial<CustomerWorld['billing']> & { wires?: BankLine[] } = {},
): CustomerWorld {
  const { wires = [], ...billing } = more;
  return {
    customer: { entity },
    billing: { invoices, payments: [], creditNotes: [], ...billing },
    wires,
  } as unknown as CustomerWorld;
}

const invoice = (id: string, finalizedAt: number | null, number: string | null = null) => ({
  ...{ id, key: `key of ${id}`, finalizedAt, number },
});

const numbersOf = (world: CustomerWorld): (string | null)[] =>
  world.billing.invoices.map(({ number }) => number);

test('an account numbers by finalisation across its customers, and drafts get none', () => {
  const one = worldOf('ni-us', [invoice('in_c', 300), invoice('in_d', null)]);
  const other = worldOf('ni-us', [invoice('in_b', 200), invoice('in_a', 300)]);
  const numbers = new InvoiceNumbers(plain);
  numbers.note(one);
  numbers.note(other);
  numbers.assign(one);
  numbers.assign(other);
  expect([numbersOf(one), numbersOf(other)]).toEqual([
    ['NI-000003', null],
    ['NI-000001', 'NI-000002'],
  ]);
});

test('the first number after the account was renamed counts on, and is noted', () => {
  const [before, after] = ['2024-08-20T06:59:59Z', '2024-08-20T07:00:00Z'].map(instantOf);
  const noted: LookAlike[] = [];
  const world = worldOf('ni-us', [
    ...[invoice('in_a', (before ?? 0) - 5), invoice('in_b', before ?? 0)],
    ...[invoice('in_c', after ?? 0), invoice('in_d', (after ?? 0) + 5)],
  ]);
  const numbers = new InvoiceNumbers(worldContext(options(true), (one) => noted.push(one)));
  numbers.note(world);
  numbers.assign(world);
  expect(numbersOf(world)).toEqual(['NWD-000001', 'NWD-000002', 'NI-000003', 'NI-000004']);
  expect(noted).toEqual([{ id: 'L44', key: 'NI-000003' }]);
});

test('where each customer has its own sequence, numbers stay as they were given', () => {
  const world = worldOf('ni-ie', [invoice('in_a', 100, 'NIE-ABC-0001')]);
  const numbers = new InvoiceNumbers(plain);
  numbers.note(world);
  numbers.assign(world);
  expect(numbersOf(world)).toEqual(['NIE-ABC-0001']);
});

test('credit notes and wires name the number', () => {
  const wire = { reference: 'INV in_a, in_b' } as BankLine;
  const payment = { wire: { reference: 'INV in_a' } } as Payment;
  const note = (createdAt: number) => ({ invoiceKey: 'key of in_a', createdAt, number: null });
  const world = worldOf('ni-us', [invoice('in_a', 100), invoice('in_b', 90)], {
    ...{ wires: [wire], payments: [payment] },
    creditNotes: [note(20), note(10)] as CustomerWorld['billing']['creditNotes'],
  });
  const numbers = new InvoiceNumbers(plain);
  numbers.note(world);
  numbers.assign(world);
  expect(wire.reference).toBe('INV NI-000002, NI-000001');
  expect(payment.wire?.reference).toBe('INV NI-000002');
  expect(world.billing.creditNotes.map(({ number }) => number)).toEqual([
    'NI-000002-CN-02',
    'NI-000002-CN-01',
  ]);
});
