import { NativeSelect, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { peopleNamesQuery } from '../../api/queries';
import type { ExceptionDetail } from '../../api/types';
import { FormModal, ReasonField } from '../../parts/form-modal';
import { useMe } from '../../session/me';
import { useNameItem } from '../reconciling/item-steps';
import { readable } from './compare-records';

interface Given {
  label: string;
  amount: string;
  owner: string;
  until: string;
  reason: string;
}

/** Names an exception as a known, expected difference; it closes nothing until it is approved. */
export function NameItemForm({
  exception,
  onClose,
}: {
  exception: ExceptionDetail;
  onClose: () => void;
}): ReactNode {
  const me = useMe();
  const name = useNameItem();
  const [given, setGiven] = useState<Given>({
    label: '',
    amount: readable(exception.impact) ?? '',
    owner: me?.person_id ?? '',
    until: '',
    reason: '',
  });
  const send = (): void =>
    name.mutate(orderOf(exception, given), {
      onSuccess: () => {
        onClose();
        notifications.show({
          title: 'Named as a reconciling item',
          message: 'It closes nothing until somebody else approves it.',
        });
      },
    });
  return (
    <FormModal
      title="Name as a reconciling item"
      word="Name it"
      change={name}
      onSend={send}
      onClose={onClose}
    >
      <Fields
        exception={exception}
        given={given}
        onChange={(part) => setGiven((before) => ({ ...before, ...part }))}
      />
    </FormModal>
  );
}

const orderOf = (exception: ExceptionDetail, given: Given) => ({
  exception_id: exception.exception_id,
  amount: exception.impact === null ? null : given.amount.trim(),
  label: given.label.trim(),
  owner: given.owner,
  valid_until: given.until,
  reason: given.reason.trim(),
});

function Fields({
  exception,
  given,
  onChange,
}: {
  exception: ExceptionDetail;
  given: Given;
  onChange: (part: Partial<Given>) => void;
}): ReactNode {
  const people = useQuery(peopleNamesQuery).data?.people ?? [];
  return (
    <>
      <TextInput
        label="What is expected"
        description="As a reviewer reads it: Stripe fee billed in arrears."
        required
        maxLength={200}
        data-autofocus
        value={given.label}
        onChange={(event) => onChange({ label: event.currentTarget.value })}
      />
      {exception.impact === null ? null : (
        <TextInput
          label={`Up to, in ${exception.currency ?? 'its currency'}`}
          description="An impact above it stays an exception."
          required
          inputMode="decimal"
          pattern="\d{1,18}(\.\d{1,6})?"
          value={given.amount}
          onChange={(event) => onChange({ amount: event.currentTarget.value })}
        />
      )}
      <TextInput
        type="date"
        label="Until"
        description="Its last day, within a year. Then what it explains opens again."
        required
        value={given.until}
        onChange={(event) => onChange({ until: event.currentTarget.value })}
      />
      <NativeSelect
        label="Owner"
        required
        value={given.owner}
        onChange={(event) => onChange({ owner: event.currentTarget.value })}
        data={people.map(({ person_id: value, name: word }) => ({ value, label: word }))}
      />
      <ReasonField most={2000} value={given.reason} onChange={(reason) => onChange({ reason })} />
    </>
  );
}
