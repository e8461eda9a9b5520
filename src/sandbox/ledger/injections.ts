import type { CompanyInjection, Injection } from '../world/injection';
import { companyInjections, type CompanyBooks } from './injections/plant-company';
import { postingInjections } from './injections/plant-postings';
import { reversalInjections } from './injections/plant-reversals';
import { scheduleInjections } from './injections/plant-schedules';

/**
 * Anomalies of cash and ledger in one customer. Of the catalogue's, A71 (a wrong ageing bucket),
 * A110 and A111 (a migration) have no place here: the company reports no ageing, and moved over
 * from no other system; CONTROLS §1.5 names no dataset for either.
 */
export const ledgerInjections: readonly Injection[] = [
  ...scheduleInjections,
  ...reversalInjections,
  ...postingInjections,
];

/** Anomalies of the company's own ledger, its periods, payouts and bank. */
export const ledgerCompanyInjections: readonly CompanyInjection<CompanyBooks>[] = companyInjections;
