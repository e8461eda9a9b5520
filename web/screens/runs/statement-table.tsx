import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { formatAmount, formatCount } from '../../format/amount';
import { isZero } from '../../format/exact';
import { Amount } from '../../parts/amount';
import { Tag } from '../../parts/tag';
import {
  footingOf,
  statementRows,
  type CurrencyStatement,
  type ProcedureStatement,
  type StatementLine,
  type StatementRow,
} from './statement-layout';
import classes from './statement.module.css';

export interface StatementPlace {
  control: string;
  entity: string;
  period: string;
}

/** One procedure's statement; each currency is a block of its own, never added to another. */
export function StatementTable({
  procedure,
  place,
  meaningOf,
  onOpen,
}: {
  procedure: ProcedureStatement;
  place: StatementPlace;
  meaningOf: (code: string) => string;
  /** Shows the items behind a line that is no exception. */
  onOpen: (part: { line: StatementLine; label: string; currency: string | null }) => void;
}): ReactNode {
  const isTieOut = procedure.right_label !== null;
  return (
    <table className={`grid ${classes.statement}`}>
      <thead>
        <tr>
          <th scope="col">{isTieOut ? 'From left to right' : 'Tested'}</th>
          <th scope="col" className={`right ${classes.wide}`}>
            Keys
          </th>
          <th scope="col" className={`right ${classes.wide}`}>
            {isTieOut ? 'Items left' : 'Items'}
          </th>
          {isTieOut ? (
            <th scope="col" className={`right ${classes.wide}`}>
              Items right
            </th>
          ) : null}
          <th scope="col" className="right">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {procedure.currencies.map((block) => (
          <Fragment key={block.currency ?? 'none'}>
            <tr className={classes.currency}>
              <th scope="rowgroup" colSpan={isTieOut ? 5 : 4}>
                {block.currency ?? 'No amounts compared'}
                <Footing block={block} />
              </th>
            </tr>
            {statementRows(procedure, block, meaningOf).map((row, index) => (
              <Row
                key={index}
                {...{ row, block, place, isTieOut }}
                onOpen={() => {
                  const { line, label } = row;
                  if (line !== null) onOpen({ line, label, currency: block.currency });
                }}
              />
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function Row({
  row,
  block,
  place,
  isTieOut,
  onOpen,
}: {
  row: StatementRow;
  block: CurrencyStatement;
  place: StatementPlace;
  isTieOut: boolean;
  onOpen: () => void;
}): ReactNode {
  if (row.kind === 'heading')
    return (
      <tr className={classes.heading}>
        <th scope="row" colSpan={isTieOut ? 5 : 4}>
          {row.label}
        </th>
      </tr>
    );
  const total = row.kind === 'total';
  const isEnd = total && row.leftItems === null;
  const count = (items: string | null): string => (items === null ? '' : formatCount(items));
  return (
    <tr className={total ? `${classes.total} ${isEnd ? classes.end : ''}` : 'link'}>
      <th scope="row" className={`row ${total ? '' : classes.line}`}>
        <span aria-hidden className={classes.sign}>
          {row.sign}
        </span>
        {row.line === null ? row.label : <LineLink {...{ row, place, onOpen }} />}
      </th>
      <td className={`right ${classes.wide}`}>{count(row.keys)}</td>
      <td className={`right ${classes.wide}`}>{count(row.leftItems)}</td>
      {isTieOut ? <td className={`right ${classes.wide}`}>{count(row.rightItems)}</td> : null}
      <td className="right">
        {block.currency === null ? '' : <Amount value={row.amount} currency={block.currency} />}
      </td>
    </tr>
  );
}

function LineLink({
  row,
  place,
  onOpen,
}: {
  row: StatementRow;
  place: StatementPlace;
  onOpen: () => void;
}): ReactNode {
  if (row.line?.category === 'exception' && row.line.code !== null)
    return (
      <Link to="/exceptions" search={{ ...place, code: row.line.code }} className={classes.open}>
        {row.label}
      </Link>
    );
  return (
    <button type="button" className={classes.open} onClick={onOpen}>
      {row.label}
    </button>
  );
}

/** One line that answers the reviewer's first question: how much is explained, how much is not. */
function Footing({ block }: { block: CurrencyStatement }): ReactNode {
  if (block.currency === null || block.right === null) return null;
  const { difference, explained, exceptions, unaccounted } = footingOf(block);
  const shown = (amount: string): string => formatAmount(amount, block.currency);
  return (
    <span className={classes.footing}>
      {difference === null || isZero(difference) ? (
        'Both totals agree'
      ) : (
        <>
          Gap {shown(difference)} = explained {shown(explained)} + exceptions {shown(exceptions)}
        </>
      )}
      {isZero(unaccounted) ? (
        <Tag tone="good">Foots</Tag>
      ) : (
        <Tag tone="bad">Does not foot by {shown(unaccounted)}</Tag>
      )}
    </span>
  );
}
