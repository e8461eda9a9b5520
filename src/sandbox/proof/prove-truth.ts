import type { Invoice } from '../truth/billing';
import { entities } from '../truth/company';
import type { CustomerWorld } from '../world/customer-world';
import type { ExactSums } from './exact-sums';
import type { Proof } from './proof';

/** What a proof needs of a customer. */
export type ProvenWorld = Pick<
  CustomerWorld,
  'customer' | 'billing' | 'plan' | 'movements' | 'wires' | 'ledger'
>;

/**
 * What the truth of one customer says of each balance as of a cut, added to the sums; and the
 * identities of each of its invoices (CONTROLS IN-01). Everything is made up from instants and
 * amounts, never from a status or a total that stands today.
 */
export function provesTruth(world: ProvenWorld, cut: number, sums: ExactSums): Proof[] {
  const { customer, billing } = world;
  const add = (topic: string, amount: bigint, currency = customer.currency): void => {
    sums.add([`truth ${topic}`, customer.entity, currency, ''], amount);
  };
  const isIn = (at: number | null): at is number => at !== null && at < cut;
  const returned = new Map(
    billing.payments.map(({ key, charges }) => [key, charges.find((c) => c.returnedAt !== null)]),
  );
  for (const invoice of billing.invoices) {
    if (!isIn(invoice.finalizedAt)) continue;
    if (isIn(invoice.voidedAt) || isOff(invoice, cut)) continue;
    let open = totalOf(invoice) + invoice.startingBalance - (invoice.endingBalance ?? 0n);
    for (const { paymentKey, paid, paidAt, status } of invoice.applications) {
      if (paid !== null && isIn(paidAt)) open -= paid;
      const back = returned.get(paymentKey);
      const wasBack = status === 'canceled' && back !== undefined && isIn(back.succeededAt);
      if (wasBack && !isIn(back.returnedAt)) open -= back.amount;
    }
    for (const note of billing.creditNotes)
      if (note.invoiceKey === invoice.key && isIn(note.createdAt) && !isIn(note.voidedAt))
        open -= note.prePayment;
    for (const { kind, invoiceKey, amount, at } of billing.balanceTransactions)
      if (kind === 'invoice_overpaid' && invoiceKey === invoice.key && isIn(at)) open -= amount;
    add('receivables', open);
  }
  for (const { amount, at } of billing.balanceTransactions)
    if (isIn(at)) add('customer credit', -amount);
  for (const amount of prepaidOf(world, isIn)) add('prepaid credit', amount);
  for (const { status, amount, createdAt, closedAt } of billing.disputes) {
    const moves = !['warning_needs_response', 'warning_closed', 'prevented'].includes(status);
    if (moves && isIn(createdAt) && !isIn(closedAt)) add('disputed', amount);
  }
  addSchedule(world, sums);
  addBank(world, cut, sums);
  return billing.invoices.flatMap((invoice) => footsOf(world, invoice));
}

/** Paid credit: what was billed for it, less what was used and what expired. */
function prepaidOf({ billing, plan }: ProvenWorld, isIn: (at: number | null) => boolean): bigint[] {
  const rebilled = new Set(
    billing.creditNotes.flatMap((note) =>
      'rebilled_by' in note.metadata ? [note.invoiceKey] : [],
    ),
  );
  const amounts: bigint[] = [];
  for (const grant of billing.grants) {
    const bought = plan.grants.find(({ key }) => key === grant.key)?.boughtBy ?? null;
    if (grant.category !== 'paid' || bought === null) continue;
    for (const { key, finalizedAt, voidedAt, lines } of billing.invoices) {
      if (!isIn(finalizedAt) || isIn(voidedAt) || rebilled.has(key)) continue;
      for (const line of lines)
        if (line.key.startsWith(`${bought}/line`)) amounts.push(line.amount);
    }
    for (const { kind, amount, at } of grant.transactions) {
      if (!isIn(at) || kind === 'credit_granted') continue;
      amounts.push(kind === 'credits_restored' ? amount : -amount);
    }
  }
  return amounts;
}

