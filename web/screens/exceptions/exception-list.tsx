import { Checkbox } from '@mantine/core';
import { useTable, type ReactTable, type Row } from '@tanstack/react-table';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Exception } from '../../api/types';
import { BulkBar } from './bulk-bar';
import { classOf, columns, features } from './exception-columns';
import classes from './exceptions.module.css';
import { KeysHelp } from './keys-help';
import { keyMeaning } from './list-keys';

type Table = ReactTable<typeof features, Exception>;
type ExceptionRow = Row<typeof features, Exception>;

const rowHeight = 50;
/** How many rows from the end the next page is asked for. */
const rowsAhead = 40;

export interface ExceptionListParts {
  exceptions: Exception[];
  hasMore: boolean;
  isLoadingMore: boolean;
  onNeedMore: () => void;
}

/**
 * A list of any length: only the rows in sight exist. Up and Down (or k and j) move, Space (or x)
 * selects, Shift extends, Enter opens.
 */
export function ExceptionList(parts: ExceptionListParts): ReactNode {
  const { exceptions, hasMore } = parts;
  const table = useTable({ features, columns, data: exceptions, getRowId: idOf });
  const { rows } = table.getRowModel();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: 34,
  });
  const visible = virtual.getVirtualItems();
  useMoreBefore(visible.at(-1)?.index ?? 0, parts);
  const [helps, setHelps] = useState(false);
  const { current, setCurrent, press } = useListKeys(rows, {
    scrollTo: (index) => virtual.scrollToIndex(index),
    help: () => setHelps(true),
  });
  const chosen = table.getSelectedRowModel().rows.map(({ original }) => original);
  return (
    <>
      {helps ? <KeysHelp onClose={() => setHelps(false)} /> : null}
      {chosen.length === 0 ? null : (
        <BulkBar chosen={chosen} onDone={() => table.resetRowSelection()} />
      )}
      <div
        ref={scroller}
        className={classes.list}
        role="grid"
        aria-label="Exceptions; arrow keys move, Space selects, Enter opens, ? tells all keys"
        aria-multiselectable
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-activedescendant={rows[current] === undefined ? undefined : `row-${current}`}
        tabIndex={0}
        onKeyDown={(event) => {
          const atList = event.target === scroller.current;
          if (press(event.key, event.shiftKey, atList)) event.preventDefault();
        }}
      >
        <HeadRow table={table} />
        <div className={classes.canvas} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {visible.map(({ index, start }) => (
            <BodyRow
              key={rows[index]?.id ?? index}
              {...{ table, index, start }}
              row={rows[index]}
              isCurrent={index === current}
              onPoint={() => setCurrent(index)}
            />
          ))}
        </div>
      </div>
    </>
  );
}

const idOf = ({ exception_id: id }: Exception): string => id;

/** Asks for the next page before its first row is in sight. */
function useMoreBefore(
  lastVisible: number,
  { exceptions, hasMore, isLoadingMore, onNeedMore }: ExceptionListParts,
): void {
  const isNear = lastVisible > exceptions.length - rowsAhead;
  useEffect(() => {
    if (hasMore && !isLoadingMore && isNear) onNeedMore();
  }, [hasMore, isLoadingMore, isNear, onNeedMore]);
}

interface ListKeys {
  current: number;
  setCurrent: (index: number) => void;
  /** True when the key meant something. */
  press: (key: string, isShifted: boolean, isAtList: boolean) => boolean;
}

function useListKeys(
  rows: readonly ExceptionRow[],
  { scrollTo, help }: { scrollTo: (index: number) => void; help: () => void },
): ListKeys {
  const [current, setCurrent] = useState(0);
  const navigate = useNavigate();
  const press: ListKeys['press'] = (key, isShifted, isAtList) => {
    const meaning = keyMeaning(key, current, rows.length);
    const row = rows[current];
    if (meaning === null || row === undefined) return false;
    if (meaning.kind === 'move') {
      if (isShifted) for (const one of [row, rows[meaning.to]]) one?.toggleSelected(true);
      setCurrent(meaning.to);
      scrollTo(meaning.to);
      return true;
    }
    // A control inside a row keeps its own Space and Enter.
    if (!isAtList) return false;
    if (meaning.kind === 'help') help();
    else if (meaning.kind === 'select') row.toggleSelected();
    else void navigate({ to: '/exceptions/$id', params: { id: row.id } });
    return true;
  };
  return { current, setCurrent, press };
}

function HeadRow({ table }: { table: Table }): ReactNode {
  return (
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
        <div key={header.id} role="columnheader" className={classOf(header.column.columnDef.meta)}>
          <table.FlexRender header={header} />
        </div>
      ))}
    </div>
  );
}

function BodyRow({
  table,
  row,
  index,
  start,
  isCurrent,
  onPoint,
}: {
  table: Table;
  row: ExceptionRow | undefined;
  index: number;
  start: number;
  isCurrent: boolean;
  onPoint: () => void;
}): ReactNode {
  if (row === undefined) return null;
  return (
    <div
      id={`row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={row.getIsSelected()}
      className={`${classes.row} ${isCurrent ? classes.current : ''}`}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onPoint}
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
        <div key={cell.id} role="gridcell" className={classOf(cell.column.columnDef.meta)}>
          <table.FlexRender cell={cell} />
        </div>
      ))}
    </div>
  );
}
