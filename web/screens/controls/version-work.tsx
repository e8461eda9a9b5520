import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import type { ControlVersion } from '../../api/types';
import { ReasonForm } from '../../parts/reason-form';
import { Sheet } from '../../parts/sheet';
import { useMay, useMe } from '../../session/me';
import { standingOf, type VersionStep } from './version-standing';

const words: Record<VersionStep, string> = { submit: 'Put forward', approve: 'Approve' };

/** What keeps a version from its schedule, and what the reader can do about that. */
export function VersionWork({ version }: { version: ControlVersion }): ReactNode {
  const [asked, setAsked] = useState<VersionStep | null>(null);
  const me = useMe();
  const may = useMay();
  const decide = useDecide(version);
  const standing = standingOf(version, {
    person: me?.person_id ?? null,
    submits: may('controls.submit'),
    approves: may('controls.approve'),
  });
  if (standing === null) return null;
  const { text, step } = standing;
  return (
    <Sheet title="Before it runs on schedule">
      <div className="row-flow">
        <span>{text}</span>
        {step === null ? null : (
          <Button
            size="xs"
            onClick={() => {
              decide.reset();
              setAsked(step);
            }}
          >
            {words[step]}
          </Button>
        )}
      </div>
      {asked === null ? null : (
        <ReasonForm
          title={`${words[asked]}: ${version.control_id}, version ${version.version.slice(0, 12)}`}
          word={words[asked]}
          isSending={decide.isPending}
          error={decide.error}
          onClose={() => setAsked(null)}
          onSend={(reason) =>
            decide.mutate({ step: asked, reason }, { onSuccess: () => setAsked(null) })
          }
        />
      )}
    </Sheet>
  );
}

function useDecide({ control_id: id, version }: ControlVersion) {
  const queries = useQueryClient();
  return useMutation<unknown, Error, { step: VersionStep; reason: string }>({
    mutationFn: ({ step, reason }) => {
      const order = { params: { path: { id, version } }, body: { reason } };
      return step === 'submit'
        ? dataOf(api.POST('/api/v1/controls/{id}/versions/{version}/submit', order))
        : dataOf(api.POST('/api/v1/controls/{id}/versions/{version}/approve', order));
    },
    onSuccess: async (versions) => {
      queries.setQueryData(['controls', id, 'versions'], versions);
      await queries.invalidateQueries({ queryKey: ['overview'] });
    },
  });
}
