import type { RiskPoint } from '../../api/types';
import { daysBefore } from '../../format/dates';
import { bySizeDescending, plotHeights } from '../../format/exact';

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
  exceptions: string;
  /** The largest that it ever was: the top of its scale. */
  largest: string;
}

const leadDays = 7;

/** Before the first exception nothing was known to be at risk: the line starts on the ground. */
function nothingBefore(first: RiskPoint | undefined): RiskPoint[] {
  if (first === undefined) return [];
  return [{ ...first, on: daysBefore(first.on, leadDays), impact: '0', exceptions: '0' }];
}

/** One line per currency, which are never drawn against each other, up to today. */
export function riskSeries(points: readonly RiskPoint[], today: string): RiskSeries[] {
  const currencies = [...new Set(points.map(({ currency }) => currency))];
  return currencies.map((currency) => {
    const own = points.filter((point) => point.currency === currency);
    const last = own.at(-1);
    const upToToday = [
      ...nothingBefore(own[0]),
      ...own,
      ...(last === undefined || last.on >= today ? [] : [{ ...last, on: today }]),
    ];
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
      exceptions: last?.exceptions ?? '0',
      largest: [...own.map(({ impact }) => impact)].sort(bySizeDescending)[0] ?? '0',
    };
  });
}
