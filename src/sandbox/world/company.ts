import type { CompanyBooks } from '../ledger/injections/plant-company';
import type { SalesforceOrg } from '../sales/injections/org-injections';
import type { CompanyInjection, Magnitude } from './injection';

/** What belongs to no customer, closed and not yet written: the org, the payouts, the ledger. */
export type Company = SalesforceOrg & CompanyBooks;

/** An anomaly of the company to plant. */
export interface CompanyOrder {
  injection: CompanyInjection<Company>;
  magnitude: Magnitude;
}
