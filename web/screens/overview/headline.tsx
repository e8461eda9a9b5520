import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview } from '../../api/types';
import { formatCount } from '../../format/amount';
import { sumOf } from '../../format/exact';
import { counted } from '../../format/words';
import { Amount } from '../../parts/amount';
import { withoutVerdict } from './not-run-sheet';
import classes from './overview.module.css';

/** Four figures: how many controls hold, what is open, what is at risk, what has no verdict. */
export function Headline({ overview }: { overview: Overview }): ReactNode {
  const ran = overview.controls.filter(({ newest }) => newest !== null);
  const passed = ran.filter(({ newest }) => newest?.outcome === 'passed');
  const open = sumOf(overview.open.map(({ exceptions }) => exceptions));
  const grave = sumOf(
    overview.open
      .filter(({ severity }) => severity === 'critical' || severity === 'high')
      .map(({ exceptions }) => exceptions),
  );
  return (
    <dl className={classes.headline}>
      <div>
        <dt>Controls that hold</dt>
        <dd>
          {passed.length} <span className="soft">of {overview.controls.length}</span>
        </dd>
        <dd className={classes.under}>each control for each entity</dd>
      </div>
      <div>
        <dt>Open exceptions</dt>
        <dd>
          <Link to="/exceptions" search={{ state: 'open' }}>
            {formatCount(open)}
          </Link>
        </dd>
        <dd className={classes.under}>{formatCount(grave)} high or critical</dd>
      </div>
      <div className={classes.risk}>
        <dt>At risk</dt>
        {riskByCurrency(overview).map(([currency, impact]) => (
          <dd key={currency}>
            <Amount value={impact} currency={currency} named />
          </dd>
        ))}
        {overview.open.length === 0 ? <dd>Nothing</dd> : null}
      </div>
      <div>
        <dt>Without a verdict</dt>
        <dd>{withoutVerdict(overview).length + overview.due_total}</dd>
        <dd className={classes.under}>{counted(overview.due_total, 'period')} due</dd>
      </div>
    </dl>
  );
}

function riskByCurrency({ open }: Overview): [currency: string, impact: string][] {
  const currencies = [...new Set(open.flatMap(({ currency }) => currency ?? []))].sort();
  return currencies.map((currency) => [
    currency,
    sumOf(open.filter((group) => group.currency === currency).map(({ impact }) => impact)),
  ]);
}
