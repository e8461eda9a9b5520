import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ExceptionMove } from '../../api/types';
import { FormModal, ReasonField } from '../../parts/form-modal';
import {
  dispositionWords,
  moveWords,
  rootCauseWords,
  type ButtonMove,
  type Disposition,
  type RootCause,
} from './moves';

export interface MoveFormParts {
  move: ButtonMove;
  /** How many are moved, where it is not one. */
  about?: string;
  isSending: boolean;
  error: Error | null;
  onSend: (order: ExceptionMove) => void;
  onClose: () => void;
}

/** Asks for what a move needs: a reason, or a whole disposition. */
export function MoveForm({
  move,
  about,
  isSending,
  error,
  onSend,
  onClose,
}: MoveFormParts): ReactNode {
  const [disposition, setDisposition] = useState<Disposition>('explained');
  const [rootCause, setRootCause] = useState<RootCause>('unknown');
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const { word, asks } = moveWords[move];
  return (
    <FormModal
      title={about === undefined ? word : `${word}: ${about}`}
      word={word}
      change={{ isPending: isSending, error }}
      onSend={() => onSend(orderOf(move, { disposition, rootCause, until, reason: reason.trim() }))}
      onClose={onClose}
    >
      {asks === 'disposition' ? (
        <DispositionFields
          {...{ disposition, rootCause, until }}
          onDisposition={setDisposition}
          onRootCause={setRootCause}
          onUntil={setUntil}
        />
      ) : null}
      <ReasonField
        label={asks === 'note' ? 'Note' : 'Reason'}
        description="Stands in the history and in the evidence log."
        required={asks !== 'note'}
        isFirst
        most={4000}
        value={reason}
        onChange={setReason}
      />
    </FormModal>
  );
}

function DispositionFields({
  disposition,
  rootCause,
  until,
  onDisposition,
  onRootCause,
  onUntil,
}: {
  disposition: Disposition;
  rootCause: RootCause;
  until: string;
  onDisposition: (disposition: Disposition) => void;
  onRootCause: (rootCause: RootCause) => void;
  onUntil: (until: string) => void;
}): ReactNode {
  return (
    <>
      <NativeSelect
        label="Disposition"
        data={optionsOf(dispositionWords)}
        value={disposition}
        onChange={(event) => onDisposition(event.currentTarget.value as Disposition)}
      />
      {disposition === 'risk_accepted' ? (
        <TextInput
          type="date"
          label="Until"
          description="The last day on which the risk is accepted."
          required
          value={until}
          onChange={(event) => onUntil(event.currentTarget.value)}
        />
      ) : null}
      <NativeSelect
        label="Root cause"
        data={optionsOf(rootCauseWords)}
        value={rootCause}
        onChange={(event) => onRootCause(event.currentTarget.value as RootCause)}
      />
    </>
  );
}

const optionsOf = (words: Record<string, string>): { value: string; label: string }[] =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

function orderOf(
  move: ButtonMove,
  given: { disposition: Disposition; rootCause: RootCause; until: string; reason: string },
): ExceptionMove {
  const { disposition, rootCause, until, reason } = given;
  switch (move) {
    case 'propose':
      return {
        move,
        disposition,
        root_cause: rootCause,
        ...(disposition === 'risk_accepted' ? { until } : {}),
        reason,
      };
    case 'acknowledge':
    case 'approve':
      return { move, ...(reason === '' ? {} : { reason }) };
    case 'withdraw':
    case 'send_back':
    case 'reopen':
      return { move, reason };
  }
}
