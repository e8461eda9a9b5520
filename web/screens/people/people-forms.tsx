import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import type { Grant, Person, Role } from '../../api/types';
import { spelled } from '../../format/words';
import { FormModal } from '../../parts/form-modal';
import { useMe } from '../../session/me';

const roles: readonly Role[] = [
  'viewer',
  'preparer',
  'reviewer',
  'control_author',
  'auditor',
  'admin',
];

function useChange<Order>(
  send: (order: Order) => Promise<unknown>,
  onDone: () => void,
): UseMutationResult<unknown, Error, Order> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['people'] });
      onDone();
    },
  });
}

function TextField({
  label,
  value,
  onChange,
  type = 'text',
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'date';
}): ReactNode {
  return (
    <TextInput
      required
      type={type}
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

export function AddPerson({ onClose }: { onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const add = useChange(
    () => dataOf(api.POST('/api/v1/people', { body: { name, email } })),
    onClose,
  );
  return (
    <FormModal
      title="Add a person"
      word="Add"
      change={add}
      onSend={() => add.mutate(undefined)}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} />
      <TextField label="E-mail" type="email" value={email} onChange={setEmail} />
    </FormModal>
  );
}

export function GrantRole({ person, onClose }: { person: Person; onClose: () => void }): ReactNode {
  const me = useMe();
  const [role, setRole] = useState<Role>('viewer');
  const [entity, setEntity] = useState('');
  const [reason, setReason] = useState('');
  const [window, setWindow] = useState({ start: '', end: '', expires: '' });
  const grant = useChange(() => {
    const body = { role, entity: entity || null, reason, ...windowOf(role, window) };
    const params = { path: { id: person.person_id } };
    return dataOf(api.POST('/api/v1/people/{id}/grants', { params, body }));
  }, onClose);
  const change = (part: Partial<typeof window>): void => setWindow({ ...window, ...part });
  return (
    <FormModal
      title={`Give ${person.name} a role`}
      word="Give"
      change={grant}
      onSend={() => grant.mutate(undefined)}
      onClose={onClose}
    >
      <NativeSelect
        label="Role"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={roles.map((value) => ({ value, label: spelled(value) }))}
      />
      <NativeSelect
        label="Entity"
        value={entity}
        onChange={(event) => setEntity(event.currentTarget.value)}
        data={[
          { value: '', label: 'All entities' },
          ...(me?.entities ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {role === 'auditor' ? <AuditorFields window={window} onChange={change} /> : null}
      <TextField label="Reason" value={reason} onChange={setReason} />
    </FormModal>
  );
}

interface AuditorWindow {
  start: string;
  end: string;
  expires: string;
}

/** Only an auditor is held to a window of periods, and only for a time. */
const windowOf = (
  role: Role,
  { start, end, expires }: AuditorWindow,
): { window_start?: string; window_end?: string; expires_at?: string } =>
  role === 'auditor'
    ? { window_start: start, window_end: end, expires_at: `${expires}T00:00:00Z` }
    : {};

function AuditorFields({
  window,
  onChange,
}: {
  window: AuditorWindow;
  onChange: (part: Partial<AuditorWindow>) => void;
}): ReactNode {
  const field = (name: keyof AuditorWindow, label: string): ReactNode => (
    <TextField
      type="date"
      label={label}
      value={window[name]}
      onChange={(value) => onChange({ [name]: value })}
    />
  );
  return (
    <>
      {field('start', 'First day they may look at')}
      {field('end', 'First day they may not')}
      {field('expires', 'Expires')}
    </>
  );
}

const changes = {
  revoke: { title: 'Take a role', word: 'Take' },
  disable: { title: 'Shut out', word: 'Shut out' },
  enable: { title: 'Let in again', word: 'Let in' },
  sign_out: { title: 'Sign out everywhere', word: 'Sign out' },
} as const;

export function AskReason({
  person,
  change,
  grant,
  onClose,
}: {
  person: Person;
  change: keyof typeof changes;
  /** The role that is taken. */
  grant: Grant | null;
  onClose: () => void;
}): ReactNode {
  const [reason, setReason] = useState('');
  const id = person.person_id;
  const send = useChange(() => {
    const order = { params: { path: { id } }, body: { reason } };
    if (change === 'disable') return dataOf(api.POST('/api/v1/people/{id}/disable', order));
    if (change === 'enable') return dataOf(api.POST('/api/v1/people/{id}/enable', order));
    if (change === 'sign_out') return dataOf(api.POST('/api/v1/people/{id}/sessions/end', order));
    return dataOf(
      api.POST('/api/v1/people/{id}/grants/{grant}/revoke', {
        params: { path: { id, grant: grant?.grant_id ?? '' } },
        body: { reason },
      }),
    );
  }, onClose);
  const { title, word } = changes[change];
  return (
    <FormModal
      title={`${title}: ${person.name}${grant === null ? '' : `, ${spelled(grant.role)}`}`}
      word={word}
      change={send}
      onSend={() => send.mutate(undefined)}
      onClose={onClose}
    >
      <TextField label="Reason" value={reason} onChange={setReason} />
    </FormModal>
  );
}
