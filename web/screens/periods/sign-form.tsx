import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import { Failure } from '../../parts/answers';
import { keyOf, type SignItem, type SignStep } from './sign-off';

const attested: Record<SignStep, string> = {
  prepare: 'I examined the statement and its exceptions; the control operated as designed.',
  review: 'I reviewed the work of the preparer and agree with it.',
  reopen: '',
};

export interface SignFormParts {
  step: SignStep;
  title: string;
  word: string;
  entity: string;
  items: readonly SignItem[];
  onClose: () => void;
  onDone: () => void;
}

/** Asks for the words that are attested; they stand in the evidence log. */
export function SignForm(parts: SignFormParts): ReactNode {
  const { step, title, word, entity, items, onClose, onDone } = parts;
  const [statement, setStatement] = useState(attested[step]);
  const queries = useQueryClient();
  const sign = useMutation({
    mutationFn: () =>
      dataOf(
        api.POST('/api/v1/signoffs', { body: { step, entity, items: [...items], statement } }),
      ),
    onSuccess: async ({ refused }) => {
      await queries.invalidateQueries({ queryKey: ['periods'] });
      if (refused.length === 0) onDone();
    },
  });
  const refused = sign.data?.refused ?? [];
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sign.mutate();
        }}
      >
        <Stack gap="sm">
          <div className="soft">{items.map(keyOf).join(', ')}</div>
          <Textarea
            label={step === 'reopen' ? 'Why it is reopened' : 'What you attest'}
            description="Stands in the evidence log under your name."
            required
            autosize
            minRows={3}
            maxLength={2000}
            value={statement}
            onChange={(event) => setStatement(event.currentTarget.value)}
          />
          {sign.error === null ? null : <Failure error={sign.error} />}
          {refused.map((one) => (
            <div key={`${one.control} ${one.period}`} role="alert" className="negative">
              {one.control} {one.period}: {one.detail}
            </div>
          ))}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={sign.isPending}>
              {word}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
