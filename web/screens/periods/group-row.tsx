import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Close } from '../../api/types';
import { counted, spelled } from '../../format/words';
import { OutcomeTag, Tag } from '../../parts/tag';
import { standingOf, type GroupStanding } from './group-standing';
import { signStateWords } from './sign-off';

/** All periods of a daily or weekly control in one line: how many hold, what is missing. */
export function GroupRow({
  control,
  isOpen,
  onOpen,
  offered,
  chosen,
  onChoose,
}: {
  control: Close['controls'][number];
  isOpen: boolean;
  onOpen: () => void;
  /** How many of its periods the reader may sign. */
  offered: number;
  chosen: number;
  onChoose: (checked: boolean) => void;
}): ReactNode {
  const { control_id: id, periods } = control;
  const standing = standingOf(periods);
  return (
    <tr>
      <td>
        <Checkbox
          size="xs"
          aria-label={`Select all periods of ${id}`}
          disabled={offered === 0}
          checked={offered > 0 && chosen === offered}
          indeterminate={chosen > 0 && chosen < offered}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
      </td>
      <Title {...{ control, standing, isOpen, onOpen }} />
      <td>
        {standing.outcomes.map(([outcome, count]) => (
          <div key={outcome}>
            {outcome === 'not_run' ? (
              <Tag tone="mute">Not run</Tag>
            ) : (
              <OutcomeTag outcome={outcome} />
            )}{' '}
            <span className="soft small">{count}</span>
          </div>
        ))}
      </td>
      <td className="right">{standing.unsettled}</td>
      <td>
        <States standing={standing} />
      </td>
      <td>
        {standing.prepared} of {periods.length}
      </td>
      <td>
        {standing.reviewed} of {periods.length}
      </td>
    </tr>
  );
}

function Title({
  control: { control_id: id, title, frequency, periods },
  standing,
  isOpen,
  onOpen,
}: {
  control: Close['controls'][number];
  standing: GroupStanding;
  isOpen: boolean;
  onOpen: () => void;
}): ReactNode {
  return (
    <th scope="row" className="row">
      <Link to="/controls/$id" params={{ id }}>
        {id}
      </Link>{' '}
      {title}
      <div className="soft small">
        {spelled(frequency)},{' '}
        <button type="button" className="plain-button" aria-expanded={isOpen} onClick={onOpen}>
          <span aria-hidden>{isOpen ? '▾' : '▸'}</span> {counted(periods.length, 'period')}
        </button>
      </div>
      {standing.notRun === 0 ? null : (
        <div className="small negative">{counted(standing.notRun, 'period')} not run.</div>
      )}
      {standing.blocked === 0 ? null : (
        <div className="small negative">
          {counted(standing.blocked, 'period')} cannot be signed yet.
        </div>
      )}
    </th>
  );
}

function States({ standing }: { standing: GroupStanding }): ReactNode {
  return standing.states.map(([state, count]) => (
    <div key={state}>
      <Tag tone={signStateWords[state].tone}>{signStateWords[state].word}</Tag>{' '}
      <span className="soft small">{count}</span>
    </div>
  ));
}
