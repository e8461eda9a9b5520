import type { ReactNode } from 'react';
import { Area, AreaChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { RiskPoint } from '../../api/types';
import { formatAmount } from '../../format/amount';
import { formatDay } from '../../format/dates';
import { counted } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import classes from './overview.module.css';
import { riskSeries, type PlotPoint, type RiskSeries } from './risk-series';

const chartHeight = 96;

/** Impact of what was open at the end of each day, each currency on a scale of its own. */
export function RiskSheet({
  points,
  today,
}: {
  points: readonly RiskPoint[];
  today: string;
}): ReactNode {
  const series = riskSeries(points, today);
  return (
    <Sheet title="Money at risk over time" note="Each currency on its own scale">
      {series.length === 0 ? (
        <Empty title="Nothing was at risk" />
      ) : (
        <div className={classes.charts}>
          {series.map((one) => (
            <RiskChart key={one.currency} series={one} />
          ))}
        </div>
      )}
    </Sheet>
  );
}

function RiskChart({ series }: { series: RiskSeries }): ReactNode {
  const { currency, points, impact } = series;
  const first = points[0]?.on ?? '';
  const label = `${currency}: ${formatAmount(impact, currency)} at risk; since ${formatDay(first)}`;
  return (
    <figure className={classes.chart} style={{ margin: 0 }}>
      <h3>
        {currency} <Amount value={impact} currency={currency} />
      </h3>
      <div role="img" aria-label={label}>
        <ResponsiveContainer width="100%" height={chartHeight}>
          <AreaChart data={points} margin={{ top: 4, right: 0, bottom: 0, left: 0 }}>
            <XAxis
              dataKey="on"
              tickFormatter={(day: string) => formatDay(day)}
              interval="preserveStartEnd"
              minTickGap={80}
              tick={{ fontSize: 11, fill: 'var(--ink-soft)' }}
              stroke="var(--line)"
              tickLine={false}
            />
            <YAxis hide domain={[0, 1000]} />
            <Tooltip content={<Tip currency={currency} />} isAnimationActive={false} />
            <Area
              type="stepAfter"
              dataKey="height"
              stroke="var(--accent)"
              strokeWidth={1.5}
              fill="var(--chosen)"
              isAnimationActive={false}
              dot={points.length < 3}
            />
          </AreaChart>
        </ResponsiveContainer>
      </div>
    </figure>
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
