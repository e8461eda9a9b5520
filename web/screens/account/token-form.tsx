import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Failure } from '../../parts/answers';
import { useMe } from '../../session/me';
import { useMakeToken } from './token-steps';

const scopes = [
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Read and write' },
];
const lives = ['7', '30', '90', '366'];

/** Makes a token, and shows it once: only its hash is kept. */
export function TokenForm({ onClose }: { onClose: () => void }): ReactNode {
  const make = useMakeToken();
  return (
    <Modal opened onClose={onClose} title="Make a token">
      {make.data === undefined ? (
        <Ask make={make} onClose={onClose} />
      ) : (
        <Stack gap="sm">
          <TextInput
            label="The token"
            description="Copy it now. It is not shown again: only its hash is kept."
            readOnly
            value={make.data.token}
            onFocus={(event) => event.currentTarget.select()}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Ask({
  make,
  onClose,
}: {
  make: ReturnType<typeof useMakeToken>;
  onClose: () => void;
}): ReactNode {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<'read' | 'write'>('read');
  const [entity, setEntity] = useState('');
  const [days, setDays] = useState('90');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate({
      name: name.trim(),
      scope,
      entity: entity === '' ? null : entity,
      expires_in_days: Number(days),
    });
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <TextInput
          label="What for"
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="It may"
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value === 'write' ? 'write' : 'read')}
          data={scopes}
        />
        <EntityChoice entity={entity} onChange={setEntity} />
        <NativeSelect
          label="It ends after"
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data={lives.map((value) => ({ value, label: `${value} days` }))}
        />
        {make.error === null ? null : <Failure error={make.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={name.trim() === ''}>
            Make it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function EntityChoice({
  entity,
  onChange,
}: {
  entity: string;
  onChange: (entity: string) => void;
}): ReactNode {
  const entities = useMe()?.entities ?? [];
  return (
    <NativeSelect
      label="Entity"
      value={entity}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: 'All that you may see' },
        ...entities.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}
