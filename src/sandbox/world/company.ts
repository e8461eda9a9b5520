import type { PaidOut } from '../cash/pay-out';
import type { CompanyLedger } from '../ledger/company-ledger';
import type { SalesforceOrg } from '../sales/injections/org-injections';
import type { CompanyInjection, Magnitude } from './injection';

/** What belongs to no customer, before it is written: the org, the payouts, the ledger. */
export interface Company extends SalesforceOrg {
  paidOut: PaidOut;
  ledger: CompanyLedger;
}

/** An anomaly of the company to plant. */
export interface CompanyOrder {
  injection: CompanyInjection<Company>;
  magnitude: Magnitude;
}
