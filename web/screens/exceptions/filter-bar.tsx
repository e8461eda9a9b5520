import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { controlsQuery } from '../../api/queries';
import { formatPeriod } from '../../format/dates';
import { severityWord, stateWord } from '../../format/words';
import { Choice } from '../../parts/choice';
import { useMe } from '../../session/me';
import classes from './exceptions.module.css';
import { severities, states, unsettled, type ExceptionFilters } from './exceptions-query';

const typingMs = 300;

const sortWords = [
  ['newest', 'Newest first'],
  ['oldest', 'Oldest first'],
  ['impact', 'Largest impact first'],
  ['severity', 'Gravest first'],
  ['due', 'Due soonest first'],
] as const;

export interface FilterBarParts {
  filters: ExceptionFilters;
  onChange: (part: ExceptionFilters) => void;
}

export function ExceptionFilterBar({ filters, onChange }: FilterBarParts): ReactNode {
  const me = useMe();
  const controls = useQuery(controlsQuery).data?.controls ?? [];
  const set = (name: keyof ExceptionFilters) => (value: string | undefined) =>
    onChange({ [name]: value });
  return (
    <div className={`${classes.filters} noprint`} role="search" aria-label="Filters">
      <SearchText text={filters.text} onChange={set('text')} />
      <Choice
        label="State"
        value={filters.state}
        options={[
          [unsettled, 'Unsettled'],
          ...states.map((state) => [state, stateWord(state).word] as const),
        ]}
        onChange={set('state')}
      />
      <Choice
        label="Severity"
        value={filters.severity}
        options={[
          ['critical,high', 'High and above'],
          ...severities.map((severity) => [severity, severityWord(severity).word] as const),
        ]}
        onChange={set('severity')}
      />
      <Choice
        label="Assigned"
        value={filters.assignee}
        all="Anybody"
        options={[
          ['me', 'Me'],
          ['nobody', 'Nobody'],
        ]}
        onChange={set('assignee')}
      />
      <Choice
        label="Control"
        value={filters.control}
        options={controls.map(({ id, title }) => [id, `${id} ${title}`])}
        onChange={set('control')}
      />
      <Choice
        label="Entity"
        value={filters.entity}
        options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
        onChange={set('entity')}
      />
      <Choice
        label="Order"
        value={filters.sort ?? 'newest'}
        all={null}
        options={sortWords}
        onChange={set('sort')}
      />
      <Chips filters={filters} onChange={onChange} />
    </div>
  );
}

/** Filters that only a link sets; each can be taken away. */
function Chips({ filters, onChange }: FilterBarParts): ReactNode {
  const words: Record<'period' | 'code' | 'run' | 'overdue', string> = {
    period: formatPeriod(filters.period ?? ''),
    code: filters.code ?? '',
    run: 'One run',
    overdue: 'Overdue',
  };
  return (['period', 'code', 'run', 'overdue'] as const)
    .filter((name) => filters[name] !== undefined)
    .map((name) => (
      <Button
        key={name}
        size="xs"
        variant="default"
        onClick={() => onChange({ [name]: undefined })}
      >
        {words[name]}
        <span aria-hidden>&nbsp;×</span>
        <span className="unseen">, remove this filter</span>
      </Button>
    ));
}

function SearchText({
  text,
  onChange,
}: {
  text: string | undefined;
  onChange: (text: string | undefined) => void;
}): ReactNode {
  const [typed, setTyped] = useState(text ?? '');
  const tell = useDebouncedCallback(onChange, typingMs);
  return (
    <TextInput
      size="xs"
      type="search"
      aria-label="Search causes and keys"
      placeholder="Search causes and keys"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value || undefined);
      }}
    />
  );
}
