import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { peopleNamesQuery } from '../../api/queries';
import type { ExceptionDetail } from '../../api/types';
import { formatDay } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Failure } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { Tag } from '../../parts/tag';
import { useMay, useMe } from '../../session/me';
import { MoveForm } from './move-form';
import { NameItemForm } from './name-item-form';
import { buttonMoves, dispositionWords, moveWords, useMove, type ButtonMove } from './moves';

/** Where the work on it stands, and what the reader may do next. */
export function WorkSheet({ exception }: { exception: ExceptionDetail }): ReactNode {
  const [asked, setAsked] = useState<ButtonMove | null>(null);
  const move = useMove(exception);
  const possible = buttonMoves.filter((one) => exception.moves.includes(one));
  const press = (one: ButtonMove): void => {
    move.reset();
    if (one === 'acknowledge') move.mutate({ move: one });
    else setAsked(one);
  };
  return (
    <Sheet title="Work">
      <div className="stack">
        <Standing exception={exception} />
        <Assignee exception={exception} />
        <WhyNoMore exception={exception} possible={possible} />
        {possible.length === 0 ? null : (
          <div className="row-flow noprint">
            {possible.map((one, index) => (
              <Button
                key={one}
                size="xs"
                variant={index === possible.length - 1 ? 'filled' : 'default'}
                loading={move.isPending && asked === null}
                onClick={() => press(one)}
              >
                {moveWords[one].word}
              </Button>
            ))}
          </div>
        )}
        <NameItem exception={exception} />
        {move.error !== null && asked === null ? <Failure error={move.error} /> : null}
      </div>
      {asked === null ? null : (
        <MoveForm
          move={asked}
          isSending={move.isPending}
          error={move.error}
          onClose={() => setAsked(null)}
          onSend={(order) => move.mutate(order, { onSuccess: () => setAsked(null) })}
        />
      )}
    </Sheet>
  );
}

/** For what is expected and will come again: a difference with an owner and an end. */
function NameItem({ exception }: { exception: ExceptionDetail }): ReactNode {
  const [asked, setAsked] = useState(false);
  const may = useMay();
  const isSettled = exception.state === 'closed' || exception.state === 'cleared';
  if (isSettled || !may('reconciling_items.create', exception.entity_id)) return null;
  return (
    <div className="noprint">
      <Button size="compact-xs" variant="subtle" onClick={() => setAsked(true)}>
        Expected? Name it as a reconciling item
      </Button>
      {asked ? <NameItemForm exception={exception} onClose={() => setAsked(false)} /> : null}
    </div>
  );
}

function Standing({ exception }: { exception: ExceptionDetail }): ReactNode {
  const { disposition, due_on: dueOn } = exception;
  return (
    <dl className="facts">
      <dt>Age</dt>
      <dd>{counted(exception.age_days, 'business day')}</dd>
      {dueOn === null ? null : (
        <>
          <dt>Due</dt>
          <dd>
            {formatDay(dueOn)} {exception.overdue ? <Tag tone="bad">Overdue</Tag> : null}
          </dd>
        </>
      )}
      {disposition === null ? null : (
        <>
          <dt>Disposition</dt>
          <dd>
            {disposition === 'reconciling_item' ? (
              <Link to="/reconciling-items" search={{ control: exception.control_id }}>
                Reconciling item
              </Link>
            ) : (
              dispositionWords[disposition]
            )}
            {exception.accepted_until === null
              ? ''
              : `, until ${formatDay(exception.accepted_until)}`}
          </dd>
        </>
      )}
      {exception.root_cause === null ? null : (
        <>
          <dt>Root cause</dt>
          <dd>{spelled(exception.root_cause)}</dd>
        </>
      )}
      {exception.proposed_by === null ? null : (
        <>
          <dt>Proposed by</dt>
          <dd>{exception.proposed_by.name}</dd>
        </>
      )}
      {exception.closed_by === null ? null : (
        <>
          <dt>Closed by</dt>
          <dd>{exception.closed_by.name}</dd>
        </>
      )}
    </dl>
  );
}

function Assignee({ exception }: { exception: ExceptionDetail }): ReactNode {
  const may = useMay();
  const people = useQuery({ ...peopleNamesQuery, enabled: may('people.names') }).data?.people;
  const move = useMove(exception);
  const { assignee } = exception;
  if (!exception.moves.includes('assign') || people === undefined)
    return (
      <dl className="facts">
        <dt>Assigned to</dt>
        <dd>{assignee?.name ?? 'Nobody'}</dd>
      </dl>
    );
  return (
    <>
      <NativeSelect
        label="Assigned to"
        size="xs"
        disabled={move.isPending}
        value={assignee?.person_id ?? ''}
        onChange={(event) =>
          move.mutate({ move: 'assign', assignee: event.currentTarget.value || null })
        }
        data={[
          { value: '', label: 'Nobody' },
          ...people.map(({ person_id: value, name }) => ({ value, label: name })),
        ]}
      />
      {move.error === null ? null : <Failure error={move.error} />}
    </>
  );
}

/** Why what somebody may look for is not offered: another's turn, or a role that only reads. */
function WhyNoMore({
  exception,
  possible,
}: {
  exception: ExceptionDetail;
  possible: readonly ButtonMove[];
}): ReactNode {
  const me = useMe();
  const may = useMay();
  const text = reasonWhy(exception, possible, {
    person: me?.person_id ?? null,
    works: may('exceptions.work', exception.entity_id),
  });
  return text === null ? null : <div className="soft">{text}</div>;
}

function reasonWhy(
  exception: ExceptionDetail,
  possible: readonly ButtonMove[],
  reader: { person: string | null; works: boolean },
): string | null {
  const { state, proposed_by: proposedBy } = exception;
  if (state === 'proposed' && !possible.includes('approve'))
    return proposedBy !== null && proposedBy.person_id === reader.person
      ? 'You proposed this. Somebody else must approve it or send it back.'
      : 'A reviewer must approve this or send it back.';
  if (state === 'cleared' || state === 'closed') return 'It is settled.';
  if (possible.length > 0) return null;
  return reader.works
    ? 'Nothing can be done with it now.'
    : 'Your role may look at this, not work on it.';
}
