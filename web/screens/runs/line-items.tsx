import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { Empty } from '../../parts/answers';
import type { StatementLine } from './statement-layout';

export interface OpenLine {
  procedure: string;
  currency: string | null;
  line: StatementLine;
}

/** The items behind a line of the statement. */
export function LineItems({
  open,
  onClose,
}: {
  runId: string;
  open: OpenLine | null;
  onClose: () => void;
}): ReactNode {
  return (
    <Drawer opened={open !== null} onClose={onClose} position="right" size="xl" title="Items">
      {open === null ? null : <Empty title="Items" />}
    </Drawer>
  );
}
