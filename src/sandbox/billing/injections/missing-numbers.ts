import type { Invoice } from '../../truth/billing';
import { entities } from '../../truth/company';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';

/** A number in its parts: 'NIE-K3P9X2LM-0004' is of the range 'NIE-K3P9X2LM', the fourth. */
function partsOf(number: string | null): { range: string; sequence: number; digits: number } {
  const [, range = '', digits = ''] = /^(.*)-(\d+)$/.exec(number ?? '') ?? [];
  return { range, sequence: Number(digits), digits: digits.length };
}

const numberOf = (range: string, sequence: number, digits: number): string =>
  `${range}-${String(sequence).padStart(digits, '0')}`;

/** Numbered invoices of a customer that counts by itself, in the order of their numbers. */
function numbered({ customer, billing }: CustomerWorld): Invoice[] {
  if (entities[customer.entity].numbering !== 'customer') return [];
  return billing.invoices
    .filter(({ number }) => number !== null)
    .sort((a, b) => partsOf(a.number).sequence - partsOf(b.number).sequence);
}

/** Low leaves out one number, high three: there, and in no system any more. */
const numbersMissing: Injection = {
  id: 'A49',
  title: 'An invoice number is missing',
  stage: 'billing',
  candidates: (world) => {
    const invoices = numbered(world);
    return invoices.flatMap(({ id, number, finalizedAt }, i) => {
      const before = partsOf(invoices[i - 1]?.number ?? null);
      const follows = i > 0 && before.range === partsOf(number).range;
      return follows ? [{ key: id, at: finalizedAt ?? 0 }] : [];
    });
  },
  apply: (world, { key }, magnitude) => {
    const invoices = numbered(world);
    const from = invoices.findIndex(({ id }) => id === key);
    const by = magnitude === 'high' ? 3 : 1;
    const { range, sequence, digits } = partsOf(invoices[from]?.number ?? null);
    moveUp(world, from < 0 ? [] : invoices.slice(from), by);
    return Array.from({ length: by }, (_, n) => ({
      ...{ control: 'IN-03', code: 'IN03-GAP', impact: null },
      key: numberOf(range, sequence + n, digits),
    }));
  },
};

/** Gives invoices later numbers, and whatever names them: credit notes, references of wires. */
function moveUp({ billing }: CustomerWorld, invoices: Invoice[], by: number): void {
  const moved = new Map<string, string>();
  for (const invoice of invoices) {
    const { range, sequence, digits } = partsOf(invoice.number);
    const next = numberOf(range, sequence + by, digits);
    moved.set(invoice.number ?? '', next);
    invoice.number = next;
  }
  const named = (text: string): string =>
    text.replace(/[A-Z]+-[0-9A-Z]+-\d+/g, (number) => moved.get(number) ?? number);
  for (const note of billing.creditNotes) note.number &&= named(note.number);
  for (const { wire } of billing.payments) if (wire) wire.reference = named(wire.reference);
}

/** Documents of which nothing is left but a number that nobody has. */
export const missingNumbers: readonly Injection[] = [numbersMissing];
