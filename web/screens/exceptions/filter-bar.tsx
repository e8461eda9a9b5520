import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { controlsQuery } from '../../api/queries';
import { formatPeriod } from '../../format/dates';
import { severityWord, stateWord } from '../../format/words';
import { Choice } from '../../parts/choice';
import { useMe } from '../../session/me';
import classes from './exceptions.module.css';
import { severities, states, type ExceptionFilters } from './exceptions-query';

export function ExceptionFilterBar({
  filters,
  onChange,
}: {
  filters: ExceptionFilters;
  onChange: (part: ExceptionFilters) => void;
}): ReactNode {
  const me = useMe();
  const controls = useQuery(controlsQuery).data?.controls ?? [];
  const set = (name: keyof ExceptionFilters) => (value: string | undefined) =>
    onChange({ [name]: value });
  const fixed = (['period', 'code'] as const).filter((name) => filters[name] !== undefined);
  return (
    <div className={`${classes.filters} noprint`} role="search" aria-label="Filters">
      <Choice
        label="State"
        value={filters.state}
        options={states.map((state) => [state, stateWord(state).word])}
        onChange={set('state')}
      />
      <Choice
        label="Severity"
        value={filters.severity}
        options={severities.map((severity) => [severity, severityWord(severity).word])}
        onChange={set('severity')}
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
      {fixed.map((name) => (
        <Button key={name} size="xs" variant="default" onClick={() => set(name)(undefined)}>
          {name === 'period' ? formatPeriod(filters.period ?? '') : filters.code}
          <span aria-hidden>&nbsp;×</span>
          <span className="unseen">, remove this filter</span>
        </Button>
      ))}
    </div>
  );
}
