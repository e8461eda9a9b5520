import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ExceptionDetail, ExceptionEvent } from '../../api/types';
import { formatInstant } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Sheet } from '../../parts/sheet';
import classes from './exception.module.css';
import { SayForm } from './say-form';

const kinds: Record<string, string> = {
  opened: 'Found',
  seen: 'Found again, unchanged',
  changed: 'Found again, changed',
  reopened: 'Came back',
  cleared: 'Gone: the run evaluated the whole population without it',
  escalated: 'Escalated',
  lapsed: 'Open again: the day until which its risk was accepted is over',
  acknowledged: 'Acknowledged',
  proposed: 'Disposition proposed',
  withdrawn: 'Proposal withdrawn',
  sent_back: 'Sent back',
  closed: 'Approved and closed',
  recalled: 'Reopened',
  reconciled: 'Settled by a reconciling item',
  commented: 'Comment',
  attached: 'File kept',
  assigned: 'Assigned',
};

/** Everything that happened to it, newest first; nothing is ever taken away. */
export function HistorySheet({ exception }: { exception: ExceptionDetail }): ReactNode {
  return (
    <Sheet title="History" note={counted(exception.events_total, 'entry', 'entries')}>
      <SayForm exception={exception} />
      <ol className={classes.history}>
        {exception.events.map((event) => (
          <Entry key={event.event_id} event={event} exception={exception} />
        ))}
      </ol>
    </Sheet>
  );
}

function Entry({
  event,
  exception,
}: {
  event: ExceptionEvent;
  exception: ExceptionDetail;
}): ReactNode {
  return (
    <li>
      <strong>{kinds[event.kind] ?? spelled(event.kind)}</strong>{' '}
      <span className="soft">
        {event.person === null ? '' : `${event.person.name}, `}
        {formatInstant(event.at)}
        {event.run_id === null ? null : (
          <>
            ,{' '}
            <Link to="/runs/$id" params={{ id: event.run_id }}>
              run
            </Link>
          </>
        )}
        {event.clean_days === null ? '' : `, after ${counted(event.clean_days, 'clean day')}`}
      </span>
      {event.reason === null ? null : <div className="prose">{event.reason}</div>}
      <Details event={event} exception={exception} />
      {event.impact === null ? null : (
        <div>
          Impact <Amount value={event.impact} currency={exception.currency} named />
        </div>
      )}
    </li>
  );
}

function Details({
  event,
  exception,
}: {
  event: ExceptionEvent;
  exception: ExceptionDetail;
}): ReactNode {
  const details = event.details ?? {};
  const text = (name: string): string | null =>
    typeof details[name] === 'string' ? details[name] : null;
  if (event.kind === 'attached')
    return (
      <a
        href={`/api/v1/exceptions/${exception.exception_id}/attachments/${text('sha256') ?? ''}`}
        download
      >
        {text('name') ?? 'file'}
      </a>
    );
  if (event.kind === 'proposed')
    return (
      <div className="soft">
        {[text('disposition'), text('root_cause')]
          .filter((one) => one !== null)
          .map(spelled)
          .join(', ')}
      </div>
    );
  const assignee = text('assignee_name') ?? text('name');
  return event.kind === 'assigned' && assignee !== null ? (
    <div className="soft">to {assignee}</div>
  ) : null;
}
