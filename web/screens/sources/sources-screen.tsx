import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sourcesQuery } from '../../api/queries';
import type { SourcesOverview } from '../../api/types';
import { formatCount } from '../../format/amount';
import { formatInstant } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { groupsOf } from './source-groups';
import { SourceGroup } from './source-group';

type Landing = SourcesOverview['landings'][number];
type Unread = SourcesOverview['unread'][number];
type MappingProblem = SourcesOverview['problems'][number];

/** What was read of each source, how far it is proven, and what holds verdicts back. */
export function SourcesScreen(): ReactNode {
  const query = useQuery(sourcesQuery);
  return (
    <div className="screen">
      <ScreenHead
        title="Sources"
        below="What was read, up to when that is proven complete, and by what proof."
      />
      <Answer query={query}>{(sources) => <ShownSources sources={sources} />}</Answer>
    </div>
  );
}

function ShownSources({ sources }: { sources: SourcesOverview }): ReactNode {
  const { unread, streams, landings, problems } = sources;
  if (unread.length + streams.length + landings.length === 0)
    return (
      <Sheet title="Nothing was read yet">
        <Empty title="No source was read">
          Declare sources in tieout.yaml and run <span className="mono">tieout sync</span>.
        </Empty>
      </Sheet>
    );
  return (
    <>
      {unread.length === 0 ? null : <NotRead sources={sources} />}
      {problems.length === 0 ? null : <Problems sources={sources} />}
      {streams.length === 0 ? null : (
        <>
          {groupsOf(streams).map((group) => (
            <SourceGroup key={`${group.source} ${group.name}`} group={group} />
          ))}
        </>
      )}
      {landings.length === 0 ? null : <Landings landings={landings} />}
    </>
  );
}

function Landings({ landings }: { landings: readonly Landing[] }): ReactNode {
  return (
    <Sheet title="Landed whole" note="Files and warehouse queries, as last landed" flush>
      <table className="grid">
        <TableHead
          columns={['Table', 'Proof', { right: 'Rows' }, { right: 'Total' }, 'Extracted', 'Landed']}
        />
        <tbody>
          {landings.map((landing) => (
            <tr key={landing.table}>
              <th scope="row" className="row">
                <span className="mono">{landing.table}</span>
                <div className="soft small">
                  {landing.object}, {landing.source}
                </div>
              </th>
              <td>
                {landing.control_total === 'agrees' ? (
                  <Tag tone="good">Control total agrees</Tag>
                ) : (
                  <Tag tone="warn">Completeness unverified</Tag>
                )}
              </td>
              <td className="right">{formatCount(landing.rows)}</td>
              <td className="right">
                {landing.totals.map((total) => (
                  <div key={total.currency}>
                    <Amount value={total.amount} currency={total.currency} named />
                  </div>
                ))}
              </td>
              <td className="nowrap">
                {landing.extracted_at === null ? (
                  <span className="soft">not said</span>
                ) : (
                  formatInstant(landing.extracted_at)
                )}
              </td>
              <td className="nowrap">{formatInstant(landing.landed_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function NotRead({ sources }: { sources: SourcesOverview }): ReactNode {
  const { unread, unread_total: total } = sources;
  return (
    <Sheet
      title="Not read by the last sync"
      note={`${counted(total, 'reason')}; what needs it gives no verdict`}
      flush
    >
      <table className="grid">
        <TableHead columns={['What', 'Why', 'Windows', 'Synced']} />
        <tbody>
          {unread.map((part) => (
            <NotReadRow
              key={`${part.source} ${part.name} ${part.object} ${part.message}`}
              part={part}
            />
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function NotReadRow({ part }: { part: Unread }): ReactNode {
  const { source, name, object, message, windows, from_at: from, to_at: to } = part;
  return (
    <tr>
      <th scope="row" className="row">
        <span className="mono">{object ?? name}</span>
        <div className="soft small">
          {object === null ? 'all of it' : name}, {spelled(source)}
        </div>
      </th>
      <td>{message}</td>
      <td className="nowrap">
        {windows === null ? 'all' : formatCount(windows)}
        {from === null || to === null ? null : (
          <div className="soft small">
            {formatInstant(from)} to {formatInstant(to)}
          </div>
        )}
      </td>
      <td className="nowrap">{formatInstant(part.told_at)}</td>
    </tr>
  );
}

function Problems({ sources }: { sources: SourcesOverview }): ReactNode {
  const { problems, problems_total: total } = sources;
  return (
    <Sheet
      title="Objects that could not be mapped"
      note={`${counted(total, 'object')}; what needs them gives no verdict`}
      flush
    >
      <table className="grid">
        <TableHead columns={['Object', 'What is wrong', 'Tables not whole']} />
        <tbody>
          {problems.map((problem) => (
            <ProblemRow key={`${problem.object_id} ${problem.field}`} problem={problem} />
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function ProblemRow({ problem }: { problem: MappingProblem }): ReactNode {
  return (
    <tr>
      <th scope="row" className="row">
        <span className="mono">{problem.object_id}</span>
        <div className="soft small">
          {problem.object}, {spelled(problem.source)}
        </div>
      </th>
      <td>
        {problem.field} {problem.message}
      </td>
      <td className="mono">{problem.tables.join(', ')}</td>
    </tr>
  );
}