/** Written off and not paid since. */
const isOff = ({ uncollectibleAt, paidAt }: Invoice, cut: number): boolean =>
  uncollectibleAt !== null && uncollectibleAt < cut && (paidAt === null || paidAt >= cut);

function totalOf({ lines }: Invoice): bigint {
  let total = 0n;
  for (const line of lines) {
    total += line.amount - line.discount + line.taxExclusive;
    for (const { amount } of line.grantCredits) total -= amount;
  }
  return total;
}

/** Billed and not yet earned, less earned and not yet billed: what the schedule still plans. */
function addSchedule({ customer, ledger, billing }: ProvenWorld, sums: ExactSums): void {
  const topic = 'truth contract liabilities less unbilled';
  const add = (amount: bigint, currency: string): void => {
    sums.add([topic, customer.entity, currency, ''], amount);
  };
  const liability = new Map<string, { amount: bigint; currency: string }>();
  for (const { docRef, account, side, amount, currency } of ledger.entries)
    if (account === '2100' && side === 'C') liability.set(docRef, { amount, currency });
  const lines = billing.invoices.flatMap((invoice) => invoice.lines.map(({ id }) => id));
  const billed = new Set(lines.filter((id) => liability.has(id)));
  const planned = new Set(ledger.schedule.map(({ invoiceLineId }) => invoiceLineId));
  for (const { status, invoiceLineId, amount, currency } of ledger.schedule) {
    const isBilled = invoiceLineId !== null && billed.has(invoiceLineId);
    if (status === 'planned' && isBilled) add(amount, currency);
    if (status === 'recognised' && !isBilled) add(-amount, currency);
  }
  // Lines of a bundle have no plan of their own: all of them is billed, the contract earns it.
  const voided = new Set(
    billing.invoices.flatMap(({ status, lines: all }) => (status === 'void' ? all : [])),
  );
  const gone = new Set([...voided].map(({ id }) => id));
  for (const id of billed) {
    if (gone.has(id)) continue;
    const of = liability.get(id);
    if (of !== undefined && !planned.has(id)) add(of.amount, of.currency);
  }
}

function addBank({ customer, wires }: ProvenWorld, cut: number, sums: ExactSums): void {
  const { zone } = entities[customer.entity];
  for (const { bookedOn, amount, currency } of wires)
    if (zone.startOf(bookedOn) < cut)
      sums.add(['truth bank', customer.entity, currency, ''], amount);
}

/** Identities of an invoice: I1 to I3 and what is paid. */
function footsOf({ customer, billing }: ProvenWorld, invoice: Invoice): Proof[] {
  const { totals, currency } = invoice;
  const about = { entity: customer.entity, currency };
  const paid = invoice.applications
    .filter(({ status }) => status === 'paid')
    .reduce((sum, application) => sum + (application.paid ?? 0n), 0n);
  const notes = billing.creditNotes
    .filter(({ invoiceKey, status }) => invoiceKey === invoice.key && status === 'issued')
    .reduce((sum, { prePayment }) => sum + prePayment, 0n);
  const proofs: Proof[] = [
    { name: 'an invoice is its lines', ...about, left: totals.total, right: totalOf(invoice) },
    { name: 'what is paid is what was applied', ...about, left: totals.amountPaid, right: paid },
  ];
  if (invoice.endingBalance !== null) {
    const due = totals.total + invoice.startingBalance - invoice.endingBalance - notes;
    proofs.push({
      name: 'what is due follows the balance',
      ...about,
      left: totals.amountDue,
      right: due,
    });
    const open = totals.amountDue - totals.amountPaid;
    const right = totals.amountRemaining - totals.amountOverpaid;
    proofs.push({ name: 'what is open is due less paid', ...about, left: open, right });
  }
  return proofs.filter(({ left, right }) => left !== right).concat(proofs.slice(0, 1));
}
