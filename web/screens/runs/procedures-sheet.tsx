import type { ReactNode } from 'react';
import { formatAmount, formatCount } from '../../format/amount';
import { isZero } from '../../format/exact';
import { spelled } from '../../format/words';
import { Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { footingOf, unsettledKeys, type ProcedureStatement } from './statement-layout';

/** The whole run in one look: each procedure, its gap, and how much of that is explained. */
export function ProceduresSheet({
  procedures,
}: {
  procedures: readonly ProcedureStatement[];
}): ReactNode {
  if (procedures.length < 2) return null;
  return (
    <Sheet title="At a glance" note="Every procedure of the control" flush>
      <table className="grid">
        <TableHead
          columns={[
            'Procedure',
            { right: 'Items' },
            'Gap, and what explains it',
            { right: 'Exceptions' },
          ]}
        />
        <tbody>
          {procedures.map((procedure) => (
            <ProcedureRow key={procedure.procedure} procedure={procedure} />
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function ProcedureRow({ procedure }: { procedure: ProcedureStatement }): ReactNode {
  const { items, exceptions } = unsettledKeys(procedure);
  return (
    <tr>
      <th scope="row" className="row">
        <a href={`#${procedure.procedure}`}>{spelled(procedure.procedure)}</a>
      </th>
      <td className="right">{formatCount(items)}</td>
      <td>
        <Gaps procedure={procedure} />
      </td>
      <td className="right">
        {isZero(exceptions) ? (
          <Tag tone="good">None</Tag>
        ) : (
          <Tag tone="warn">{formatCount(exceptions)}</Tag>
        )}
      </td>
    </tr>
  );
}

/** Only where there is a gap: a tie-out that agrees needs no figures here. */
function Gaps({ procedure }: { procedure: ProcedureStatement }): ReactNode {
  const gaps = procedure.currencies.flatMap((block) => {
    const { difference, explained, exceptions } = footingOf(block);
    return block.currency === null || difference === null || isZero(difference)
      ? []
      : [{ currency: block.currency, difference, explained, exceptions }];
  });
  if (procedure.right_label === null) return <span className="soft">Each item is tested</span>;
  if (gaps.length === 0) return <span className="soft">Both totals agree</span>;
  return gaps.map(({ currency, difference, explained, exceptions }) => (
    <div key={currency}>
      <span className="amount">{formatAmount(difference, currency)}</span>{' '}
      <span className="soft small">
        {currency}, explained {formatAmount(explained, currency)}, exceptions{' '}
        {formatAmount(exceptions, currency)}
      </span>
    </div>
  ));
}
