import { Button, Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client';

/** Nothing to show, and why that is so. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="stated">
      <strong>{title}</strong>
      {children === undefined ? null : <div className="soft">{children}</div>}
    </div>
  );
}

export function Loading({ rows = 6 }: { rows?: number }): ReactNode {
  return (
    <div role="status" className="stated">
      <span className="unseen">Loading</span>
      <Stack gap={10} aria-hidden>
        {Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} height={14} width={`${92 - ((row * 17) % 40)}%`} />
        ))}
      </Stack>
    </div>
  );
}

/** Why something cannot be shown: in words, with what to do about it. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }): ReactNode {
  const problem = error instanceof ApiProblem ? error : null;
  const [title, remedy] = explained(problem);
  return (
    <div className="stated" role="alert">
      <strong>{title}</strong>
      <div className="soft">{problem?.message ?? 'The page failed at showing this.'}</div>
      {problem?.problems.map((located) => (
        <div key={located.field ?? located.message} className="soft">
          {located.field} {located.message} {located.remedy}
        </div>
      ))}
      {remedy === null ? null : <div className="soft">{remedy}</div>}
      {problem === null || problem.incident === null ? null : (
        <div className="soft small">Incident {problem.incident}</div>
      )}
      {retry === undefined || problem?.status === 403 || problem?.status === 404 ? null : (
        <Button size="xs" variant="default" onClick={retry} mt={8}>
          Try again
        </Button>
      )}
    </div>
  );
}

function explained(problem: ApiProblem | null): [title: string, remedy: string | null] {
  if (problem === null) return ['Something went wrong', 'Reload the page.'];
  if (problem.status === 0) return ['The server cannot be reached', null];
  if (problem.status === 401) return ['You are signed out', 'Sign in with a new link.'];
  if (problem.status === 403)
    return ['You may not see this', 'An administrator can give you a role that may.'];
  if (problem.status === 404) return ['This does not exist', null];
  return [problem.title, null];
}

/** One query's answer: while it loads, when it failed, or shown. */
export function Answer<Data>({
  query,
  rows,
  children,
}: {
  query: UseQueryResult<Data>;
  rows?: number;
  children: (data: Data) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null)
    return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} />;
}
