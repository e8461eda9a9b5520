import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { keyWords } from './list-keys';

/** What the keys of the list do. */
export function KeysHelp({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Modal opened onClose={onClose} title="Keys of the list" size="sm">
      <dl className="facts">
        {keyWords.map(([keys, meaning]) => (
          <Line key={keys} keys={keys} meaning={meaning} />
        ))}
      </dl>
    </Modal>
  );
}

function Line({ keys, meaning }: { keys: string; meaning: string }): ReactNode {
  return (
    <>
      <dt className="mono">{keys}</dt>
      <dd>{meaning}</dd>
    </>
  );
}
