import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Close } from '../../api/types';
import { counted } from '../../format/words';
import { Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { useMay, useMe } from '../../session/me';
import { CloseTable } from './close-table';
import { SignForm } from './sign-form';
import { keyOf, stepsOf, stepWords, takeable, type SignItem, type SignStep } from './sign-off';

/** Control by control: its run, what is unsettled, who signed, and what keeps them from it. */
export function CloseSheet({ close }: { close: Close }): ReactNode {
  const me = useMe();
  const may = useMay();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState<SignStep | null>(null);
  const person = me?.person_id ?? null;
  const steps = stepsOf(may, close.entity);
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
          title={`${stepWords[asked]}: ${counted(itemsOf(asked).length, 'control')}`}
          word={stepWords[asked]}
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
      {stepWords[step]}
      {count === 0 ? '' : ` (${count})`}
    </Button>
  );
}
