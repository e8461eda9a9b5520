import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';

/** One of a few, or all of them. */
export function Choice({
  label,
  value,
  options,
  onChange,
  all = 'All',
}: {
  label: string;
  value: string | undefined;
  options: readonly (readonly [value: string, name: string])[];
  onChange: (value: string | undefined) => void;
  /** What choosing none is called; null where one must be chosen. */
  all?: string | null;
}): ReactNode {
  return (
    <NativeSelect
      aria-label={label}
      size="xs"
      maw={210}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      data={[
        ...(all === null ? [] : [{ value: '', label: `${label}: ${all}` }]),
        ...options.map(([of, name]) => ({ value: of, label: name })),
      ]}
    />
  );
}
