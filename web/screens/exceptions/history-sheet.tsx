import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ExceptionDetail, ExceptionEvent } from '../../api/types';
import { formatInstant } from '../../format/dates';
import { counted } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Sheet } from '../../parts/sheet';
import classes from './exception.module.css';

const kinds: Record<string, string> = {
  opened: 'Found',
  seen: 'Found again, unchanged',
  changed: 'Found again, changed',
  reopened: 'Came back',
  cleared: 'Gone: the run evaluated the whole population without it',
};

/** Everything that happened to it, newest first; nothing is ever taken away. */
export function HistorySheet({ exception }: { exception: ExceptionDetail }): ReactNode {
  return (
    <Sheet title="History" note={counted(exception.events_total, 'entry', 'entries')}>
      <ol className={classes.history}>
        {exception.events.map((event) => (
          <Entry key={event.event_id} event={event} currency={exception.currency} />
        ))}
      </ol>
    </Sheet>
  );
}

function Entry({ event, currency }: { event: ExceptionEvent; currency: string | null }): ReactNode {
  return (
    <li>
      <strong>{kinds[event.kind] ?? event.kind}</strong>{' '}
      <span className="soft">
        {formatInstant(event.at)},{' '}
        <Link to="/runs/$id" params={{ id: event.run_id }}>
          run
        </Link>
        {event.clean_days === null ? '' : `, after ${counted(event.clean_days, 'clean day')}`}
      </span>
      {event.impact === null ? null : (
        <div>
          Impact <Amount value={event.impact} currency={currency} named />
        </div>
      )}
    </li>
  );
}
