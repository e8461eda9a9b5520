import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../session/me';
import classes from './frame.module.css';

/** The screens, in the order in which a close is worked. */
export function Navigation({ onChosen }: { onChosen: () => void }): ReactNode {
  const may = useMay();
  const link = (to: string, name: string): ReactNode => (
    <li key={to}>
      <Link
        to={to}
        className={classes.link}
        activeOptions={{ exact: to === '/', includeSearch: false }}
        onClick={onChosen}
      >
        {name}
      </Link>
    </li>
  );
  return (
    <nav aria-label="Screens">
      <Link to="/" className={classes.brand} onClick={onChosen}>
        <Mark /> Tieout
      </Link>
      <ul className={classes.links}>
        {link('/', 'Overview')}
        {link('/exceptions', 'Exceptions')}
        {link('/reconciling-items', 'Reconciling items')}
        {link('/periods', 'Periods')}
        {link('/controls', 'Controls')}
        {link('/runs', 'Runs')}
        {link('/sources', 'Sources')}
      </ul>
      {may('audit.read') || may('people.read') ? (
        <>
          <div className={classes.group}>Oversight</div>
          <ul className={classes.links}>
            {may('audit.read') ? link('/audit', 'Audit trail') : null}
            {link('/people', 'People and access')}
          </ul>
        </>
      ) : null}
    </nav>
  );
}

function Mark(): ReactNode {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="#1f4e5f" />
      <path d="M8 11h16M8 21h16" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M16 7v18" stroke="#7fd1c1" strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}
