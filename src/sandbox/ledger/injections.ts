import type { CompanyInjection, Injection } from '../world/injection';
import { companyInjections, type CompanyBooks } from './injections/plant-company';
import { postingInjections } from './injections/plant-postings';
import { reversalInjections } from './injections/plant-reversals';
import { scheduleInjections } from './injections/plant-schedules';

/** Anomalies of cash and ledger in one customer. */
export const ledgerInjections: readonly Injection[] = [
  ...scheduleInjections,
  ...reversalInjections,
  ...postingInjections,
];

/** Anomalies of the company's own ledger, its periods, payouts and bank. */
export const ledgerCompanyInjections: readonly CompanyInjection<CompanyBooks>[] = companyInjections;
