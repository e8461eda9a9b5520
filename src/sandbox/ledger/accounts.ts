import { entities } from '../truth/company';
import type { LedgerAccount } from '../truth/ledger';

type Row = readonly [
  account: string,
  name: string,
  kind: LedgerAccount['class'],
  controlType: LedgerAccount['controlType'],
];

/** Accounts that the postings name. */
export const accounts = {
  bank: '1010',
  cashInTransit: '1020',
  stripeClearing: '1050',
  outsidePayments: '1060',
  receivables: '1100',
  disputed: '1120',
  unbilled: '1150',
  allowance: '1190',
  contractLiability: '2100',
  prepaidCredit: '2110',
  customerCredit: '2200',
  unapplied: '2210',
  tax: '2300',
  refundLiability: '2400',
  refundsAndCredits: '4900',
  chargebacks: '4920',
  processorFees: '6100',
  bankCharges: '6120',
  creditLoss: '6200',
  withheldTax: '6300',
  exchange: '7910',
  suspense: '9999',
} as const;

const rows: readonly Row[] = [
  ['1010', 'Bank', 'asset', 'CASH'],
  ['1020', 'Cash in transit from Stripe', 'asset', 'CASH'],
  ['1050', 'Stripe balance', 'asset', 'CASH_CLEARING'],
  ['1060', 'Payments outside Stripe', 'asset', 'CASH'],
  ['1100', 'Accounts receivable', 'asset', 'AR'],
  ['1120', 'Disputed payments', 'asset', 'OTHER'],
  ['1150', 'Unbilled receivables', 'asset', 'UNBILLED'],
  ['1190', 'Allowance for credit losses', 'asset', 'BAD_DEBT'],
  ['2100', 'Contract liabilities', 'liability', 'DEFERRED'],
  ['2110', 'Contract liabilities: prepaid credit', 'liability', 'DEFERRED'],
  ['2200', 'Customer credit balances', 'liability', 'CUST_CREDIT'],
  ['2210', 'Unapplied cash', 'liability', 'REFUND_LIAB'],
  ['2300', 'Sales tax and VAT payable', 'liability', 'TAX'],
  ['2400', 'Refund liabilities', 'liability', 'REFUND_LIAB'],
  ['4010', 'Revenue: Plus', 'revenue', 'REVENUE'],
  ['4020', 'Revenue: Team', 'revenue', 'REVENUE'],
  ['4030', 'Revenue: Enterprise', 'revenue', 'REVENUE'],
  ['4040', 'Revenue: API usage', 'revenue', 'REVENUE'],
  ['4050', 'Revenue: services', 'revenue', 'REVENUE'],
  ['4090', 'Revenue: not mapped', 'revenue', 'REVENUE'],
  ['4900', 'Refunds, credits and voids', 'contra_revenue', 'CONTRA'],
  ['4920', 'Lost disputes', 'contra_revenue', 'CONTRA'],
  ['6100', 'Payment processing fees', 'expense', 'FEES'],
  ['6120', 'Bank charges', 'expense', 'OTHER'],
  ['6200', 'Credit losses', 'expense', 'BAD_DEBT'],
  ['6300', 'Withholding tax not creditable', 'expense', 'OTHER'],
  ['7910', 'Exchange gains and losses', 'expense', 'FX'],
  ['9999', 'Suspense', 'asset', 'SUSPENSE'],
];

/** The chart of accounts: the same numbers in both entities. */
export const chartOfAccounts: readonly LedgerAccount[] = Object.values(entities).flatMap(({ id }) =>
  rows.map(([account, name, kind, controlType]) => ({
    ...{ entity: id, account, name, class: kind, controlType },
  })),
);

const controlTypes = new Map(rows.map(([account, , , type]) => [account, type]));

/** What an account is for; an account outside the chart throws RangeError. */
export function controlTypeOf(account: string): LedgerAccount['controlType'] {
  const type = controlTypes.get(account);
  if (type === undefined) throw new RangeError(`account ${account} is not in the chart`);
  return type;
}

/** Monetary accounts of the balance sheet: remeasured at closing rates. Contract liabilities are
 * not: they are settled in service (GL06-DEFERRED_REMEASURED). */
export const isMonetary = (account: string): boolean =>
  account < '3000' && !['2100', '2110', '1150', '1190'].includes(account);
