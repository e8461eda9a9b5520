import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ControlHealth, Overview } from '../../api/types';
import { formatDay, formatPeriod } from '../../format/dates';
import { counted } from '../../format/words';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { OutcomeTag, Tag } from '../../parts/tag';
import { useEntityName } from '../../session/me';

export const withoutVerdict = ({ controls }: Overview): ControlHealth[] =>
  controls.filter(
    ({ newest }) =>
      newest === null || newest.outcome === 'not_evaluated' || newest.outcome === 'errored',
  );

/** Silence is never a pass: what is due, what never ran, and what ran without a verdict. */
export function NotRunSheet({ overview }: { overview: Overview }): ReactNode {
  const silent = withoutVerdict(overview);
  const count = silent.length + overview.due_total;
  const hidden = overview.due_total - overview.due.length;
  return (
    <Sheet
      id="did-not-run"
      title="Did not run"
      {...(count === 0 ? {} : { note: String(count) })}
      flush
    >
      {count === 0 ? (
        <NothingDue since={overview.scheduled_since} />
      ) : (
        <table className="grid">
          <thead className="unseen">
            <tr>
              <th scope="col">Control</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {overview.due.map((due) => (
              <DueRow key={`${due.control_id} ${due.entity_id} ${due.period_key}`} due={due} />
            ))}
            {silent.map((health) => (
              <SilentRow key={`${health.control_id} ${health.entity_id}`} health={health} />
            ))}
          </tbody>
        </table>
      )}
      {hidden > 0 ? (
        <div className="stated soft">and {counted(hidden, 'further period')}</div>
      ) : null}
    </Sheet>
  );
}

/** Where no schedule is set, nothing is ever due: that must not look like a month that was run. */
function NothingDue({ since }: { since: string | null }): ReactNode {
  if (since === null)
    return (
      <Empty title="No schedule is set">
        Every control has a verdict for the newest period it was asked for, and nothing asks for the
        others: controls.schedule.since of tieout.yaml says from when the calendar does.
      </Empty>
    );
  return (
    <Empty title="Nothing is due">
      Since {formatDay(since)} every period that the calendar asked for has a verdict.
    </Empty>
  );
}

function DueRow({ due }: { due: Overview['due'][number] }): ReactNode {
  const entityName = useEntityName();
  return (
    <tr>
      <th scope="row" className="row">
        {due.control_id}, {entityName(due.entity_id)}
        <div className="soft small">{formatPeriod(due.period_key)}</div>
      </th>
      <td className="right">
        <Tag tone="warn">Due</Tag>
      </td>
    </tr>
  );
}

function SilentRow({ health }: { health: ControlHealth }): ReactNode {
  const entityName = useEntityName();
  const { newest } = health;
  const name = `${health.control_id}, ${entityName(health.entity_id)}`;
  return (
    <tr>
      <th scope="row" className="row">
        {newest === null ? (
          name
        ) : (
          <Link to="/runs/$id" params={{ id: newest.run_id }}>
            {name}
          </Link>
        )}
        <div className="soft small">{newest?.outcome_reason ?? 'No period was ever run.'}</div>
      </th>
      <td className="right">
        {newest === null ? (
          <Tag tone="mute">Never run</Tag>
        ) : (
          <OutcomeTag outcome={newest.outcome} />
        )}
      </td>
    </tr>
  );
}
