import { billingInjections } from '../billing/injections';
import { companyInjections as planInjections } from '../company/injections';
import { ledgerCompanyInjections, ledgerInjections } from '../ledger/injections';
import { orgInjections } from '../sales/injections/org-injections';
import { salesInjections } from '../sales/injections';
import { usageInjections } from '../usage/injections';
import type { Company } from './company';
import type { CompanyInjection, Injection } from './injection';

const byId = (a: { id: string }, b: { id: string }): number =>
  a.id.localeCompare(b.id, 'en', { numeric: true });

/** Anomalies that befall one customer, by number (CONTROLS §5.3). */
export const customerInjections: readonly Injection[] = [
  ...salesInjections,
  ...planInjections,
  ...usageInjections,
  ...billingInjections,
  ...ledgerInjections,
].sort(byId);

/** Anomalies of no one customer, by number. */
export const companyInjections: readonly CompanyInjection<Company>[] = [
  ...orgInjections,
  ...ledgerCompanyInjections,
].sort(byId);

/** Every anomaly that can be planted. */
export const injectionIds: readonly string[] = [...customerInjections, ...companyInjections]
  .sort(byId)
  .map(({ id }) => id);
