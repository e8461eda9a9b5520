import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { closeQuery, periodsQuery } from '../../api/queries';
import type { Close } from '../../api/types';
import { formatPeriod } from '../../format/dates';
import { Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { useMay, useMe } from '../../session/me';
import { newestEnded } from '../periods/sign-off';
import classes from './overview.module.css';

/** More entities than this are worked in the list of periods. */
const mostEntities = 8;

/** The newest month of each entity: how far it is from being signed. */
export function CloseGlance({
  entity,
  today,
}: {
  entity: string | undefined;
  today: string;
}): ReactNode {
  const me = useMe();
  const may = useMay();
  const entities = (me?.entities ?? [])
    .filter(({ id }) => (entity === undefined || id === entity) && may('signoff.read', id))
    .slice(0, mostEntities);
  if (entities.length === 0) return null;
  return (
    <Sheet title="The close" note="Newest month of each entity that has ended" flush>
      <table className="grid">
        <TableHead
          columns={[
            'Entity and month',
            { right: 'Verdicts' },
            { right: 'Not run' },
            { right: 'Unsettled' },
            { right: 'Prepared' },
            { right: 'Reviewed' },
            { unseen: 'Progress' },
          ]}
        />
        <tbody>
          {entities.map(({ id, name }) => (
            <EntityRow key={id} entity={id} name={name} today={today} />
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function EntityRow({
  entity,
  name,
  today,
}: {
  entity: string;
  name: string;
  today: string;
}): ReactNode {
  const periods = useQuery(periodsQuery(entity)).data?.periods;
  const month = periods === undefined ? null : newestEnded(periods, today);
  const close = useQuery({ ...closeQuery(entity, month ?? ''), enabled: month !== null }).data;
  return (
    <tr>
      <th scope="row" className="row">
        {month === null ? (
          name
        ) : (
          <Link to="/periods" search={{ entity, period: month }}>
            {name}
          </Link>
        )}
        <div className="soft small">
          {month !== null
            ? formatPeriod(month)
            : periods === undefined
              ? ''
              : 'Nothing was run yet'}
        </div>
      </th>
      {close === undefined ? (
        <td colSpan={6} className="soft right">
          {month === null ? null : '…'}
        </td>
      ) : (
        <Counts close={close} />
      )}
    </tr>
  );
}

function Counts({ close: { counts, entity, period } }: { close: Close }): ReactNode {
  const { expected } = counts;
  return (
    <>
      <td className="right nowrap">
        {counts.with_verdict} of {expected}
      </td>
      <td className="right">
        {counts.not_run + counts.without_verdict === 0 ? (
          <span className="soft">–</span>
        ) : (
          <Link to="/periods" search={{ entity, period: period.key }} className="negative">
            {counts.not_run + counts.without_verdict}
          </Link>
        )}
      </td>
      <td className="right">
        {counts.unsettled === 0 ? (
          <span className="soft">–</span>
        ) : (
          <Link
            to="/exceptions"
            search={{ entity, period: period.key, state: 'open,acknowledged,proposed' }}
          >
            {counts.unsettled}
          </Link>
        )}
      </td>
      <td className="right">{counts.prepared + counts.reviewed}</td>
      <td className="right">{counts.reviewed}</td>
      <td className={classes.progressCell}>
        <Progress prepared={counts.prepared} reviewed={counts.reviewed} of={expected} />
      </td>
    </>
  );
}

function Progress({
  prepared,
  reviewed,
  of,
}: {
  prepared: number;
  reviewed: number;
  of: number;
}): ReactNode {
  const share = (count: number): string => `${of === 0 ? 0 : (count / of) * 100}%`;
  return (
    <div className={classes.progress} aria-hidden>
      <span className={classes.reviewed} style={{ width: share(reviewed) }} />
      <span className={classes.prepared} style={{ width: share(prepared) }} />
    </div>
  );
}
