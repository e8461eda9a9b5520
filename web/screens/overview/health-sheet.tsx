import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ControlHealth, ControlSummary } from '../../api/types';
import { outcomeWord, spelled, type Tone } from '../../format/words';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { assertions } from '../controls/assertions';
import { healthRows, type HealthCell } from './health';
import classes from './overview.module.css';

/** Which assertions hold, process by process. */
export function HealthSheet({
  controls,
  health,
  entity,
}: {
  controls: readonly ControlSummary[];
  health: readonly ControlHealth[];
  entity: string | undefined;
}): ReactNode {
  const rows = healthRows(controls, health);
  const covered = assertions.filter((assertion) => rows.some(({ cells }) => cells[assertion]));
  return (
    <Sheet
      title="Health by process and assertion"
      note="Controls that pass, of all that cover it"
      flush
    >
      {rows.length === 0 ? (
        <Empty title="There is nothing to show">No control was loaded.</Empty>
      ) : (
        <table className={`grid ${classes.health}`}>
          <thead>
            <tr>
              <th scope="col">Process</th>
              {covered.map((assertion) => (
                <th key={assertion} scope="col">
                  {spelled(assertion)}
                </th>
              ))}
              <th scope="col">All</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ process, cells, whole }) => (
              <tr key={process}>
                <th scope="row" className="row">
                  {spelled(process)}
                </th>
                {covered.map((assertion) => (
                  <td key={assertion}>
                    <Cell cell={cells[assertion] ?? null} search={{ process, assertion, entity }} />
                  </td>
                ))}
                <td>
                  <Cell cell={whole} search={{ process, entity }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Sheet>
  );
}

function Cell({
  cell,
  search,
}: {
  cell: HealthCell | null;
  search: { process: string; assertion?: string; entity: string | undefined };
}): ReactNode {
  if (cell === null) return <span className="unseen">not covered</span>;
  const { word, tone } =
    cell.worst === 'never run'
      ? { word: 'Never run', tone: 'mute' as Tone }
      : outcomeWord(cell.worst);
  return (
    <Link
      to="/controls"
      search={{
        process: search.process,
        ...(search.assertion === undefined ? {} : { assertion: search.assertion }),
        ...(search.entity === undefined ? {} : { entity: search.entity }),
      }}
      className={`${classes.cell} ${classes[tone]}`}
      title={word}
    >
      {cell.passed} of {cell.all}
      <span className="unseen"> pass; worst: {word}</span>
    </Link>
  );
}
