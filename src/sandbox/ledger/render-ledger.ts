import { isoInstant, type Instant } from '../kit/instants';
import { majorText, type Minor } from '../kit/units';
import type { BankLine } from '../truth/cash';
import { entities, type Customer } from '../truth/company';
import type * as ledger from '../truth/ledger';
import type { WarehouseRow } from '../world/records';
import { chartOfAccounts } from './accounts';

/** Rows of the revenue subledger of one customer (CONTROLS §1.5). */
export function* renderLedger(
  { key }: Pick<Customer, 'key'>,
  books: ledger.RevenueBooks,
): Iterable<WarehouseRow> {
  for (const contract of books.contracts) yield contractRow(contract, key);
  const currencies = new Map(books.contracts.map(({ id, currency }) => [id, currency]));
  for (const one of books.obligations)
    yield obligationRow(one, currencies.get(one.contractId) ?? 'USD');
  for (const line of books.schedule) yield scheduleRow(line);
  for (const entry of books.entries) yield entryRow(entry);
}

const instant = (at: Instant | null): string | null => (at === null ? null : isoInstant(at));

const contractRow = (of: ledger.RevenueContract, customer: string): WarehouseRow => ({
  table: 'rev_contract',
  row: {
    contract_id: of.id,
    customer_id: customer,
    sf_order_id: of.orderId,
    sf_opportunity_id: of.opportunityId,
    legal_entity: of.entity,
    currency: of.currency,
    contract_date: of.contractOn,
    transaction_price: majorText(of.transactionPrice, of.currency),
    variable_consideration_estimate: majorText(of.variableEstimate, of.currency),
    modification_of: of.modificationOf,
    mod_type: of.modification,
    status: of.status,
  },
});

const obligationRow = (of: ledger.Obligation, currency: string): WarehouseRow => ({
  table: 'performance_obligation',
  row: {
    pob_id: of.id,
    contract_id: of.contractId,
    product_code: of.product,
    ssp: majorText(of.standaloneSellingPrice, currency),
    allocated_price: majorText(of.allocated, currency),
    method: of.method,
    service_start: of.serviceStart,
    service_end: of.serviceEnd,
    qty: String(of.quantity),
  },
});

const functionalText = (amount: Minor, of: { entity: Customer['entity'] }): string =>
  majorText(amount, entities[of.entity].currency);

const scheduleRow = (of: ledger.ScheduleLine): WarehouseRow => ({
  table: 'rev_schedule_line',
  row: {
    schedule_line_id: of.id,
    pob_id: of.obligationId,
    invoice_line_id: of.invoiceLineId,
    period: of.period,
    start: of.start,
    end: of.endExclusive,
    amount: majorText(of.amount, of.currency),
    currency: of.currency,
    functional_amount: functionalText(of.functional, of),
    fx_rate: of.fxRate,
    status: of.status,
    recognised_at: instant(of.recognisedAt),
  },
});

const entryRow = (of: ledger.RevenueEntry): WarehouseRow => ({
  table: 'rev_entry',
  row: {
    entry_id: of.id,
    schedule_line_id: of.scheduleLineId,
    account: of.account,
    dr_cr: of.side,
    amount: majorText(of.amount, of.currency),
    currency: of.currency,
    functional_amount: functionalText(of.functional, of),
    period: of.period,
    entry_date: of.entryOn,
    posted_at: isoInstant(of.postedAt),
    journal_id: of.journalId,
    source: of.source,
    created_by: of.createdBy,
    approved_by: of.approvedBy,
    reversal_of: of.reversalOf,
  },
});

/** Rows of gl_period and gl_account. */
export function* renderPeriods(periods: readonly ledger.LedgerPeriod[]): Iterable<WarehouseRow> {
  for (const of of periods)
    yield {
      table: 'gl_period',
      row: {
        ...{ entity: of.entity, ledger: 'PRIMARY', period: of.period, start: of.start },
        ...{ end: of.endExclusive, status: of.status, soft_closed_at: instant(of.softClosedAt) },
        ...{ closed_at: instant(of.closedAt), closed_by: of.closedBy },
        ...{ reopened_at: instant(of.reopenedAt), reopened_by: of.reopenedBy },
      },
    };
  for (const { entity, account, name, class: kind, controlType } of chartOfAccounts)
    yield {
      table: 'gl_account',
      row: { entity, account, name, class: kind, control_type: controlType },
    };
}

/** Rows of bank_txn. */
export function* renderBank(lines: readonly BankLine[]): Iterable<WarehouseRow> {
  for (const of of lines)
    yield {
      table: 'bank_txn',
      row: {
        ...{ bank_account: of.bankAccount, txn_id: of.txnId, value_date: of.valueOn },
        ...{ booking_date: of.bookedOn, amount: majorText(of.amount, of.currency) },
        ...{ currency: of.currency, reference: of.reference, counterparty: of.counterparty },
        statement_id: of.statementId,
      },
    };
}
