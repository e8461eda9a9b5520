import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { sourceWindowsQuery } from '../../api/queries';
import type { SourcesOverview } from '../../api/types';
import { formatCount } from '../../format/amount';
import { formatInstant, withInstants } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Answer } from '../../parts/answers';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';

type Stream = SourcesOverview['streams'][number];

/** More totals than these are shown once the row is opened. */
const mostTotals = 2;

/** One kind of object of one source; opens its windows. */
export function StreamRow({ stream }: { stream: Stream }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr className="link">
        <th scope="row" className="row">
          <button
            type="button"
            className="plain-button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <span aria-hidden>{open ? '▾' : '▸'}</span> {stream.object}
          </button>
          <div className="soft small">
            {spelled(stream.source)}, {stream.name}
          </div>
        </th>
        <td>
          {stream.closed_through === null ? (
            <Tag tone="warn">Not proven</Tag>
          ) : (
            formatInstant(stream.closed_through)
          )}
          {stream.open_because === null ? null : (
            <div className="soft small">{stream.open_because}</div>
          )}
        </td>
        <td className="nowrap">
          {formatCount(stream.closed)} of {formatCount(stream.windows)} closed
          {stream.by_reads_alone === '0' ? null : (
            <div className="soft small">
              {formatCount(stream.by_reads_alone)} by two reads alone
            </div>
          )}
          <Comparison last={stream.last_comparison} />
        </td>
        <td className="right">{formatCount(stream.rows)}</td>
        <td className="right">
          {stream.totals.length > mostTotals && !open
            ? counted(stream.totals.length, 'currency', 'currencies')
            : stream.totals.map((total) => (
                <div key={total.currency}>
                  <Amount value={total.amount} currency={total.currency} named />
                </div>
              ))}
        </td>
        <td className="nowrap">{formatInstant(stream.last_read_at)}</td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={6}>
            <Windows stream={stream} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** What no window had told, found by comparing all ids. */
function Comparison({ last }: { last: Stream['last_comparison'] }): ReactNode {
  if (last === null) return null;
  const { missed, gone, stale } = last;
  const differ = [missed, gone, stale].some((n) => n !== '0');
  return (
    <div className="soft small">
      Ids compared {formatInstant(last.compared_at)}
      {differ
        ? `: ${formatCount(missed)} missed, ${formatCount(gone)} gone, ${formatCount(stale)} stale`
        : ': none differs'}
    </div>
  );
}

const proofs = {
  agrees: { word: 'Source total agrees', tone: 'good' },
  differs: { word: 'Source total differs', tone: 'bad' },
  unavailable: { word: 'By two reads', tone: 'mute' },
} as const;

function Windows({ stream }: { stream: Stream }): ReactNode {
  const { source, name, object } = stream;
  const query = useQuery(sourceWindowsQuery({ source, name, object }));
  return (
    <Answer query={query} rows={3}>
      {({ windows }) => (
        <table className="grid">
          <TableHead
            columns={['Window', 'State', 'Proof', { right: 'Reads' }, { right: 'Rows' }]}
          />
          <tbody>
            {windows.map((window) => (
              <tr key={window.from_at}>
                <td className="nowrap">
                  {formatInstant(window.from_at)} to {formatInstant(window.to_at)}
                </td>
                <td>
                  <Tag tone={window.state === 'closed' ? 'good' : 'warn'}>
                    {spelled(window.state)}
                  </Tag>
                  {window.state_reason === null ? null : (
                    <div className="soft small">{withInstants(window.state_reason)}</div>
                  )}
                </td>
                <td>
                  <Tag tone={proofs[window.source_total].tone} plain>
                    {proofs[window.source_total].word}
                  </Tag>
                </td>
                <td className="right">{formatCount(window.reads)}</td>
                <td className="right">{formatCount(window.rows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Answer>
  );
}
