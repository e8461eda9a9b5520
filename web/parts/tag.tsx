import type { ReactNode } from 'react';
import { outcomeWord, severityWord, stateWord, type Tone } from '../format/words';

export function Tag({
  tone,
  plain = false,
  children,
}: {
  tone: Tone;
  plain?: boolean;
  children: ReactNode;
}): ReactNode {
  return <span className={`tag ${tone}${plain ? ' plain' : ''}`}>{children}</span>;
}

export function OutcomeTag({ outcome }: { outcome: string }): ReactNode {
  const { word, tone } = outcomeWord(outcome);
  return <Tag tone={tone}>{word}</Tag>;
}

export function SeverityTag({ severity }: { severity: string }): ReactNode {
  const { word, tone } = severityWord(severity);
  return <Tag tone={tone}>{word}</Tag>;
}

export function StateTag({ state }: { state: string }): ReactNode {
  const { word, tone } = stateWord(state);
  return (
    <Tag tone={tone} plain>
      {word}
    </Tag>
  );
}
