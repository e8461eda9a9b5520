import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { controlsQuery } from '../../api/queries';
import type { ControlSummary } from '../../api/types';
import { counted, spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { Tag } from '../../parts/tag';
import classes from './controls.module.css';

const assertions = [
  'completeness',
  'accuracy',
  'existence',
  'cut_off',
  'valuation',
  'rights',
  'presentation',
] as const;

/** The risk-control matrix: which control covers which assertion, process by process. */
export function ControlsScreen(): ReactNode {
  const query = useQuery(controlsQuery);
  return (
    <div className="screen">
      <ScreenHead
        title="Controls"
        below="What must hold, what is at risk when it does not, and which assertions that covers."
      />
      <Answer query={query}>
        {({ controls, problems }) => (
          <>
            {problems.length === 0 ? null : (
              <Sheet title={`${counted(problems.length, 'problem')} in the folder of controls`}>
                {problems.map((problem) => (
                  <p key={`${problem.file} ${problem.line} ${problem.message}`}>
                    <span className="mono">
                      {problem.file}
                      {problem.line === undefined ? '' : `:${problem.line}`}
                    </span>{' '}
                    {problem.message} {problem.remedy}
                  </p>
                ))}
              </Sheet>
            )}
            {controls.length === 0 ? <Empty title="There are no controls" /> : null}
            <Sheet title="Risk-control matrix" note={counted(controls.length, 'control')} flush>
              <Matrix controls={controls} />
            </Sheet>
          </>
        )}
      </Answer>
    </div>
  );
}

function Matrix({ controls }: { controls: readonly ControlSummary[] }): ReactNode {
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
          <th scope="col">Frequency</th>
          <th scope="col">Owner, reviewer</th>
        </tr>
      </thead>
      <tbody>
        {processes.map((process) => (
          <Fragment key={process}>
            <tr className={classes.process}>
              <th scope="rowgroup" colSpan={covered.length + 4}>
                {spelled(process)}
              </th>
            </tr>
            {controls
              .filter((control) => control.process === process)
              .map((control) => (
                <MatrixRow key={control.id} control={control} covered={covered} />
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
}: {
  control: ControlSummary;
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
      <td>{spelled(control.frequency)}</td>
      <td className="small">
        {spelled(control.owner)}
        <div className="soft">{spelled(control.reviewer)}</div>
      </td>
    </tr>
  );
}
