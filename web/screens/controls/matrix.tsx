import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import type { ControlHealth, ControlSummary } from '../../api/types';
import { formatPeriod } from '../../format/dates';
import { spelled } from '../../format/words';
import { OutcomeTag, Tag } from '../../parts/tag';
import { useEntityName } from '../../session/me';
import { assertions } from './assertions';
import classes from './controls.module.css';

export interface MatrixParts {
  controls: readonly ControlSummary[];
  health: readonly ControlHealth[];
}

/** Which control covers which assertion, process by process, and how its newest runs ended. */
export function Matrix({ controls, health }: MatrixParts): ReactNode {
  const processes = [...new Set(controls.map(({ process }) => process))];
  const covered = assertions.filter((assertion) =>
    controls.some((control) => control.assertions.includes(assertion)),
  );
  return (
    <table className={`grid ${classes.matrix}`}>
      <thead>
        <tr>
          <th scope="col">Control</th>
          <th scope="col">Objective</th>
          {covered.map((assertion) => (
            <th key={assertion} scope="col" className={classes.assertion}>
              {spelled(assertion)}
            </th>
          ))}
          <th scope="col">Newest runs</th>
          <th scope="col">Frequency</th>
          <th scope="col">Owner, reviewer</th>
        </tr>
      </thead>
      <tbody>
        {processes.map((process) => (
          <Fragment key={process}>
            <tr className={classes.process}>
              <th scope="rowgroup" colSpan={covered.length + 5}>
                {spelled(process)}
              </th>
            </tr>
            {controls
              .filter((control) => control.process === process)
              .map((control) => (
                <MatrixRow
                  key={control.id}
                  control={control}
                  covered={covered}
                  health={health.filter(({ control_id: id }) => id === control.id)}
                />
              ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function MatrixRow({
  control,
  covered,
  health,
}: {
  control: ControlSummary;
  health: readonly ControlHealth[];
  covered: readonly ControlSummary['assertions'][number][];
}): ReactNode {
  return (
    <tr className="link">
      <th scope="row" className="row">
        <Link to="/controls/$id" params={{ id: control.id }}>
          {control.id}
        </Link>{' '}
        {control.key_control ? (
          <Tag tone="info" plain>
            Key
          </Tag>
        ) : null}
        <div>{control.title}</div>
      </th>
      <td className={classes.objective}>{control.objective}</td>
      {covered.map((assertion) => (
        <td key={assertion} className={classes.assertion}>
          {control.assertions.includes(assertion) ? (
            <span className={classes.covered}>
              <span className="unseen">covered</span>
            </span>
          ) : null}
        </td>
      ))}
      <td>
        {health.map((one) => (
          <Newest key={one.entity_id} health={one} />
        ))}
      </td>
      <td>{spelled(control.frequency)}</td>
      <td className="small">
        {spelled(control.owner)}
        <div className="soft">{spelled(control.reviewer)}</div>
      </td>
    </tr>
  );
}

function Newest({ health }: { health: ControlHealth }): ReactNode {
  const entityName = useEntityName();
  const { newest, entity_id: entity } = health;
  const period = newest === null ? '' : `, ${formatPeriod(newest.period_key)}`;
  const title = `${entityName(entity)}${period}`;
  return (
    <div className={classes.newest} title={title}>
      {newest === null ? (
        <Tag tone="mute">Never run</Tag>
      ) : (
        <Link to="/runs/$id" params={{ id: newest.run_id }} aria-label={`Run of ${title}`}>
          <OutcomeTag outcome={newest.outcome} />
        </Link>
      )}{' '}
      <span className="soft small">{entity}</span>
    </div>
  );
}
