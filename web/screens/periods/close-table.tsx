import { Checkbox } from '@mantine/core';
import { Fragment, useState, type ReactNode } from 'react';
import type { Close } from '../../api/types';
import { CloseRow } from './close-row';
import { GroupRow } from './group-row';
import { keyOf } from './sign-off';

type CloseControl = Close['controls'][number];

interface Choosing {
  /** Keys of what the reader may sign. */
  all: readonly string[];
  chosen: readonly string[];
  onChoose: (keys: readonly string[]) => void;
}

/** One row a control; one whose periods are shorter than the month opens to one row each. */
export function CloseTable({ close, ...choosing }: { close: Close } & Choosing): ReactNode {
  const { all, chosen, onChoose } = choosing;
  return (
    <table className="grid">
      <CloseHead
        isNone={all.length === 0}
        isAll={all.length > 0 && all.every((key) => chosen.includes(key))}
        onAll={(checked) => onChoose(checked ? all : [])}
      />
      <tbody>
        {close.controls.map((control) =>
          control.periods.length > 1 ? (
            <Group
              key={control.control_id}
              control={control}
              entity={close.entity}
              choosing={choosing}
            />
          ) : (
            <Parts
              key={control.control_id}
              control={control}
              entity={close.entity}
              choosing={choosing}
            />
          ),
        )}
      </tbody>
    </table>
  );
}

interface OfControl {
  control: CloseControl;
  entity: string;
  choosing: Choosing;
}

function Group(of: OfControl): ReactNode {
  const [open, setOpen] = useState(false);
  const { control, choosing } = of;
  const { all, chosen, onChoose } = choosing;
  const keys = control.periods
    .map(({ period_key: period }) => keyOf({ control: control.control_id, period }))
    .filter((key) => all.includes(key));
  const others = chosen.filter((key) => !keys.includes(key));
  return (
    <Fragment>
      <GroupRow
        control={control}
        isOpen={open}
        onOpen={() => setOpen(!open)}
        offered={keys.length}
        chosen={chosen.length - others.length}
        onChoose={(checked) => onChoose(checked ? [...others, ...keys] : others)}
      />
      {open ? <Parts {...of} /> : null}
    </Fragment>
  );
}

function Parts({ control, entity, choosing: { all, chosen, onChoose } }: OfControl): ReactNode {
  const toggle = (key: string): void =>
    onChoose(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key]);
  return control.periods.map((part) => {
    const key = keyOf({ control: control.control_id, period: part.period_key });
    return (
      <CloseRow
        key={key}
        {...{ control, part, entity }}
        isOffered={all.includes(key)}
        isChosen={chosen.includes(key)}
        onToggle={() => toggle(key)}
      />
    );
  });
}

function CloseHead({
  isNone,
  isAll,
  onAll,
}: {
  isNone: boolean;
  isAll: boolean;
  onAll: (checked: boolean) => void;
}): ReactNode {
  return (
    <thead>
      <tr>
        <th scope="col">
          <Checkbox
            size="xs"
            aria-label="Select all that can be signed"
            disabled={isNone}
            checked={isAll}
            onChange={(event) => onAll(event.currentTarget.checked)}
          />
        </th>
        <th scope="col">Control</th>
        <th scope="col">Outcome</th>
        <th scope="col" className="right">
          Unsettled
        </th>
        <th scope="col">Sign-off</th>
        <th scope="col">Prepared</th>
        <th scope="col">Reviewed</th>
      </tr>
    </thead>
  );
}
