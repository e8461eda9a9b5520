import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { controlsQuery, overviewQuery } from '../../api/queries';
import type { ControlSummary, Overview } from '../../api/types';
import { formatInstant } from '../../format/dates';
import { Answer } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead } from '../../parts/sheet';
import { useMe } from '../../session/me';
import { CloseGlance } from './close-glance';
import { HealthSheet } from './health-sheet';
import { Headline } from './headline';
import { NotRunSheet } from './not-run-sheet';
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
      <Headline overview={overview} entity={entity} />
      <CloseGlance entity={entity} today={overview.at.slice(0, 10)} />
      <div className="columns">
        <div className="two-thirds stack">
          <HealthSheet controls={controls} health={overview.controls} entity={entity} />
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
