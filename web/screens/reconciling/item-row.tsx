import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ReconcilingItem } from '../../api/types';
import { formatCount } from '../../format/amount';
import { formatDay } from '../../format/dates';
import type { Tone } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Tag } from '../../parts/tag';
import { useEntityName, useMay, useMe } from '../../session/me';
import type { ItemStep } from './item-steps';
import { itemStateWords } from './item-words';

const tones: Record<ReconcilingItem['state'], Tone> = {
  proposed: 'warn',
  active: 'good',
  expired: 'mute',
  revoked: 'mute',
};

export function ItemRow({
  item,
  onAsk,
}: {
  item: ReconcilingItem;
  onAsk: (step: ItemStep, item: ReconcilingItem) => void;
}): ReactNode {
  const entityName = useEntityName();
  return (
    <tr>
      <th scope="row" className="row">
        {item.label}
        <div className="soft small">
          <Link to="/controls/$id" params={{ id: item.control_id }}>
            {item.control_id}
          </Link>
          , {entityName(item.entity_id)}, {item.code}
        </div>
        <div className="soft small">{Object.values(item.key).join(', ')}</div>
        <div className="small">{item.reason}</div>
      </th>
      <td>
        <Tag tone={tones[item.state]}>{itemStateWords[item.state]}</Tag>
      </td>
      <td className="right">
        <Amount value={item.amount} currency={item.currency} named />
      </td>
      <td className="right">{formatCount(item.explains)}</td>
      <td className="nowrap">{formatDay(item.valid_until)}</td>
      <td>{item.owner.name}</td>
      <td>
        {item.created_by.name}, {formatDay(item.created_at.slice(0, 10))}
        {item.approved_by === null || item.approved_at === null ? null : (
          <div>
            {item.approved_by.name}, {formatDay(item.approved_at.slice(0, 10))}
          </div>
        )}
      </td>
      <td className="right">
        <Steps item={item} onAsk={(step) => onAsk(step, item)} />
      </td>
    </tr>
  );
}

/** Never its own approval: whoever named it waits for somebody else. */
function Steps({
  item,
  onAsk,
}: {
  item: ReconcilingItem;
  onAsk: (step: ItemStep) => void;
}): ReactNode {
  const me = useMe();
  const may = useMay();
  const isOver = item.state === 'expired' || item.state === 'revoked';
  if (isOver || !may('reconciling_items.approve', item.entity_id)) return null;
  const isOwn = item.created_by.person_id === me?.person_id;
  return (
    <span className="row-flow">
      {item.state !== 'proposed' ? null : isOwn ? (
        <span className="soft small">Somebody else approves it</span>
      ) : (
        <Button size="compact-xs" onClick={() => onAsk('approve')}>
          Approve
        </Button>
      )}
      <Button size="compact-xs" variant="default" onClick={() => onAsk('revoke')}>
        {item.state === 'proposed' ? 'Turn down' : 'End'}
      </Button>
    </span>
  );
}
