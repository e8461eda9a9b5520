import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { Failure } from './answers';

/** A form in front of the screen: its fields, what went wrong, and the two buttons. */
export function FormModal({
  title,
  word,
  change,
  isReady = true,
  onSend,
  onClose,
  children,
}: {
  title: string;
  /** What the button says. */
  word: string;
  change: { isPending: boolean; error: Error | null };
  /** False while something is missing that no field can require by itself. */
  isReady?: boolean;
  onSend: () => void;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSend();
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {children}
          {change.error === null ? null : <Failure error={change.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending} disabled={!isReady}>
              {word}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Why: stands with the change for good. */
export function ReasonField({
  label = 'Reason',
  description = 'Stands in the audit trail under your name.',
  required = true,
  isFirst = false,
  most,
  value,
  onChange,
}: {
  label?: string;
  description?: string;
  required?: boolean;
  /** It has the keyboard when the form opens. */
  isFirst?: boolean;
  most: number;
  value: string;
  onChange: (reason: string) => void;
}): ReactNode {
  return (
    <Textarea
      {...{ label, description, required, value }}
      {...(isFirst ? { 'data-autofocus': true } : {})}
      autosize
      minRows={2}
      maxLength={most}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
