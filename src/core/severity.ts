import { absoluteAmount, compareAmounts } from './money';
import type { Severity } from './outcome';

/** Smallest impact per item, in major units, that is high, or medium; by currency. */
export type Materiality = Readonly<Record<string, { high: string; medium: string }>>;

/**
 * Severity of one finding (CONTROLS §0.3): its own where the control fixes one, otherwise by its
 * impact. An amount in a currency without thresholds is high: it cannot be shown to be small.
 */
export function severityOf(
  fixed: Severity | undefined,
  impact: string | null,
  currency: string | null,
  materiality: Materiality,
): Severity {
  if (fixed) return fixed;
  if (impact === null || currency === null) return 'medium';
  const threshold = materiality[currency];
  if (!threshold) return 'high';
  const size = absoluteAmount(impact);
  if (compareAmounts(size, threshold.high) >= 0) return 'high';
  return compareAmounts(size, threshold.medium) >= 0 ? 'medium' : 'low';
}
