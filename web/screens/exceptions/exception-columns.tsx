import { createColumnHelper, rowSelectionFeature, tableFeatures } from '@tanstack/react-table';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Exception } from '../../api/types';
import { formatDay, formatPeriod } from '../../format/dates';
import { counted } from '../../format/words';
import { Amount } from '../../parts/amount';
import { SeverityTag, StateTag } from '../../parts/tag';
import { useEntityName } from '../../session/me';
import classes from './exceptions.module.css';

export const features = tableFeatures({ rowSelectionFeature });
const helper = createColumnHelper<typeof features, Exception>();

export const columns = helper.columns([
  helper.accessor('severity', {
    header: 'Severity',
    cell: ({ getValue }) => <SeverityTag severity={getValue()} />,
    meta: { className: classes.wide },
  }),
  helper.accessor('explanation', {
    header: 'Cause',
    cell: ({ row }) => <Cause exception={row.original} />,
    meta: {},
  }),
  helper.accessor('impact', {
    header: 'Impact',
    cell: ({ row: { original } }) => (
      <Amount value={original.impact} currency={original.currency} named />
    ),
    meta: { className: 'right' },
  }),
  helper.accessor('state', {
    header: 'State',
    cell: ({ getValue }) => <StateTag state={getValue()} />,
    meta: { className: classes.wide },
  }),
  helper.accessor('entity_id', {
    header: 'Entity and period',
    cell: ({ row }) => <Place exception={row.original} />,
    meta: { className: classes.wide },
  }),
  helper.accessor('age_days', {
    header: 'Age and due',
    cell: ({ row }) => <Age exception={row.original} />,
    meta: { className: classes.wide },
  }),
  helper.accessor('assignee', {
    header: 'Assigned to',
    cell: ({ getValue }) => (
      <span className={classes.cause}>
        {getValue()?.name ?? <span className="soft">Nobody</span>}
      </span>
    ),
    meta: { className: classes.wide },
  }),
]);

/** The class of a column's cells. */
export function classOf(meta: unknown): string | undefined {
  return (meta as { className?: string } | undefined)?.className;
}

function Cause({ exception }: { exception: Exception }): ReactNode {
  return (
    <>
      <Link
        to="/exceptions/$id"
        params={{ id: exception.exception_id }}
        className={classes.cause}
        title={exception.explanation}
        tabIndex={-1}
      >
        {exception.explanation}
      </Link>
      <span className={classes.under}>
        {exception.code} · {Object.values(exception.key).join(', ')}
        {exception.reopened > 0 ? ` · came back ${exception.reopened}×` : ''}
      </span>
    </>
  );
}

function Place({ exception }: { exception: Exception }): ReactNode {
  const entityName = useEntityName();
  return (
    <>
      <span className={classes.cause} title={entityName(exception.entity_id)}>
        {exception.entity_id}
      </span>
      <span className={classes.under}>{formatPeriod(exception.period_key)}</span>
    </>
  );
}

function Age({ exception }: { exception: Exception }): ReactNode {
  return (
    <>
      <span className={classes.cause}>{counted(exception.age_days, 'day')}</span>
      <span className={exception.overdue ? `${classes.under} negative` : classes.under}>
        {exception.due_on === null
          ? ''
          : `${exception.overdue ? 'overdue' : 'due'} ${formatDay(exception.due_on)}`}
      </span>
    </>
  );
}
