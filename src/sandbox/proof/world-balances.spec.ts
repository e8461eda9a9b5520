import { MovementBook } from '../cash/movement-book';
import { payOut } from '../cash/pay-out';
import { openRoster } from '../company/roster';
import { addDays, instantOf, type Instant } from '../kit/instants';
import { CompanyLedger } from '../ledger/company-ledger';
import { renderBank, renderLedger } from '../ledger/render-ledger';
import { entities, type EntityId, type Segment, type WorldOptions } from '../truth/company';
import { simulateCustomer } from '../world/simulate-customer';
import { worldContext } from '../world/world-context';
import { BalanceProof } from './prove-balance';

/** The first instant that is not in the ledger yet: days are posted two hours after they end. */
function postedBy(entity: EntityId, now: Instant): Instant {
  const { zone } = entities[entity];
  let day = zone.dayOf(now);
  while (zone.startOf(day) + 7_200 > now) day = addDays(day, -1);
  return zone.startOf(day);
}

/** Some customers of each segment, their ledgers, and the company's. */
function closeBooks(seed: string, now: string, share: Readonly<Record<Segment, number>>) {
  const at = instantOf(now);
  const options: WorldOptions = { seed, scale: 0.1, now: at, lookAlikes: true };
  const [roster, context] = [openRoster(options), worldContext(options)];
  const proof = new BalanceProof({
    'ni-us': postedBy('ni-us', at),
    'ni-ie': postedBy('ni-ie', at),
  });
  const [book, company] = [new MovementBook(), new CompanyLedger(context)];
  const left = { ...share };
  const entries: string[] = [];
  for (let n = 1; n <= roster.size; n += 1) {
    const customer = roster.customer(n);
    if (left[customer.segment] === 0) continue;
    left[customer.segment] -= 1;
    const world = simulateCustomer(customer, { roster, context });
    for (const movement of world.movements) book.add(movement);
    for (const { id, amount, entryOn } of world.ledger.entries)
      entries.push(`${id} ${String(amount)} ${entryOn}`);
    proof.addCustomer(world, [
      ...renderLedger(customer, world.ledger),
      ...company.rowsOf(world.ledger, customer.key),
      ...renderBank(world.wires),
    ]);
  }
  const paidOut = payOut(book, context);
  proof.addCompany(paidOut);
  company.close(paidOut);
  proof.addRows(company.render());
  return { proofs: proof.prove(), entries };
}

const share = { self_serve: 20, team: 6, api: 6, sales_led: 16 };

test.each(['1', '2', '3'])('every balance of the company of seed %s ties out', (seed) => {
  const { proofs } = closeBooks(seed, '2026-07-08T18:00:00Z', share);
  expect(proofs.filter(({ left, right }) => left !== right)).toEqual([]);
  // 'disputed' and 'unapplied' are proven where the world has any.
  const names = new Set(proofs.map(({ name }) => name.split(':')[0]));
  expect([...names].filter((name) => name !== 'disputed' && name !== 'unapplied').sort()).toEqual([
    'a journal balances',
    'a payout is what it is made of',
    'an invoice is its lines',
    'bank',
    'contract liabilities less unbilled',
    'customer credit',
    'prepaid credit',
    'receivables',
    'the Stripe balance is cash clearing',
    'the ledger’s balances are the sum of its lines',
    'the subledger is the ledger',
  ]);
});

test('a later now keeps every revenue entry that was posted', () => {
  const few = { self_serve: 25, team: 6, api: 5, sales_led: 8 };
  const early = closeBooks('4', '2026-03-09T18:00:00Z', few).entries;
  const later = new Set(closeBooks('4', '2026-07-08T18:00:00Z', few).entries);
  expect(early.filter((entry) => !later.has(entry))).toEqual([]);
  expect(early.length).toBeGreaterThan(500);
});
