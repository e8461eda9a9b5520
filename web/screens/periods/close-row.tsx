import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Close } from '../../api/types';
import { formatInstant, formatPeriod } from '../../format/dates';
import { OutcomeTag, Tag } from '../../parts/tag';
import { unsettled } from '../exceptions/exceptions-query';
import { signStateWords, type ClosePeriod } from './sign-off';

export function CloseRow({
  control,
  part,
  entity,
  isOffered,
  isChosen,
  onToggle,
}: {
  control: Close['controls'][number];
  part: ClosePeriod;
  entity: string;
  isOffered: boolean;
  isChosen: boolean;
  onToggle: () => void;
}): ReactNode {
  const { control_id: id } = control;
  return (
    <tr>
      <td>
        <Checkbox
          size="xs"
          aria-label={`Select ${id} ${part.period_key}`}
          disabled={!isOffered}
          checked={isChosen}
          onChange={onToggle}
        />
      </td>
      <th scope="row" className="row">
        <Link to="/controls/$id" params={{ id }}>
          {id}
        </Link>{' '}
        {control.title}
        <div className="soft small">
          {formatPeriod(part.period_key)}
          {part.reopened_reason === null ? '' : `; reopened: ${part.reopened_reason}`}
        </div>
        {part.blockers.map((blocker) => (
          <div key={blocker} className="small negative">
            {blocker}
          </div>
        ))}
      </th>
      <td>
        <LatestRun id={id} part={part} />
      </td>
      <td className="right">
        <Unsettled id={id} part={part} entity={entity} />
      </td>
      <td>
        <Tag tone={signStateWords[part.state].tone}>{signStateWords[part.state].word}</Tag>
      </td>
      <td>
        <Signature signature={part.prepared} />
      </td>
      <td>
        <Signature signature={part.reviewed} />
      </td>
    </tr>
  );
}

function Signature({ signature }: { signature: ClosePeriod['prepared'] }): ReactNode {
  if (signature === null) return <span className="soft">–</span>;
  return (
    <>
      {signature.name}
      <div className="soft small nowrap">{formatInstant(signature.at)}</div>
    </>
  );
}

function LatestRun({ id, part }: { id: string; part: ClosePeriod }): ReactNode {
  if (part.run_id === null || part.outcome === null) return <Tag tone="mute">Not run</Tag>;
  return (
    <Link to="/runs/$id" params={{ id: part.run_id }} aria-label={`Run of ${id}`}>
      <OutcomeTag outcome={part.outcome} />
    </Link>
  );
}

function Unsettled({
  id,
  part,
  entity,
}: {
  id: string;
  part: ClosePeriod;
  entity: string;
}): ReactNode {
  const count = Object.values(part.unsettled).reduce((sum, one) => sum + one, 0);
  if (count === 0) return 0;
  return (
    <Link
      to="/exceptions"
      search={{ control: id, entity, period: part.period_key, state: unsettled }}
    >
      {count}
    </Link>
  );
}
