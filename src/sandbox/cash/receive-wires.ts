import { monthOf, type Day } from '../kit/instants';
import { KeyedRandom } from '../kit/keyed-random';
import type { Billing, Payment, Wire } from '../truth/billing';
import type { BankLine } from '../truth/cash';
import { entities, type Customer, type Entity } from '../truth/company';
import type { WorldContext } from '../world/customer-world';
import { bankCalendars } from './bank-calendars';

/**
 * Wires on the bank statement, net of what the bank kept and of tax the payer withheld: one
 * line per remittance, which may pay
 * several invoices (L49), on the bank's own business days.
 */
export function receiveWires(customer: Customer, billing: Billing, ctx: WorldContext): BankLine[] {
  const remittances = new Map<string, (Payment & { wire: Wire })[]>();
  for (const payment of billing.payments) {
    const { wire } = payment;
    if (wire === null || payment.status !== 'succeeded' || wire.receivedAt > ctx.options.now)
      continue;
    const others = remittances.get(wire.remittanceKey);
    if (others === undefined) remittances.set(wire.remittanceKey, [{ ...payment, wire }]);
    else others.push({ ...payment, wire });
  }
  const entity = entities[customer.entity];
  const lines: BankLine[] = [];
  for (const [key, payments] of remittances) {
    const line = lineOf(entity, customer, key, payments);
    lines.push(line);
    if (payments.length > 1) ctx.noteLookAlike('L49', line.txnId);
  }
  return lines.sort((a, b) => (a.bookedOn < b.bookedOn ? -1 : a.bookedOn > b.bookedOn ? 1 : 0));
}

function lineOf(
  entity: Entity,
  { name }: Customer,
  key: string,
  payments: readonly (Payment & { wire: Wire })[],
): BankLine {
  const [first] = payments;
  if (first === undefined) throw new RangeError(`remittance ${key} has no payment`);
  const bookedOn = bankDay(entity, entity.zone.dayOf(first.wire.receivedAt));
  const amount = payments.reduce((sum, p) => sum + p.amount - p.wire.bankFee - p.wire.withheld, 0n);
  const bankAccount = bankAccountOf(entity, first.currency);
  return {
    ...{ bankAccount, entity: entity.id, amount, currency: first.currency },
    txnId: bankTxnId('wire', key),
    ...{ valueOn: bookedOn, bookedOn, counterparty: name },
    reference: referenceOf(payments.map(({ wire }) => wire.reference)),
    statementId: statementIdOf(bankAccount, bookedOn),
  };
}

/** What the payer wrote: all that it pays, each once (L49). */
const referenceOf = (references: readonly string[]): string =>
  [...new Set(references)]
    .map((text, at) => (at === 0 ? text : text.replace(/^INV /, '')))
    .join(' ');

/** The account that receives a currency; one multi-currency account takes all that have none. */
export function bankAccountOf(entity: Entity, currency: string): string {
  return entity.bankAccounts[currency] ?? entity.multiCurrencyAccount;
}

/** A bank books on its own business days: a Saturday's money is booked on Monday. */
export function bankDay({ calendar }: Entity, day: Day): Day {
  return bankCalendars[calendar].isOpen(day) ? day : bankCalendars[calendar].add(day, 1);
}

/** The bank's own number of a line, a function of what it books. */
export const bankTxnId = (...key: readonly string[]): string =>
  `BT${KeyedRandom.of('bank line', ...key).text(14, '0123456789')}`;

/** Statements are monthly. */
export const statementIdOf = (bankAccount: string, bookedOn: Day): string =>
  `${bankAccount}-${monthOf(bookedOn)}`;
