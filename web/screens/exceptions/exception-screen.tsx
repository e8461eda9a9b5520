import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { controlQuery, exceptionQuery } from '../../api/queries';
import type { ControlDetail, ExceptionDetail } from '../../api/types';
import { formatInstant, formatPeriod } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Answer } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { SeverityTag, StateTag } from '../../parts/tag';
import { useEntityName } from '../../session/me';
import classes from './exception.module.css';
import { HistorySheet } from './history-sheet';
import { JourneySheet } from './journey-sheet';
import { RecordsSheet } from './records-sheet';
import { WorkSheet } from './work-sheet';

export function ExceptionScreen(): ReactNode {
  const { id } = useParams({ from: '/screens/exceptions/$id' });
  const query = useQuery(exceptionQuery(id));
  return <Answer query={query}>{(exception) => <ShownException exception={exception} />}</Answer>;
}

function ShownException({ exception }: { exception: ExceptionDetail }): ReactNode {
  const entityName = useEntityName();
  const control = useQuery(controlQuery(exception.control_id)).data;
  const labels = labelsIn(control, exception.procedure);
  return (
    <div className="screen">
      <ScreenHead
        above={
          <>
            <Link to="/exceptions" search={{ control: exception.control_id }}>
              Exceptions of {exception.control_id}
            </Link>{' '}
            · {exception.code} · {entityName(exception.entity_id)} ·{' '}
            {formatPeriod(exception.period_key)}
          </>
        }
        title={exception.explanation}
        below={
          <span className="row-flow">
            <SeverityTag severity={exception.severity} />
            <StateTag state={exception.state} />
            {exception.reopened > 0 ? <span>Came back {exception.reopened}×</span> : null}
          </span>
        }
      />
      <Headline exception={exception} labels={labels} />
      <div className="columns">
        <div className="two-thirds stack">
          <RecordsSheet exception={exception} labels={labels} />
          <JourneySheet id={exception.exception_id} />
          <HistorySheet exception={exception} />
        </div>
        <div className="third stack first-when-narrow">
          <WorkSheet exception={exception} />
          <Recurrence exception={exception} />
          <Sheet title="What to do">
            <div className="prose small">{control?.definition.runbook ?? ''}</div>
          </Sheet>
          <Facts exception={exception} control={control} />
        </div>
      </div>
    </div>
  );
}

interface Labels {
  left: string;
  right: string | null;
}

function labelsIn(control: ControlDetail | undefined, name: string): Labels {
  const procedure = control?.definition.procedures.find((one) => one.name === name);
  if (procedure === undefined) return { left: 'Left', right: 'Right' };
  if ('item' in procedure) return { left: procedure.item.label, right: null };
  return { left: procedure.left.label, right: procedure.right.label };
}

function Headline({
  exception,
  labels,
}: {
  exception: ExceptionDetail;
  labels: Labels;
}): ReactNode {
  const figures: [name: string, value: string | null][] = [
    ['Impact', exception.impact],
    [labels.left, exception.left_amount],
    ...(labels.right === null
      ? []
      : ([
          [labels.right, exception.right_amount],
          ['Left less right', exception.difference],
        ] as [string, string | null][])),
  ];
  return (
    <dl className={classes.headline}>
      {figures.map(([name, value]) => (
        <div key={name} className={classes.figure}>
          <dt>{name}</dt>
          <dd>
            <Amount value={value} currency={exception.currency} named />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Facts({
  exception,
  control,
}: {
  exception: ExceptionDetail;
  control: ControlDetail | undefined;
}): ReactNode {
  return (
    <Sheet title="Facts">
      <dl className="facts">
        <dt>Control</dt>
        <dd>
          <Link to="/controls/$id" params={{ id: exception.control_id }}>
            {exception.control_id} {control?.definition.title ?? ''}
          </Link>
        </dd>
        <dt>Procedure</dt>
        <dd>{spelled(exception.procedure)}</dd>
        {Object.entries(exception.key).map(([name, value]) => (
          <KeyFact key={name} name={name} value={value} />
        ))}
        <dt>First seen</dt>
        <dd>
          <RunLink id={exception.first_seen_run} at={exception.first_seen_at} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <RunLink id={exception.last_seen_run} at={exception.last_seen_at} />
        </dd>
        {exception.cleared_run === null ? null : (
          <>
            <dt>Cleared</dt>
            <dd>
              <RunLink id={exception.cleared_run} at={exception.cleared_at ?? ''} />
            </dd>
          </>
        )}
      </dl>
    </Sheet>
  );
}

/** The same finding at the same key in other periods: once is a slip, twice is a pattern. */
function Recurrence({ exception }: { exception: ExceptionDetail }): ReactNode {
  if (exception.recurrence.length === 0) return null;
  return (
    <Sheet title="Seen before" note={counted(exception.recurrence.length, 'period')} flush>
      <table className="grid">
        <tbody>
          {exception.recurrence.map((other) => (
            <tr key={other.exception_id}>
              <th scope="row" className="row">
                <Link to="/exceptions/$id" params={{ id: other.exception_id }}>
                  {formatPeriod(other.period_key)}
                </Link>
              </th>
              <td>
                <StateTag state={other.state} />
              </td>
              <td className="right">
                <Amount value={other.impact} currency={exception.currency} named />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function KeyFact({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <>
      <dt>{spelled(name)}</dt>
      <dd className="mono">{value}</dd>
    </>
  );
}

function RunLink({ id, at }: { id: string; at: string }): ReactNode {
  return (
    <Link to="/runs/$id" params={{ id }}>
      {formatInstant(at)}
    </Link>
  );
}
