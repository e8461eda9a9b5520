import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Exception } from '../../api/types';
import { counted } from '../../format/words';
import classes from './exceptions.module.css';

/** What can be done with all that are selected. */
export function BulkBar({
  chosen,
  onDone,
}: {
  chosen: readonly Exception[];
  onDone: () => void;
}): ReactNode {
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Selected exceptions">
      <strong>{counted(chosen.length, 'exception')} selected</strong>
      <Button size="compact-xs" variant="subtle" onClick={onDone}>
        Clear the selection
      </Button>
    </div>
  );
}
