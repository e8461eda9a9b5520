import type { ReactNode } from 'react';
import type { ExceptionDetail } from '../../api/types';
import { counted, spelled } from '../../format/words';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { formatAmount } from '../../format/amount';
import { compareRecords, readable, type FieldRow, type ItemRecord } from './compare-records';
import classes from './exception.module.css';

const mostShown = 4;

/** What both sides say of the same thing, field beside field, with what differs marked. */
export function RecordsSheet({
  exception,
  labels,
}: {
  exception: ExceptionDetail;
  labels: { left: string; right: string | null };
}): ReactNode {
  const left = exception.left_items ?? [];
  const right = exception.right_items ?? [];
  const shownLeft = left.slice(0, mostShown);
  const shownRight = right.slice(0, mostShown);
  const rows = compareRecords(shownLeft, shownRight);
  const differing = rows.filter(({ differs }) => differs).length;
  const hidden = left.length - shownLeft.length + right.length - shownRight.length;
  return (
    <Sheet
      title="Records"
      note={
        labels.right === null
          ? 'As the run saw it'
          : left.length === 0 || right.length === 0
            ? `Only in ${left.length === 0 ? labels.right : labels.left}`
            : `${counted(differing, 'field')} differ${differing === 1 ? 's' : ''} between the sides`
      }
      end={hidden > 0 ? `${counted(hidden, 'further record')} in the evidence` : undefined}
      flush
    >
      {rows.length === 0 ? (
        <Empty title="No records were kept">The evidence of the run holds both populations.</Empty>
      ) : (
        <table className={`grid ${classes.records}`}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <SideHeads records={shownLeft} label={labels.left} />
              {labels.right === null ? null : (
                <SideHeads records={shownRight} label={labels.right} />
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <RecordRow
                key={row.name}
                row={row}
                currency={exception.currency}
                sides={labels.right === null ? 1 : 2}
                emptyLeft={shownLeft.length === 0}
                emptyRight={shownRight.length === 0}
              />
            ))}
          </tbody>
        </table>
      )}
    </Sheet>
  );
}

function SideHeads({
  records,
  label,
}: {
  records: readonly ItemRecord[];
  label: string;
}): ReactNode {
  if (records.length === 0)
    return (
      <th scope="col">
        {label}
        <div className="soft">no record</div>
      </th>
    );
  return records.map((record, index) => (
    <th scope="col" key={index}>
      {label}
      <div className="mono soft">{record['source_ref'] ?? `record ${index + 1}`}</div>
    </th>
  ));
}

/** Decimals as the reader groups them, in the digits of the currency; the rest as written. */
function shown(value: string | null, currency: string | null): string | null {
  const text = readable(value);
  return text !== null && /^-?\d+\.\d+$/.test(text) ? formatAmount(text, currency) : text;
}

function RecordRow({
  row,
  currency,
  sides,
  emptyLeft,
  emptyRight,
}: {
  row: FieldRow;
  currency: string | null;
  sides: 1 | 2;
  emptyLeft: boolean;
  emptyRight: boolean;
}): ReactNode {
  const cells = (values: (string | null)[], side: string): ReactNode =>
    values.map((value, index) => (
      <td key={`${side} ${index}`} className={row.differs ? classes.differs : undefined}>
        {shown(value, currency) ?? <span className="soft">–</span>}
      </td>
    ));
  return (
    <tr>
      <th scope="row" className="row">
        {spelled(row.name)}
        {row.differs ? <span className={classes.differsNote}> differs</span> : null}
      </th>
      {emptyLeft ? <td /> : cells(row.left, 'left')}
      {sides === 1 ? null : emptyRight ? <td /> : cells(row.right, 'right')}
    </tr>
  );
}
