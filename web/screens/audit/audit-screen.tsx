import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { auditQuery } from '../../api/queries';
import type { AuditEvent } from '../../api/types';
import { formatDay, formatInstant, formatPeriod } from '../../format/dates';
import { spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { useEntityName, useMe } from '../../session/me';
import { actionWord } from './action-words';

const areas = [
  ['exceptions', 'Exceptions'],
  ['signoff', 'Sign-off'],
  ['reconciling_items', 'Reconciling items'],
  ['controls', 'Controls'],
  ['people', 'People and roles'],
  ['sessions', 'Sessions'],
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
            <a className="button" href={exportAddress(filters, 'csv')} download>
              CSV
            </a>
            <a className="button" href={exportAddress(filters, 'xlsx')} download>
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

/** The same list as a file: it holds what the screen holds. */
const exportAddress = (filters: Record<string, string>, format: 'csv' | 'xlsx'): string =>
  `/api/v1/audit/export?${new URLSearchParams({ ...filters, format })}`;

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
      <TableHead columns={['When', 'Who', 'What', 'Of what', 'Why', { right: 'Log leaf' }]} />
      <tbody>
        {events.map((event) => (
          <EventRow key={event.event_id} event={event} />
        ))}
      </tbody>
    </table>
  );
}

const viaWords: Record<AuditEvent['via'], string> = {
  session: 'in the page',
  token: 'by a token',
  cli: 'on the command line',
  run: 'by a run',
  system: 'by itself',
};

function EventRow({ event }: { event: AuditEvent }): ReactNode {
  return (
    <tr>
      <td className="nowrap">{formatInstant(event.at)}</td>
      <td>
        <Link to="/audit" search={{ actor: event.actor }}>
          {event.person?.name ?? event.actor}
        </Link>
        <div className="soft small">{viaWords[event.via]}</div>
      </td>
      <td>{actionWord(event.action)}</td>
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

/** What an entry is about, by a name that people know where it has one. */
function nameOf({ subject_kind: kind, subject_id: id, facts }: AuditEvent): string {
  const known = [facts['email'], facts['label'], facts['name']].find(
    (one): one is string => typeof one === 'string',
  );
  if (known !== undefined) return known;
  return kind === 'control_version' ? `version ${id.slice(0, 12)}` : '';
}

function Subject({ event }: { event: AuditEvent }): ReactNode {
  const entityName = useEntityName();
  const place = [
    nameOf(event),
    event.control_id,
    event.entity_id === null ? null : entityName(event.entity_id),
    event.period_key === null ? null : formatPeriod(event.period_key),
  ].filter((part) => part !== null && part !== '');
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

const shownAsSubject = new Set(['email', 'label', 'name']);

/** Instants as the reader's locale writes them; words as people read them. */
function factText(value: string): string {
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return formatInstant(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return formatDay(value);
  return /^[a-z]+(_[a-z]+)+$/.test(value) ? spelled(value).toLowerCase() : value;
}

function FactList({ facts }: { facts: Record<string, unknown> }): ReactNode {
  const shown = Object.entries(facts).filter(
    ([name, value]) =>
      typeof value === 'string' &&
      !name.endsWith('_id') &&
      !shownAsSubject.has(name) &&
      value.length < 80,
  );
  if (shown.length === 0) return null;
  return (
    <div className="soft small">
      {shown.map(([name, value]) => `${spelled(name)}: ${factText(String(value))}`).join('; ')}
    </div>
  );
}
