import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Failure } from './answers';

/** Asks for the reason of a governed change, which stands in the audit trail with it. */
export function ReasonForm({
  title,
  word,
  about,
  isSending,
  error,
  onSend,
  onClose,
}: {
  title: string;
  /** What the button says. */
  word: string;
  about?: ReactNode;
  isSending: boolean;
  error: Error | null;
  onSend: (reason: string) => void;
  onClose: () => void;
}): ReactNode {
  const [reason, setReason] = useState('');
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSend(reason.trim());
        }}
      >
        <Stack gap="sm">
          {about === undefined ? null : <div className="soft">{about}</div>}
          <Textarea
            label="Reason"
            description="Stands in the audit trail under your name."
            required
            autosize
            minRows={2}
            maxLength={1000}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {error === null ? null : <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isSending} disabled={reason.trim() === ''}>
              {word}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
