import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { controlsQuery, overviewQuery } from '../../api/queries';
import type { ControlSummary, Overview } from '../../api/types';
import { formatInstant, formatPeriod } from '../../format/dates';
import { counted } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { OutcomeTag, Tag } from '../../parts/tag';
import { useEntityName, useMe } from '../../session/me';
import { HealthSheet } from './health-sheet';
import { Headline } from './headline';
import { OpenSheet } from './open-sheet';
import { RiskSheet } from './risk-sheet';

/** Where the close stands, in one look: what is healthy, what is open, what did not run. */
export function OverviewScreen(): ReactNode {
  const { entity } = useSearch({ from: '/screens/' });
  const navigate = useNavigate({ from: '/' });
  const me = useMe();
  const query = useQuery(overviewQuery(entity));
  const controls = useQuery(controlsQuery).data?.controls ?? [];
  return (
    <div className="screen">
      <ScreenHead
        title="Overview"
        below={query.data === undefined ? undefined : `As of ${formatInstant(query.data.at)}`}
        actions={
          <Choice
            label="Entity"
            value={entity}
            options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
            onChange={(chosen) =>
              void navigate({ search: chosen === undefined ? {} : { entity: chosen } })
            }
          />
        }
      />
      <Answer query={query}>
        {(overview) => <Shown overview={overview} controls={controls} entity={entity} />}
      </Answer>
    </div>
  );
}

function Shown({
  overview,
  controls,
  entity,
}: {
  overview: Overview;
  controls: readonly ControlSummary[];
  entity: string | undefined;
}): ReactNode {
  return (
    <>
      <Headline overview={overview} />
      <div className="columns">
        <div className="two-thirds stack">
          <HealthSheet controls={controls} health={overview.controls} />
          <RiskSheet points={overview.at_risk} today={overview.at.slice(0, 10)} />
        </div>
        <div className="third stack">
          <OpenSheet groups={overview.open} entity={entity} />
          <NotRunSheet overview={overview} />
        </div>
      </div>
    </>
  );
}

function NotRunSheet({ overview }: { overview: Overview }): ReactNode {
  const entityName = useEntityName();
  const without = overview.controls.filter(
    ({ newest }) =>
      newest === null || newest.outcome === 'not_evaluated' || newest.outcome === 'errored',
  );
  const count = without.length + overview.due_total;
  return (
    <Sheet title="Did not run" note={count === 0 ? undefined : String(count)} flush>
      {count === 0 ? (
        <Empty title="Everything ran">Every control has a verdict for its newest period.</Empty>
      ) : (
        <table className="grid">
          <thead className="unseen">
            <tr>
              <th scope="col">Control</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {overview.due.map((due) => (
              <tr key={`due ${due.control_id} ${due.entity_id} ${due.period_key}`}>
                <th scope="row" className="row">
                  {due.control_id}, {entityName(due.entity_id)}
                  <div className="soft small">{formatPeriod(due.period_key)}</div>
                </th>
                <td className="right">
                  <Tag tone="warn">Due</Tag>
                </td>
              </tr>
            ))}
            {without.map(({ control_id: control, entity_id: of, newest }) => (
              <tr key={`${control} ${of}`}>
                <th scope="row" className="row">
                  {newest === null ? (
                    `${control}, ${entityName(of)}`
                  ) : (
                    <Link to="/runs/$id" params={{ id: newest.run_id }}>
                      {control}, {entityName(of)}
                    </Link>
                  )}
                  <div className="soft small">
                    {newest?.outcome_reason ?? 'No period was ever run.'}
                  </div>
                </th>
                <td className="right">
                  {newest === null ? (
                    <Tag tone="mute">Never run</Tag>
                  ) : (
                    <OutcomeTag outcome={newest.outcome} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {overview.due_total > overview.due.length ? (
        <div className="stated soft">
          and {counted(overview.due_total - overview.due.length, 'further period')}
        </div>
      ) : null}
    </Sheet>
  );
}
