import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { auditQuery } from '../../api/queries';
import type { AuditEvent } from '../../api/types';
import { formatInstant, formatPeriod } from '../../format/dates';
import { spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { useEntityName, useMe } from '../../session/me';

const areas = [
  ['exceptions', 'Exceptions'],
  ['signoff', 'Sign-off'],
  ['reconciling_items', 'Reconciling items'],
  ['controls', 'Controls'],
  ['people', 'People'],
  ['roles', 'Roles'],
  ['tokens', 'Tokens'],
] as const;

/** Who changed what, when and why; each entry is a leaf of the evidence log. */
export function AuditScreen(): ReactNode {
  const filters = useSearch({ from: '/screens/audit' });
  const query = useInfiniteQuery(auditQuery(filters));
  return (
    <div className="screen">
      <ScreenHead
        title="Audit trail"
        below="Every governed change, as it was made. Nothing here can be edited or removed."
        actions={
          <>
            <a className="button" href="/api/v1/audit/export?format=csv" download>
              CSV
            </a>
            <a className="button" href="/api/v1/audit/export?format=xlsx" download>
              Excel
            </a>
          </>
        }
      />
      <AuditFilterBar />
      <Sheet title="Newest first" flush>
        <Answer query={query} rows={10}>
          {({ pages }) => <Events events={pages.flatMap(({ items }) => items)} />}
        </Answer>
        {query.hasNextPage ? (
          <div className="stated">
            <Button
              size="xs"
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        ) : null}
      </Sheet>
    </div>
  );
}

function AuditFilterBar(): ReactNode {
  const filters = useSearch({ from: '/screens/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const me = useMe();
  const set = (part: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <div className="row-flow noprint">
      <Choice
        label="Area"
        value={filters.action}
        options={areas}
        onChange={(action) => set({ action })}
      />
      <Choice
        label="Entity"
        value={filters.entity}
        options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
        onChange={(entity) => set({ entity })}
      />
      {(['actor', 'subject'] as const)
        .filter((name) => filters[name] !== undefined)
        .map((name) => (
          <Button key={name} size="xs" variant="default" onClick={() => set({ [name]: undefined })}>
            {filters[name]} ×
          </Button>
        ))}
    </div>
  );
}

function Events({ events }: { events: readonly AuditEvent[] }): ReactNode {
  if (events.length === 0) return <Empty title="Nothing was changed that fits these filters" />;
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">Of what</th>
          <th scope="col">Why</th>
          <th scope="col" className="right">
            Log leaf
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <EventRow key={event.event_id} event={event} />
        ))}
      </tbody>
    </table>
  );
}

function EventRow({ event }: { event: AuditEvent }): ReactNode {
  const [area = '', ...rest] = event.action.split('.');
  return (
    <tr>
      <td className="nowrap">{formatInstant(event.at)}</td>
      <td>
        <Link to="/audit" search={{ actor: event.actor }}>
          {event.person?.name ?? event.actor}
        </Link>
        <div className="soft small">{event.via === 'session' ? 'in the page' : event.via}</div>
      </td>
      <td>
        {spelled(rest.join(' '))}
        <div className="soft small">{spelled(area)}</div>
      </td>
      <td>
        <Subject event={event} />
      </td>
      <td>
        {event.reason ?? ''}
        <FactList facts={event.facts} />
      </td>
      <td className="right">{event.leaf_no}</td>
    </tr>
  );
}

function Subject({ event }: { event: AuditEvent }): ReactNode {
  const entityName = useEntityName();
  const place = [
    event.control_id,
    event.entity_id === null ? null : entityName(event.entity_id),
    event.period_key === null ? null : formatPeriod(event.period_key),
  ].filter((part) => part !== null);
  return (
    <>
      {event.subject_kind === 'exception' ? (
        <Link to="/exceptions/$id" params={{ id: event.subject_id }}>
          Exception
        </Link>
      ) : (
        <span title={event.subject_id}>{spelled(event.subject_kind)}</span>
      )}
      <div className="soft small">{place.join(', ')}</div>
    </>
  );
}

function FactList({ facts }: { facts: Record<string, unknown> }): ReactNode {
  const shown = Object.entries(facts).filter(
    ([name, value]) => typeof value === 'string' && !name.endsWith('_id') && value.length < 80,
  );
  if (shown.length === 0) return null;
  return (
    <div className="soft small">
      {shown.map(([name, value]) => `${spelled(name)}: ${String(value)}`).join('; ')}
    </div>
  );
}
