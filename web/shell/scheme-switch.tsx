import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';

/** Light or dark; follows the system until it is used. */
export function SchemeSwitch(): ReactNode {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={dark ? 'Use the light scheme' : 'Use the dark scheme'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <svg width="18" height="18" viewBox="0 0 24 24" aria-hidden>
        <circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" strokeWidth="2" />
        <path d={dark ? 'M12 4a8 8 0 0 1 0 16z' : 'M12 4a8 8 0 0 0 0 16z'} fill="currentColor" />
      </svg>
    </ActionIcon>
  );
}
