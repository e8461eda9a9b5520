import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview } from '../../api/types';
import { formatCount, formatSum } from '../../format/amount';
import { isZero, sumOf } from '../../format/exact';
import { counted } from '../../format/words';
import { useMe } from '../../session/me';
import { withoutVerdict } from './not-run-sheet';
import classes from './overview.module.css';

const mostCurrencies = 2;

/** Four figures, each leading to what it counts. */
export function Headline({
  overview,
  entity,
}: {
  overview: Overview;
  entity: string | undefined;
}): ReactNode {
  const passed = overview.controls.filter(({ newest }) => newest?.outcome === 'passed');
  const open = sumOf(overview.open.map(({ exceptions }) => exceptions));
  const grave = sumOf(
    overview.open
      .filter(({ severity }) => severity === 'critical' || severity === 'high')
      .map(({ exceptions }) => exceptions),
  );
  const of = entity === undefined ? {} : { entity };
  return (
    <dl className={classes.headline}>
      <div>
        <dt>Controls that hold</dt>
        <dd>
          <Link to="/controls" search={of}>
            {passed.length}
          </Link>{' '}
          <span className="soft">of {overview.controls.length}</span>
        </dd>
        <dd className={classes.under}>each control for each entity</dd>
      </div>
      <div>
        <dt>Open exceptions</dt>
        <dd>
          <Link to="/exceptions" search={{ ...of, state: 'open' }}>
            {formatCount(open)}
          </Link>
        </dd>
        <dd className={classes.under}>
          <Link to="/exceptions" search={{ ...of, state: 'open', severity: 'critical,high' }}>
            {formatCount(grave)} high or critical
          </Link>
        </dd>
      </div>
      <AtRisk overview={overview} />
      <div>
        <dt>Without a verdict</dt>
        <dd>
          <a href="#did-not-run">{withoutVerdict(overview).length + overview.due_total}</a>
        </dd>
        <dd className={classes.under}>
          {overview.scheduled_since === null
            ? 'no schedule is set'
            : `${counted(overview.due_total, 'period')} due`}
        </dd>
      </div>
    </dl>
  );
}

/** The currencies that entities report in come first; a sum across currencies means nothing. */
function AtRisk({ overview }: { overview: Overview }): ReactNode {
  const me = useMe();
  const own = new Set(me?.entities.map(({ currency }) => currency));
  const all = riskByCurrency(overview).sort(
    ([a], [b]) => Number(own.has(b)) - Number(own.has(a)) || (a < b ? -1 : 1),
  );
  const others = all.length - mostCurrencies;
  return (
    <div className={classes.risk}>
      <dt>At risk</dt>
      {all.slice(0, mostCurrencies).map(([currency, impact]) => (
        <dd key={currency} title={`${impact} ${currency}`}>
          <span className="amount">{formatSum(impact, currency)}</span>{' '}
          <span className="soft small">{currency}</span>
        </dd>
      ))}
      {all.length === 0 ? <dd>Nothing</dd> : null}
      {others > 0 ? (
        <dd className={classes.under}>
          <a href="#at-risk">and {counted(others, 'other currency', 'other currencies')}</a>
        </dd>
      ) : null}
    </div>
  );
}

/** Currencies in which something is at risk, with how much. */
function riskByCurrency({ open }: Overview): [currency: string, impact: string][] {
  const currencies = [...new Set(open.flatMap(({ currency }) => currency ?? []))].sort();
  return currencies
    .map((currency): [string, string] => [
      currency,
      sumOf(open.filter((group) => group.currency === currency).map(({ impact }) => impact)),
    ])
    .filter(([, impact]) => !isZero(impact));
}
