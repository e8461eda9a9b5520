import { useState, type ReactNode } from 'react';
import { Area, AreaChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { RiskPoint } from '../../api/types';
import { formatAmount, formatCount, formatShort, formatSum } from '../../format/amount';
import { formatDay, formatDayShort } from '../../format/dates';
import { bySizeDescending, isZero } from '../../format/exact';
import { counted } from '../../format/words';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { useMe } from '../../session/me';
import classes from './overview.module.css';
import { riskSeries, type PlotPoint, type RiskSeries } from './risk-series';

const chartHeight = 190;

/** Impact of what was open at the end of each day: one currency drawn, all of them beside it. */
export function RiskSheet({
  points,
  today,
}: {
  points: readonly RiskPoint[];
  today: string;
}): ReactNode {
  const me = useMe();
  const [chosen, setChosen] = useState<string | null>(null);
  const series = riskSeries(points, today).filter(({ largest }) => !isZero(largest));
  const own = mostOpen(
    series.filter(({ currency }) => me?.entities.some((one) => one.currency === currency)),
  );
  const drawn = series.find(({ currency }) => currency === chosen) ?? own ?? series[0];
  return (
    <Sheet id="at-risk" title="Money at risk over time" note="Choose a currency to draw it">
      {drawn === undefined ? (
        <Empty title="Nothing was at risk" />
      ) : (
        <div className={classes.riskParts}>
          <RiskChart series={drawn} />
          <ul className={classes.currencies}>
            {series.map((one) => (
              <CurrencyRow
                key={one.currency}
                series={one}
                isDrawn={one === drawn}
                onDraw={() => setChosen(one.currency)}
              />
            ))}
          </ul>
        </div>
      )}
    </Sheet>
  );
}

const mostOpen = (series: readonly RiskSeries[]): RiskSeries | undefined =>
  [...series].sort((a, b) => bySizeDescending(a.exceptions, b.exceptions))[0];

function CurrencyRow({
  series: { currency, impact, exceptions },
  isDrawn,
  onDraw,
}: {
  series: RiskSeries;
  isDrawn: boolean;
  onDraw: () => void;
}): ReactNode {
  return (
    <li>
      <button type="button" aria-pressed={isDrawn} onClick={onDraw} title={`${impact} ${currency}`}>
        <span>{currency}</span>
        <span className="soft small">{formatCount(exceptions)}</span>
        <span className="amount">{formatSum(impact, currency)}</span>
      </button>
    </li>
  );
}

function RiskChart({ series }: { series: RiskSeries }): ReactNode {
  const { currency, points, impact, largest } = series;
  const first = points[0]?.on ?? '';
  const label = `${currency}: ${formatAmount(impact, currency)} at risk; since ${formatDay(first)}`;
  return (
    <div role="img" aria-label={label} className={classes.chart}>
      <ResponsiveContainer width="100%" height={chartHeight}>
        <AreaChart data={points} margin={{ top: 8, right: 14, bottom: 0, left: 0 }}>
          <XAxis
            dataKey="on"
            tickFormatter={(day: string) => formatDayShort(day)}
            interval="preserveStartEnd"
            minTickGap={60}
            tick={{ fontSize: 11, fill: 'var(--ink-soft)' }}
            stroke="var(--line)"
            tickLine={false}
          />
          <YAxis
            domain={[0, 1000]}
            ticks={[0, 1000]}
            width={64}
            tickFormatter={(height: number) => (height === 0 ? '0' : formatShort(largest))}
            tick={{ fontSize: 11, fill: 'var(--ink-soft)' }}
            stroke="var(--line)"
            tickLine={false}
          />
          <Tooltip content={<Tip currency={currency} />} isAnimationActive={false} />
          <Area
            type="stepAfter"
            dataKey="height"
            stroke="var(--accent)"
            strokeWidth={1.5}
            fill="var(--chosen)"
            isAnimationActive={false}
            dot={points.length < 4}
          />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
}

/** Recharts adds what the pointer is at. */
function Tip({
  currency,
  active = false,
  payload = [],
}: {
  currency: string;
  active?: boolean;
  payload?: readonly { payload?: PlotPoint }[];
}): ReactNode {
  const point = payload[0]?.payload;
  if (!active || point === undefined) return null;
  return (
    <div className={classes.tip}>
      <div className="soft">{formatDay(point.on)}</div>
      <strong>
        {formatAmount(point.impact, currency)} {currency}
      </strong>
      <div>{counted(point.exceptions, 'exception')}</div>
    </div>
  );
}
