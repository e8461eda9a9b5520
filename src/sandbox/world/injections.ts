import { billingInjections } from '../billing/injections';
import { salesInjections } from '../sales/injections';
import { orgInjections } from '../sales/injections/org-injections';
import type { Company } from './company';
import type { CompanyInjection, Injection } from './injection';

const byId = (a: { id: string }, b: { id: string }): number =>
  a.id.length - b.id.length || (a.id < b.id ? -1 : 1);

/** Anomalies that befall one customer, by number (CONTROLS §5.3). */
export const customerInjections: readonly Injection[] = [
  ...salesInjections,
  ...billingInjections,
].sort(byId);

/** Anomalies of no one customer, by number. */
export const companyInjections: readonly CompanyInjection<Company>[] = [...orgInjections].sort(
  byId,
);

/** Every anomaly that can be planted. */
export const injectionIds: readonly string[] = [...customerInjections, ...companyInjections]
  .sort(byId)
  .map(({ id }) => id);
