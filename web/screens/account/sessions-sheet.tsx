import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import { ownSessionsQuery } from '../../api/queries';
import type { ListedSession, SessionsList } from '../../api/types';
import { formatInstant } from '../../format/dates';
import { Answer, Empty, Failure } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { deviceWord } from './device-word';

/** Where the reader is signed in, and how they end that. */
export function SessionsSheet(): ReactNode {
  const query = useQuery(ownSessionsQuery);
  const end = useEndSession();
  const others = query.data?.sessions.filter((one) => !one.is_current) ?? [];
  return (
    <Sheet
      title="Where you are signed in"
      note="Ended at once: the next click there asks to sign in"
      end={
        others.length === 0 ? undefined : (
          <Button
            size="compact-sm"
            variant="default"
            loading={end.isPending}
            onClick={() => end.mutate(null)}
          >
            Sign out everywhere else
          </Button>
        )
      }
      flush
    >
      {end.error === null ? null : <Failure error={end.error} />}
      <Answer query={query} rows={2}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Empty title="Nowhere">What asks here is a token.</Empty>
          ) : (
            <SessionsTable sessions={sessions} onEnd={(id) => end.mutate(id)} />
          )
        }
      </Answer>
    </Sheet>
  );
}

function SessionsTable({
  sessions,
  onEnd,
}: {
  sessions: readonly ListedSession[];
  onEnd: (id: string) => void;
}): ReactNode {
  return (
    <table className="grid">
      <TableHead columns={['Browser', 'Signed in', 'Last seen', 'Ends', { unseen: 'End' }]} />
      <tbody>
        {sessions.map((session) => (
          <tr key={session.session_id}>
            <th scope="row" className="row" title={session.device ?? undefined}>
              {deviceWord(session.device)}
              <div className="soft small">
                {session.via === 'oidc' ? 'through the company' : 'by a link'}
              </div>
            </th>
            <td className="nowrap">{formatInstant(session.started_at)}</td>
            <td className="nowrap">{formatInstant(session.last_seen_at)}</td>
            <td className="nowrap">{formatInstant(session.ends_at)}</td>
            <td className="right">
              {session.is_current ? (
                <Tag tone="good">This one</Tag>
              ) : (
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => onEnd(session.session_id)}
                >
                  End it
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One session, or with null all but this one. */
function useEndSession() {
  const queries = useQueryClient();
  return useMutation<SessionsList, Error, string | null>({
    mutationFn: (id) =>
      id === null
        ? dataOf(api.POST('/api/v1/me/sessions/end-others'))
        : dataOf(api.POST('/api/v1/me/sessions/{id}/end', { params: { path: { id } } })),
    onSuccess: (left) => queries.setQueryData(ownSessionsQuery.queryKey, left),
  });
}
