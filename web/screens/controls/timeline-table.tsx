import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api/types';
import { formatCount } from '../../format/amount';
import { formatPeriod } from '../../format/dates';
import { outcomeWord } from '../../format/words';
import { useEntityName } from '../../session/me';
import classes from '../overview/overview.module.css';
import { timelineOf } from './timeline';

/** Period after period: how the control did at each entity. Each cell opens its run. */
export function TimelineTable({ runs }: { runs: readonly Run[] }): ReactNode {
  const entityName = useEntityName();
  const { periods, rows } = timelineOf(runs);
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">Entity</th>
          {periods.map((key) => (
            <th key={key} scope="col">
              {formatPeriod(key)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ entity, cells }) => (
          <tr key={entity}>
            <th scope="row" className="row">
              {entityName(entity)}
            </th>
            {periods.map((key) => (
              <td key={key}>
                <Cell run={cells.get(key)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ run }: { run: Run | undefined }): ReactNode {
  if (run === undefined) return <span className="soft">not run</span>;
  const { word, tone } = outcomeWord(run.outcome);
  return (
    <Link
      to="/runs/$id"
      params={{ id: run.run_id }}
      className={`${classes.cell} ${classes[tone]}`}
      title={run.outcome_reason ?? word}
    >
      {run.outcome === 'exceptions' ? formatCount(run.findings) : word}
      {run.outcome === 'exceptions' ? <span className="unseen"> exceptions</span> : null}
      {run.seq > 1 ? <span className="small"> run {run.seq}</span> : null}
    </Link>
  );
}
