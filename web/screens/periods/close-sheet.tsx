import { Button, Checkbox } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Close } from '../../api/types';
import { counted } from '../../format/words';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { useMay, useMe } from '../../session/me';
import { CloseRow } from './close-row';
import { SignForm } from './sign-form';
import { keyOf, takeable, type ClosePeriod, type SignItem, type SignStep } from './sign-off';

const words: Record<SignStep, string> = {
  prepare: 'Sign as preparer',
  review: 'Sign as reviewer',
  reopen: 'Reopen',
};

/** Control by control: its run, what is unsettled, who signed, and what keeps them from it. */
export function CloseSheet({ close }: { close: Close }): ReactNode {
  const me = useMe();
  const may = useMay();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState<SignStep | null>(null);
  const person = me?.person_id ?? null;
  const steps: SignStep[] = [
    ...(may('signoff.prepare', close.entity) ? (['prepare'] as const) : []),
    ...(may('signoff.review', close.entity) ? (['review', 'reopen'] as const) : []),
  ];
  const itemsOf = (step: SignStep): SignItem[] =>
    takeable(close, step, person).filter((item) => chosen.includes(keyOf(item)));
  const all = steps.flatMap((step) => takeable(close, step, person).map(keyOf));
  return (
    <Sheet
      title="Sign-off by control"
      note="A preparer signs first, then a reviewer who is another person"
      end={steps.map((step) => (
        <StepButton key={step} {...{ step }} count={itemsOf(step).length} onPress={setAsked} />
      ))}
      flush
    >
      {close.controls.length === 0 ? (
        <Empty title="No control is due in this period" />
      ) : (
        <CloseTable close={close} all={all} chosen={chosen} onChoose={setChosen} />
      )}
      {asked === null ? null : (
        <SignForm
          step={asked}
          title={`${words[asked]}: ${counted(itemsOf(asked).length, 'control')}`}
          word={words[asked]}
          entity={close.entity}
          items={itemsOf(asked)}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            setChosen([]);
          }}
        />
      )}
    </Sheet>
  );
}

/** One row a control and period, with a box where the person may sign. */
function CloseTable({
  close,
  all,
  chosen,
  onChoose,
}: {
  close: Close;
  all: readonly string[];
  chosen: readonly string[];
  onChoose: (keys: readonly string[]) => void;
}): ReactNode {
  const toggle = (key: string): void =>
    onChoose(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key]);
  return (
    <table className="grid">
      <CloseHead
        isNone={all.length === 0}
        isAll={all.length > 0 && all.every((key) => chosen.includes(key))}
        onAll={(checked) => onChoose(checked ? all : [])}
      />
      <tbody>
        {rowsOf(close).map(({ control, part, key }) => (
          <CloseRow
            key={key}
            {...{ control, part }}
            entity={close.entity}
            isOffered={all.includes(key)}
            isChosen={chosen.includes(key)}
            onToggle={() => toggle(key)}
          />
        ))}
      </tbody>
    </table>
  );
}

/** A control has several rows where its periods are shorter than the month. */
function rowsOf({
  controls,
}: Close): { control: Close['controls'][number]; part: ClosePeriod; key: string }[] {
  return controls.flatMap((control) =>
    control.periods.map((part) => ({
      control,
      part,
      key: keyOf({ control: control.control_id, period: part.period_key }),
    })),
  );
}

function StepButton({
  step,
  count,
  onPress,
}: {
  step: SignStep;
  count: number;
  onPress: (step: SignStep) => void;
}): ReactNode {
  return (
    <Button
      size="compact-sm"
      ml={8}
      variant={step === 'reopen' ? 'default' : 'filled'}
      disabled={count === 0}
      onClick={() => onPress(step)}
    >
      {words[step]}
      {count === 0 ? '' : ` (${count})`}
    </Button>
  );
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
