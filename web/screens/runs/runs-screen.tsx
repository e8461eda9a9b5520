import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { runsQuery } from '../../api/queries';
import type { Run } from '../../api/types';
import { formatCount } from '../../format/amount';
import { formatDay, formatInstant, formatPeriod } from '../../format/dates';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { OutcomeTag } from '../../parts/tag';
import { useEntityName, useMe } from '../../session/me';

const outcomes = ['passed', 'exceptions', 'not_evaluated', 'errored'] as const;

export function RunsScreen(): ReactNode {
  const search = useSearch({ from: '/screens/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const me = useMe();
  const outcome = outcomes.find((one) => one === search.outcome);
  const query = useInfiniteQuery(
    runsQuery({
      ...(outcome === undefined ? {} : { outcome }),
      ...(search.control === undefined ? {} : { control: search.control }),
      ...(search.entity === undefined ? {} : { entity: search.entity }),
      ...(search.period === undefined ? {} : { period: search.period }),
    }),
  );
  const set = (part: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <div className="screen">
      <ScreenHead title="Runs" below="Every run that started ended recorded, whatever happened." />
      <div className="row-flow noprint">
        <Choice
          label="Entity"
          value={search.entity}
          options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
          onChange={(entity) => set({ entity })}
        />
        <Choice
          label="Outcome"
          value={outcome}
          options={outcomes.map((one) => [one, one.replace('_', ' ')])}
          onChange={(chosen) => set({ outcome: chosen })}
        />
        {search.control === undefined ? null : (
          <Button size="xs" variant="default" onClick={() => set({ control: undefined })}>
            {search.control} only ×
          </Button>
        )}
      </div>
      <Sheet title="Newest first" flush>
        <Answer query={query}>
          {({ pages }) => <RunsTable runs={pages.flatMap(({ items }) => items)} />}
        </Answer>
        {query.hasNextPage ? (
          <div className="stated">
            <Button
              size="xs"
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        ) : null}
      </Sheet>
    </div>
  );
}

export function RunsTable({ runs }: { runs: readonly Run[] }): ReactNode {
  const entityName = useEntityName();
  if (runs.length === 0)
    return <Empty title="No runs">Nothing was run that fits these filters.</Empty>;
  return (
    <table className="grid">
      <TableHead
        columns={[
          'Control',
          'Entity',
          'Period',
          'Outcome',
          { right: 'Exceptions' },
          'As of',
          'Recorded',
        ]}
      />
      <tbody>
        {runs.map((run) => (
          <tr key={run.run_id} className="link">
            <th scope="row" className="row">
              <Link to="/runs/$id" params={{ id: run.run_id }}>
                {run.control_id} {run.control_title}
              </Link>
              {run.outcome_reason === null ? null : (
                <div className="soft small">{run.outcome_reason}</div>
              )}
            </th>
            <td>{entityName(run.entity_id)}</td>
            <td className="nowrap">
              {formatPeriod(run.period.key)}
              {run.seq > 1 ? <span className="soft small"> run {run.seq}</span> : null}
            </td>
            <td>
              <OutcomeTag outcome={run.outcome} />
            </td>
            <td className="right">{formatCount(run.findings)}</td>
            <td className="nowrap">{formatDay(run.as_of)}</td>
            <td className="nowrap">{formatInstant(run.recorded_at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
