import type { RiskPoint } from '../../api/types';
import { plotHeights } from '../../format/exact';

export interface PlotPoint {
  on: string;
  impact: string;
  exceptions: string;
  /** Thousandths of the currency's own largest value. */
  height: number;
}

export interface RiskSeries {
  currency: string;
  points: PlotPoint[];
  /** As it stands today. */
  impact: string;
}

/** One line per currency, which are never drawn against each other, up to today. */
export function riskSeries(points: readonly RiskPoint[], today: string): RiskSeries[] {
  const currencies = [...new Set(points.map(({ currency }) => currency))];
  return currencies.map((currency) => {
    const own = points.filter((point) => point.currency === currency);
    const last = own.at(-1);
    const upToToday =
      last === undefined || last.on >= today ? own : [...own, { ...last, on: today }];
    const heights = plotHeights(upToToday.map(({ impact }) => impact));
    return {
      currency,
      points: upToToday.map(({ on, impact, exceptions }, index) => ({
        on,
        impact,
        exceptions,
        height: heights[index] ?? 0,
      })),
      impact: last?.impact ?? '0',
    };
  });
}
