import type { BalanceTransaction, BankLine, Payout } from '../truth/cash';
import { entities, type EntityId } from '../truth/company';
import type { WarehouseRow } from '../world/records';
import { ExactSums, minor, signed } from './exact-sums';
import type { Proof } from './proof';
import { provesTruth, type ProvenWorld } from './prove-truth';

/** What belongs to no customer. */
export interface ProvenCompany {
  payouts: readonly Payout[];
  movements: readonly BalanceTransaction[];
  payoutOf: ReadonlyMap<string, string>;
  bankLines: readonly BankLine[];
}

const functionalOf: Readonly<Record<EntityId, string>> = { 'ni-us': 'USD', 'ni-ie': 'EUR' };

/**
 * Proves that a clean world balances, from its rows and its truth, in code of its own: nothing here
 * is shared with the engines that made the figures, nor with any control. Feed customers as they
 * are made, then the company, then ask.
 */
export class BalanceProof {
  private readonly sums = new ExactSums();
  private readonly movements = new Map<string, { net: bigint; key: string }>();
  private readonly invoices: Proof[] = [];
  private readonly journalOf = new Map<string, EntityId>();

  /** `postedBy`: instants before this are in the ledger, per entity. */
  constructor(private readonly postedBy: Readonly<Record<EntityId, number>>) {}

  /** One customer's truth and its ledger rows. */
  addCustomer(world: ProvenWorld, rows: Iterable<WarehouseRow>): void {
    const cut = this.postedBy[world.customer.entity];
    this.invoices.push(...provesTruth(world, cut, this.sums));
    for (const movement of world.movements) this.noteMovement(movement);
    this.addRows(rows, world.customer.entity);
  }

  /** Rows of the ledger that belong to no customer. */
  addRows(rows: Iterable<WarehouseRow>, entity?: EntityId): void {
    for (const { table, row } of rows) {
      if (table === 'gl_line') this.addLine(row);
      else if (table === 'rev_entry') this.addEntry(row, entity ?? 'ni-us');
      else if (table === 'gl_balance') this.addBalance(row);
    }
  }

  private addLine(row: WarehouseRow['row']): void {
    const journal = row.journal_id ?? '';
    const entity = entityOf(journal);
    this.journalOf.set(journal, entity);
    const currency = row.currency ?? '';
    const amount = signed(row, 'debit', 'credit', currency);
    const functional = signed(row, 'functional_debit', 'functional_credit', functionalOf[entity]);
    const account = row.account ?? '';
    this.sums.add(['journal', entity, currency, journal], amount);
    this.sums.add(['journal', entity, 'functional', journal], functional);
    this.sums.add(['ledger', entity, currency, account], amount);
    this.sums.add(['ledger line', entity, currency, `${account}/${periodOf(journal)}`], amount);
    if (account === '1050') this.sums.add(['clearing', entity, currency, ''], amount);
  }

  private addEntry(row: WarehouseRow['row'], entity: EntityId): void {
    const currency = row.currency ?? '';
    const size = minor(row.amount ?? '0', currency);
    const amount = row.dr_cr === 'D' ? size : -size;
    const at = `${row.account ?? ''}/${row.period ?? ''}`;
    this.sums.add(['subledger', entity, currency, at], amount);
  }

  private addBalance(row: WarehouseRow['row']): void {
    const [entity, currency] = [row.entity as EntityId, row.currency ?? ''];
    const amount = minor(row.debit ?? '0', currency) - minor(row.credit ?? '0', currency);
    const at = `${row.account ?? ''}/${row.period ?? ''}`;
    this.sums.add(['gl balance', entity, currency, at], amount);
  }

  private noteMovement({ id, net, entity, currency, createdAt }: BalanceTransaction): void {
    this.movements.set(id, { net, key: `${entity}/${currency}` });
    if (createdAt < this.postedBy[entity]) this.sums.add(['stripe', entity, currency, ''], net);
  }

