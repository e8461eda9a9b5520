import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import type { BulkResult, Exception, ExceptionMove } from '../../api/types';
import { counted } from '../../format/words';
import { useMay, useMe } from '../../session/me';
import classes from './exceptions.module.css';
import { MoveForm } from './move-form';
import { mostAtOnce, moveWords, useBulkMove, type ButtonMove } from './moves';

const byWorker = ['acknowledge', 'propose', 'withdraw'] as const;
const byReviewer = ['approve', 'send_back'] as const;

/** What can be done with all that are selected; each is moved, or refused, by itself. */
export function BulkBar({
  chosen,
  onDone,
}: {
  chosen: readonly Exception[];
  onDone: () => void;
}): ReactNode {
  const [asked, setAsked] = useState<ButtonMove | null>(null);
  const me = useMe();
  const may = useMay();
  const bulk = useBulkMove();
  const send = (order: ExceptionMove): void =>
    bulk.mutate(
      { ids: chosen.slice(0, mostAtOnce).map(({ exception_id: id }) => id), order },
      {
        onSuccess: (result) => {
          setAsked(null);
          tell(result);
          if (result.refused.length === 0) onDone();
        },
      },
    );
  const moves = movesBy(may('exceptions.work'), may('exceptions.review'));
  const about = counted(Math.min(chosen.length, mostAtOnce), 'exception');
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Selected exceptions">
      <strong>{counted(chosen.length, 'exception')} selected</strong>
      {chosen.length > mostAtOnce ? <span>The first {mostAtOnce} are moved at once.</span> : null}
      {moves.map((move) => (
        <Button key={move} size="compact-xs" variant="default" onClick={() => setAsked(move)}>
          {moveWords[move].word}
        </Button>
      ))}
      {may('exceptions.discuss') && typeof me?.person_id === 'string' ? (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => send({ move: 'assign', assignee: me.person_id })}
        >
          Assign to me
        </Button>
      ) : null}
      <Button size="compact-xs" variant="subtle" onClick={onDone}>
        Clear the selection
      </Button>
      {asked === null ? null : (
        <MoveForm
          move={asked}
          about={about}
          isSending={bulk.isPending}
          error={bulk.error}
          onSend={send}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

const movesBy = (works: boolean, reviews: boolean): ButtonMove[] => [
  ...(works ? byWorker : []),
  ...(reviews ? byReviewer : []),
];

function tell({ moved, refused }: BulkResult): void {
  const [first] = refused;
  notifications.show({
    title: `${counted(moved.length, 'exception')} moved`,
    message:
      first === undefined
        ? ''
        : `${counted(refused.length, 'was', 'were')} refused: ${first.detail}`,
    color: first === undefined ? 'teal' : 'orange',
    autoClose: first === undefined ? 4000 : false,
  });
}
