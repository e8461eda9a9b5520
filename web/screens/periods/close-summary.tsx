import type { ReactNode } from 'react';
import type { Close } from '../../api/types';
import { Amount } from '../../parts/amount';
import { Sheet } from '../../parts/sheet';
import { Tag } from '../../parts/tag';
import classes from '../overview/overview.module.css';

/** How far the month is, in four figures. */
export function CloseHeadline({ close }: { close: Close }): ReactNode {
  const { counts } = close;
  const figures: [name: string, value: number, under: string][] = [
    ['With a verdict', counts.with_verdict, `of ${counts.expected} expected`],
    ['Unsettled exceptions', counts.unsettled, 'over all controls'],
    ['Prepared', counts.prepared, `of ${counts.expected}`],
    ['Reviewed', counts.reviewed, `of ${counts.expected}`],
  ];
  return (
    <dl className={classes.headline}>
      {figures.map(([name, value, under]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd className={classes.under}>{under}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What was let pass, added up per currency and held against materiality. */
export function ToleratedSheet({ close }: { close: Close }): ReactNode {
  if (close.tolerated.length === 0) return null;
  return (
    <Sheet title="What was let pass" note="Added up per currency, held against materiality" flush>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Currency</th>
            {['Within tolerance', 'Risk accepted', 'Explained', 'Reconciling items', 'Total'].map(
              (name) => (
                <th key={name} scope="col" className="right">
                  {name}
                </th>
              ),
            )}
            <th scope="col" className="right">
              Materiality
            </th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {close.tolerated.map((row) => (
            <tr key={row.currency}>
              <th scope="row" className="row">
                {row.currency}
              </th>
              {(
                [
                  'within_tolerance',
                  'risk_accepted',
                  'explained',
                  'reconciling_items',
                  'total',
                  'materiality',
                ] as const
              ).map((name) => (
                <td key={name} className="right">
                  <Amount value={row[name]} currency={row.currency} />
                </td>
              ))}
              <td>
                <Exceeds exceeds={row.exceeds} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function Exceeds({ exceeds }: { exceeds: boolean | null }): ReactNode {
  if (exceeds === null) return <Tag tone="mute">No materiality set</Tag>;
  return exceeds ? <Tag tone="bad">Material</Tag> : <Tag tone="good">Below materiality</Tag>;
}
