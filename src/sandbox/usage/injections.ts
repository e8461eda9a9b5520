import type { Injection } from '../world/injection';
import { accessInjections } from './injections/access-injections';
import { meterInjections } from './injections/meter-injections';

/** Anomalies of what is used, how it is metered, and who has access (CONTROLS §5.3). */
export const usageInjections: readonly Injection[] = [...accessInjections, ...meterInjections];
