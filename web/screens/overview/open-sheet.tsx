import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { OpenGroup } from '../../api/types';
import { formatCount } from '../../format/amount';
import { isZero, sumOf } from '../../format/exact';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { SeverityTag } from '../../parts/tag';
import classes from './overview.module.css';

const severities = ['critical', 'high', 'medium', 'low'] as const;
const ages = ['0-7', '8-30', '31-90', 'over 90'] as const;

/** How many are open, by how grave and how old they are. */
export function OpenSheet({
  groups,
  entity,
}: {
  groups: readonly OpenGroup[];
  entity: string | undefined;
}): ReactNode {
  const shown = severities.filter((severity) => !isZero(countOf(groups, { severity })));
  return (
    <Sheet title="Open by severity and age" note="Days since first seen" flush>
      {shown.length === 0 ? (
        <Empty title="Nothing is open" />
      ) : (
        <table className={`grid ${classes.bands}`}>
          <thead>
            <tr>
              <th scope="col">Severity</th>
              {ages.map((age) => (
                <th key={age} scope="col" className="right">
                  {age}
                </th>
              ))}
              <th scope="col" className="right">
                All
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((severity) => (
              <SeverityRow key={severity} {...{ severity, groups, entity }} />
            ))}
          </tbody>
        </table>
      )}
    </Sheet>
  );
}

function countOf(
  groups: readonly OpenGroup[],
  wanted: { severity: OpenGroup['severity']; age?: OpenGroup['age_days'] },
): string {
  return sumOf(
    groups
      .filter(({ severity }) => severity === wanted.severity)
      .filter(({ age_days: age }) => wanted.age === undefined || age === wanted.age)
      .map(({ exceptions }) => exceptions),
  );
}

function SeverityRow({
  severity,
  groups,
  entity,
}: {
  severity: OpenGroup['severity'];
  groups: readonly OpenGroup[];
  entity: string | undefined;
}): ReactNode {
  return (
    <tr>
      <th scope="row" className="row">
        <SeverityTag severity={severity} />
      </th>
      {ages.map((age) => {
        const count = countOf(groups, { severity, age });
        return (
          <td key={age} className="right">
            {isZero(count) ? <span className="soft">–</span> : formatCount(count)}
          </td>
        );
      })}
      <td className="right">
        <Link
          to="/exceptions"
          search={{ state: 'open', severity, ...(entity === undefined ? {} : { entity }) }}
        >
          {formatCount(countOf(groups, { severity }))}
        </Link>
      </td>
    </tr>
  );
}
