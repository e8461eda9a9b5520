import { Checkbox } from '@mantine/core';
import {
  createColumnHelper,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Exception } from '../../api/types';
import { formatDay, formatPeriod } from '../../format/dates';
import { Amount } from '../../parts/amount';
import { SeverityTag, StateTag } from '../../parts/tag';
import { useEntityName } from '../../session/me';
import { BulkBar } from './bulk-bar';
import classes from './exceptions.module.css';

const features = tableFeatures({ rowSelectionFeature });
const helper = createColumnHelper<typeof features, Exception>();
const columns = helper.columns([
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
  helper.accessor('first_seen_at', {
    header: 'First seen',
    cell: ({ getValue }) => formatDay(getValue().slice(0, 10)),
    meta: { className: classes.wide },
  }),
]);

const rowHeight = 50;
/** How many rows from the end the next page is asked for. */
const rowsAhead = 40;

/**
 * A list of any length: only the rows in sight exist. Up and Down (or k and j) move, Space (or x)
 * selects, Shift extends, Enter opens.
 */
export function ExceptionList({
  exceptions,
  hasMore,
  isLoadingMore,
  onNeedMore,
}: {
  exceptions: Exception[];
  hasMore: boolean;
  isLoadingMore: boolean;
  onNeedMore: () => void;
}): ReactNode {
  const table = useTable({
    features,
    columns,
    data: exceptions,
    getRowId: ({ exception_id: id }) => id,
  });
  const { rows } = table.getRowModel();
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: 34,
  });
  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && lastVisible > rows.length - rowsAhead) onNeedMore();
  }, [hasMore, isLoadingMore, lastVisible, rows.length, onNeedMore]);
  const navigate = useNavigate();
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = stepOf(event.key);
    const row = rows[current];
    if (step !== 0) {
      const next = Math.min(rows.length - 1, Math.max(0, current + step));
      if (event.shiftKey) row?.toggleSelected(true);
      if (event.shiftKey) rows[next]?.toggleSelected(true);
      setCurrent(next);
      virtual.scrollToIndex(next);
    } else if (event.key === 'Enter' && event.target === scroller.current && row !== undefined)
      void navigate({ to: '/exceptions/$id', params: { id: row.id } });
    else if ((event.key === ' ' || event.key === 'x') && event.target === scroller.current)
      row?.toggleSelected();
    else return;
    event.preventDefault();
  };
  const chosen = table.getSelectedRowModel().rows.map(({ original }) => original);
  return (
    <>
      {chosen.length === 0 ? null : (
        <BulkBar chosen={chosen} onDone={() => table.resetRowSelection()} />
      )}
      <div
        ref={scroller}
        className={classes.list}
        role="grid"
        aria-label="Exceptions; arrow keys move, Space selects, Enter opens"
        aria-multiselectable
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-activedescendant={rows[current] === undefined ? undefined : `row-${current}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className={classes.head} role="row" aria-rowindex={1}>
          <div role="columnheader">
            <Checkbox
              size="xs"
              aria-label="Select all that are loaded"
              checked={table.getIsAllRowsSelected()}
              indeterminate={table.getIsSomeRowsSelected()}
              onChange={() => table.toggleAllRowsSelected()}
            />
          </div>
          {table.getFlatHeaders().map((header) => (
            <div
              key={header.id}
              role="columnheader"
              className={classOf(header.column.columnDef.meta)}
            >
              <table.FlexRender header={header} />
            </div>
          ))}
        </div>
        <div className={classes.canvas} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {visible.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={row.id}
                id={`row-${index}`}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={row.getIsSelected()}
                className={`${classes.row} ${index === current ? classes.current : ''}`}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => setCurrent(index)}
              >
                <div role="gridcell">
                  <Checkbox
                    size="xs"
                    tabIndex={-1}
                    aria-label={`Select ${row.original.code}`}
                    checked={row.getIsSelected()}
                    onChange={() => row.toggleSelected()}
                  />
                </div>
                {row.getAllCells().map((cell) => (
                  <div
                    key={cell.id}
                    role="gridcell"
                    className={classOf(cell.column.columnDef.meta)}
                  >
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

function stepOf(key: string): number {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: 10,
    PageUp: -10,
  };
  return steps[key] ?? 0;
}

function classOf(meta: unknown): string | undefined {
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
      <span className={classes.cause}>{entityName(exception.entity_id)}</span>
      <span className={classes.under}>{formatPeriod(exception.period_key)}</span>
    </>
  );
}
