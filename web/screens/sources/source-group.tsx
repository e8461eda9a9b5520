import { useState, type ReactNode } from 'react';
import { formatInstant, withInstants } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import type { StreamGroup } from './source-groups';
import { StreamRow } from './stream-row';

/** One source: up to when all of it is proven; opens to each kind of object. */
export function SourceGroup({ group }: { group: StreamGroup }): ReactNode {
  const [open, setOpen] = useState(false);
  const { source, name, streams, provenThrough } = group;
  return (
    <Sheet
      title={`${spelled(source)}, ${name}`}
      note={counted(streams.length, 'kind of object', 'kinds of objects')}
      end={
        <button
          type="button"
          className="plain-button noprint"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <span aria-hidden>{open ? '▾' : '▸'}</span> {open ? 'Fold' : 'Each kind'}
        </button>
      }
      flush
    >
      <div className="body-of-facts row-flow">
        {provenThrough === null ? (
          <Tag tone="warn">Not all of it is proven</Tag>
        ) : (
          <>
            <Tag tone="good">Proven</Tag> through {formatInstant(provenThrough)}
          </>
        )}
        <WhyOpen group={group} />
      </div>
      {open ? <Kinds group={group} /> : null}
    </Sheet>
  );
}

/** The newest windows are always open for a while: that is no fault, but it is said. */
function WhyOpen({ group: { open } }: { group: StreamGroup }): ReactNode {
  if (open.length === 0) return null;
  const [first] = open;
  return (
    <span className="soft small">
      {counted(open.length, 'kind has', 'kinds have')} an open window: {first?.object},{' '}
      {withInstants(first?.open_because ?? '')}
    </span>
  );
}

function Kinds({ group: { streams } }: { group: StreamGroup }): ReactNode {
  return (
    <table className="grid">
      <TableHead
        columns={[
          'Object',
          'Proven through',
          'Windows',
          { right: 'Rows' },
          { right: 'Control totals' },
          'Last read',
        ]}
      />
      <tbody>
        {streams.map((stream) => (
          <StreamRow key={stream.object} stream={stream} />
        ))}
      </tbody>
    </table>
  );
}
