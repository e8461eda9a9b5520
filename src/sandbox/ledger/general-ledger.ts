import {
  addMonths,
  firstOfMonth,
  isoInstant,
  monthOf,
  type Day,
  type Instant,
} from '../kit/instants';
import { majorText, type Minor } from '../kit/units';
import { entities, type EntityId } from '../truth/company';
import type { Posting } from '../truth/ledger';
import type { WarehouseRow } from '../world/records';

/** What a ledger system keeps of a journal beside its lines. */
export interface JournalHead {
  id: string;
  entity: EntityId;
  source: 'SUBLEDGER' | 'MANUAL' | 'REVALUATION';
  category: Posting['category'];
  period: string;
  effectiveOn: Day;
  postedAt: Instant;
  createdBy: string;
  approvedBy: string | null;
  approvedAt: Instant | null;
  reversedBy: string | null;
  description: string;
}

interface Sum {
  debit: Minor;
  credit: Minor;
  functional: Minor;
}

/** An account of an entity in one currency. */
export interface AccountKey {
  entity: EntityId;
  account: string;
  currency: string;
}

/**
 * The general ledger while it is written: heads of journals, line counts and balances by account,
 * currency and month. Lines stream through and are not kept.
 */
export class GeneralLedger {
  readonly heads = new Map<string, JournalHead>();
  private readonly counts = new Map<string, number>();
  private readonly sums = new Map<string, Map<string, Sum>>();

  /** Adds a line; its number in its journal, from 1. */
  add(line: Posting, head: Partial<JournalHead> = {}): number {
    if (!this.heads.has(line.journalId)) this.heads.set(line.journalId, headOf(line, head));
    const count = (this.counts.get(line.journalId) ?? 0) + 1;
    this.counts.set(line.journalId, count);
    const key = `${line.entity}/${line.account}/${line.currency}`;
    const months = this.sums.get(key) ?? new Map<string, Sum>();
    this.sums.set(key, months);
    const sum = months.get(line.period) ?? { debit: 0n, credit: 0n, functional: 0n };
    months.set(line.period, sum);
    sum.debit += line.debit;
    sum.credit += line.credit;
    sum.functional += line.functionalDebit - line.functionalCredit;
    return count;
  }

  /** Accounts that have lines, in order. */
  accountKeys(): AccountKey[] {
    return [...this.sums.keys()].sort().map((key) => {
      const [entity = 'ni-us', account = '', currency = ''] = key.split('/');
      return { entity: entity as EntityId, account, currency };
    });
  }

  /** Debit less credit through the end of a month, in both currencies. */
  balance(of: AccountKey, month: string): { amount: Minor; functional: Minor } {
    let [amount, functional] = [0n, 0n];
    for (const [period, sum] of this.monthsOf(of)) {
      if (period > month) continue;
      amount += sum.debit - sum.credit;
      functional += sum.functional;
    }
    return { amount, functional };
  }

  private monthsOf({ entity, account, currency }: AccountKey): ReadonlyMap<string, Sum> {
    return this.sums.get(`${entity}/${account}/${currency}`) ?? new Map<string, Sum>();
  }

  /** Journals in the order of posting, numbered without a gap per entity (GL-04). */
  *renderJournals(): Iterable<WarehouseRow> {
    const heads = [...this.heads.values()].sort(
      (a, b) => a.postedAt - b.postedAt || (a.id < b.id ? -1 : 1),
    );
    const numbers = new Map<EntityId, number>();
    for (const head of heads) {
      const number = (numbers.get(head.entity) ?? 0) + 1;
      numbers.set(head.entity, number);
      yield { table: 'gl_journal', row: journalRow(head, number) };
    }
  }

  /**
   * Balances by account, currency and month, every month from the first to that of the last
   * line.
   */
  *renderBalances(through: string): Iterable<WarehouseRow> {
    for (const of of this.accountKeys()) {
      const months = this.monthsOf(of);
      const first = [...months.keys()].sort()[0] ?? through;
      let opening = 0n;
      for (let month = first; month <= through; month = nextMonth(month)) {
        const { debit = 0n, credit = 0n } = months.get(month) ?? {};
        const closing = opening + debit - credit;
        yield {
          table: 'gl_balance',
          row: balanceRow(of, month, [opening, debit, credit, closing]),
        };
        opening = closing;
      }
    }
  }
}

const nextMonth = (month: string): string => monthOf(addMonths(firstOfMonth(month), 1));

function headOf(line: Posting, head: Partial<JournalHead>): JournalHead {
  return {
    ...{ id: line.journalId, entity: line.entity, source: 'SUBLEDGER', category: line.category },
    ...{ period: line.period, effectiveOn: line.effectiveOn, postedAt: line.postedAt },
    ...{ createdBy: 'svc-subledger-interface', approvedBy: null, approvedAt: null },
    ...{ reversedBy: null, description: `${line.category} of ${line.effectiveOn}` },
    ...head,
  };
}

const journalRow = (head: JournalHead, number: number): WarehouseRow['row'] => ({
  journal_id: head.id,
  journal_number: `${entities[head.entity].numberPrefix}-J${String(number).padStart(6, '0')}`,
  entity: head.entity,
  ledger: 'PRIMARY',
  source: head.source,
  category: head.category,
  period: head.period,
  effective_date: head.effectiveOn,
  posted_at: isoInstant(head.postedAt),
  created_by: head.createdBy,
  approved_by: head.approvedBy,
  approved_at: head.approvedAt === null ? null : isoInstant(head.approvedAt),
  reversed_by: head.reversedBy,
  description: head.description,
});

function balanceRow(
  { entity, account, currency }: AccountKey,
  period: string,
  amounts: readonly [Minor, Minor, Minor, Minor],
): WarehouseRow['row'] {
  const [opening, debit, credit, closing] = amounts.map((a) => majorText(a, currency));
  return {
    ...{ entity, ledger: 'PRIMARY', account, period, currency },
    opening: opening ?? null,
    debit: debit ?? null,
    credit: credit ?? null,
    closing: closing ?? null,
  };
}

/** A line of the general ledger as a row. */
export function lineRow(line: Posting, number: number): WarehouseRow {
  const { currency: functional } = entities[line.entity];
  return {
    table: 'gl_line',
    row: {
      journal_id: line.journalId,
      line_id: String(number),
      account: line.account,
      cost_center: null,
      debit: majorText(line.debit, line.currency),
      credit: majorText(line.credit, line.currency),
      currency: line.currency,
      functional_debit: majorText(line.functionalDebit, functional),
      functional_credit: majorText(line.functionalCredit, functional),
      customer_ref: line.customerKey,
      doc_ref: line.docRef,
    },
  };
}
