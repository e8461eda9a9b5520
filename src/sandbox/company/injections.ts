import type { Injection } from '../world/injection';
import { cutoverInjections } from './injections/cutover-injections';
import { priceInjections } from './injections/price-injections';
import { setupInjections } from './injections/setup-injections';

/** Anomalies of what self-serve, team and API customers are set up with (CONTROLS §5.3). */
export const companyInjections: readonly Injection[] = [
  ...priceInjections,
  ...setupInjections,
  ...cutoverInjections,
];