  /** Payouts, and what they are made of. */
  addCompany({ payouts, movements, payoutOf, bankLines }: ProvenCompany): void {
    for (const movement of movements)
      if (movement.type === 'stripe_fee') this.noteMovement(movement);
    for (const { entity, currency, amount, bookedOn } of bankLines)
      if (entities[entity].zone.startOf(bookedOn) < this.postedBy[entity])
        this.sums.add(['truth bank', entity, currency, ''], amount);
    const composed = new Map<string, bigint>();
    for (const [movement, payout] of payoutOf)
      composed.set(
        payout,
        (composed.get(payout) ?? 0n) + (this.movements.get(movement)?.net ?? 0n),
      );
    for (const payout of payouts) this.addPayout(payout, composed.get(payout.id) ?? 0n);
  }

  private addPayout(payout: Payout, composed: bigint): void {
    const { entity, currency, amount, automatic, failedAt } = payout;
    const cut = this.postedBy[entity];
    const leftAt = automatic
      ? Date.parse(`${payout.arrivalOn}T20:00:00Z`) / 1000
      : payout.createdAt;
    if (leftAt < cut) this.sums.add(['stripe', entity, currency, ''], -amount);
    if (failedAt !== null && failedAt < cut)
      this.sums.add(['stripe', entity, currency, ''], amount);
    if (!automatic) return;
    this.sums.add(['payouts', entity, currency, payout.id], amount);
    // Less than a forint stays behind and goes with the next payout (S1).
    const rest = composed - amount;
    const isRest = currency === 'HUF' && rest > -100n && rest < 100n;
    this.sums.add(['composed', entity, currency, payout.id], isRest ? amount : composed);
  }

  /** Every pair of figures; in a clean world left equals right in each. */
  prove(): Proof[] {
    const { sums } = this;
    const proofs = [...this.invoices];
    const zero = (name: string, topic: string): void => {
      for (const { entity, currency, amount } of sums.of(topic))
        proofs.push({ name, entity, currency, left: amount, right: 0n });
    };
    const equal = (name: string, left: string, right: string, sign = 1n): void => {
      proofs.push(...sums.compare(name, left, right, sign));
    };
    zero('a journal balances', 'journal');
    equal('the ledger’s balances are the sum of its lines', 'ledger line', 'gl balance');
    this.bySubledger(proofs);
    equal('the Stripe balance is cash clearing', 'stripe', 'clearing');
    equal('a payout is what it is made of', 'payouts', 'composed');
    for (const [topic, accounts, sign] of tieOuts) {
      for (const account of accounts) sums.copy(['ledger', account], `gl ${topic}`);
      equal(topic, `truth ${topic}`, `gl ${topic}`, sign);
    }
    return proofs;
  }

  private bySubledger(proofs: Proof[]): void {
    const kept = /^(1150|2100|2110|40\d\d|49\d\d)\//;
    const { sums } = this;
    sums.filter('ledger line', kept, 'gl revenue');
    proofs.push(...sums.compare('the subledger is the ledger', 'subledger', 'gl revenue', 1n));
  }
}

/** What the truth says, and the accounts that must say the same. */
const tieOuts: readonly [topic: string, accounts: readonly string[], sign: bigint][] = [
  ['receivables', ['1100'], 1n],
  ['customer credit', ['2200'], -1n],
  ['prepaid credit', ['2110'], -1n],
  ['contract liabilities less unbilled', ['2100', '1150'], -1n],
  ['disputed', ['1120'], 1n],
  ['bank', ['1010'], 1n],
  ['suspense', ['9999'], 1n],
  ['unapplied', ['2210'], -1n],
];

const entityOf = (journal: string): EntityId => (journal.includes('ni-ie') ? 'ni-ie' : 'ni-us');

const periodOf = (journal: string): string => {
  const day = /-(\d{4})(\d{2})\d{2}-/.exec(journal);
  return `${day?.[1] ?? ''}-${day?.[2] ?? ''}`;
};
