import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount } from '../format/amount';
import { formatPeriod } from '../format/dates';
import { spelled } from '../format/words';
import { OutcomeTag, Tag } from '../parts/tag';
import { useLiveWork, type WorkUnderWay } from '../session/live';
import { useEntityName, useMay } from '../session/me';
import classes from './frame.module.css';

const mostShown = 3;
const steps = ['claim', 'gate', 'freeze', 'evaluate', 'record'];

/** Runs and syncs as they go on, above every screen; nothing where nothing does. */
export function LiveStrip(): ReactNode {
  const may = useMay();
  const works = useLiveWork(may('runs.read'));
  if (works.length === 0) return null;
  const others = works.length - mostShown;
  return (
    <div className={`${classes.live} noprint`} role="log" aria-label="Under way">
      {works.slice(0, mostShown).map((work) => (
        <Work key={work.work_id} work={work} />
      ))}
      {others > 0 ? <span className="soft">and {others} more</span> : null}
    </div>
  );
}

function Work({ work }: { work: WorkUnderWay }): ReactNode {
  const entityName = useEntityName();
  const { kind, name, entity_id: entity, period_key: period, outcome } = work;
  const place = [
    entity === null ? null : entityName(entity),
    period === null ? null : formatPeriod(period),
  ].filter((part) => part !== null);
  return (
    <span className={classes.work}>
      {kind === 'run' && outcome !== null && outcome !== 'not_recorded' ? (
        <Link to="/runs/$id" params={{ id: work.work_id }}>
          {name}
        </Link>
      ) : (
        <strong>{name}</strong>
      )}
      <span className="soft small">{place.join(', ')}</span>
      <Standing work={work} />
    </span>
  );
}

function Standing({
  work: { kind, step, items, share, outcome },
}: {
  work: WorkUnderWay;
}): ReactNode {
  if (outcome !== null)
    return kind === 'run' ? (
      <OutcomeTag outcome={outcome} />
    ) : (
      <Tag tone={outcome === 'failed' ? 'bad' : 'good'}>{spelled(outcome)}</Tag>
    );
  const at = steps.indexOf(step);
  const done = share ?? (at < 0 ? null : (at + 0.5) / steps.length);
  return (
    <>
      <span className="small">
        {spelled(step)}
        {items === '0' ? '' : `, ${formatCount(items)} ${kind === 'run' ? 'items' : 'rows'}`}
      </span>
      {done === null ? null : (
        <progress className={classes.progress} aria-label="Progress" max={1} value={done} />
      )}
    </>
  );
}
