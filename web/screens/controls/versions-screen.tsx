import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { controlQuery, versionsQuery } from '../../api/queries';
import type { ControlVersion } from '../../api/types';
import { formatInstant } from '../../format/dates';
import type { Tone } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { DifferenceSheet } from './difference-sheet';
import { ReplaySheet } from './replay-sheet';
import { VersionWork } from './version-work';

const states: Record<ControlVersion['state'], { word: string; tone: Tone }> = {
  initial: { word: 'Installed', tone: 'good' },
  registered: { word: 'Not submitted', tone: 'mute' },
  submitted: { word: 'Waits for approval', tone: 'warn' },
  approved: { word: 'Approved', tone: 'good' },
};

/** Every version of a control: what each changed, who put it forward, who approved it. */
export function VersionsScreen(): ReactNode {
  const { id } = useParams({ from: '/screens/controls/$id/versions' });
  const title = useQuery(controlQuery(id)).data?.definition.title;
  const query = useQuery(versionsQuery(id));
  return (
    <div className="screen">
      <ScreenHead
        above={
          <>
            <Link to="/controls">Controls</Link> ·{' '}
            <Link to="/controls/$id" params={{ id }}>
              {id} {title ?? ''}
            </Link>
          </>
        }
        title={`Versions of ${id}`}
        below={
          'A changed control runs on schedule only once its author has put it forward and ' +
          'somebody else has approved it.'
        }
      />
      <Answer query={query}>{({ versions }) => <Shown id={id} versions={versions} />}</Answer>
    </div>
  );
}

function Shown({ id, versions }: { id: string; versions: readonly ControlVersion[] }): ReactNode {
  const search = useSearch({ from: '/screens/controls/$id/versions' });
  const navigate = useNavigate({ from: '/controls/$id/versions' });
  const chosen = versions.find(({ version }) => version === search.version) ?? versions[0];
  if (chosen === undefined)
    return (
      <Sheet title="Versions">
        <Empty title="No version is kept yet">A server keeps each one that it loads.</Empty>
      </Sheet>
    );
  return (
    <>
      <Sheet title="All versions" note="Newest first; one is chosen" flush>
        <VersionsTable id={id} versions={versions} chosen={chosen.version} />
      </Sheet>
      <VersionWork version={chosen} />
      <ReplaySheet version={chosen} />
      <DifferenceSheet
        id={id}
        versions={versions}
        version={chosen.version}
        against={search.against}
        onAgainst={(against) =>
          void navigate({ search: (before) => ({ ...before, against }), replace: true })
        }
      />
    </>
  );
}

function VersionsTable({
  id,
  versions,
  chosen,
}: {
  id: string;
  versions: readonly ControlVersion[];
  chosen: string;
}): ReactNode {
  return (
    <table className="grid">
      <TableHead columns={['Version', 'State', 'First loaded', 'Put forward by', 'Approved by']} />
      <tbody>
        {versions.map((one) => (
          <tr key={one.version} className={one.version === chosen ? 'chosen' : 'link'}>
            <th scope="row" className="row">
              <Link
                to="/controls/$id/versions"
                params={{ id }}
                search={{ version: one.version }}
                className="mono"
                aria-current={one.version === chosen ? 'true' : undefined}
                title={one.version}
              >
                {one.version.slice(0, 12)}
              </Link>
              {one.current ? <span className="soft small"> in use</span> : null}
            </th>
            <td>
              <Tag tone={states[one.state].tone}>{states[one.state].word}</Tag>
            </td>
            <td className="nowrap">{formatInstant(one.registered_at)}</td>
            <td>
              <By person={one.submitted_by} at={one.submitted_at} />
            </td>
            <td>
              <By person={one.approved_by} at={one.approved_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function By({
  person,
  at,
}: {
  person: ControlVersion['approved_by'];
  at: string | null;
}): ReactNode {
  if (person === null || at === null) return <span className="soft">–</span>;
  return (
    <>
      {person.name}
      <div className="soft small nowrap">{formatInstant(at)}</div>
    </>
  );
}
