import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { closeQuery, overviewQuery, periodsQuery } from '../../api/queries';
import { formatPeriod } from '../../format/dates';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { useEntityName, useMe } from '../../session/me';
import { CloseSheet } from './close-sheet';
import { CloseHeadline, ToleratedSheet } from './close-summary';
import { newestEnded } from './sign-off';

/** One month of one entity: what is signed, what is missing, and what keeps it from that. */
export function PeriodsScreen(): ReactNode {
  const search = useSearch({ from: '/screens/periods' });
  const navigate = useNavigate({ from: '/periods' });
  const me = useMe();
  const entityName = useEntityName();
  const entity = search.entity ?? me?.entities[0]?.id;
  const months = useQuery({ ...periodsQuery(entity ?? ''), enabled: entity !== undefined });
  const at = useQuery(overviewQuery(entity)).data?.at.slice(0, 10);
  const periods = months.data?.periods ?? [];
  const period = search.period ?? (at === undefined ? null : newestEnded(periods, at));
  const set = (part: { entity?: string | undefined; period?: string | undefined }): void =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <div className="screen">
      <ScreenHead
        title={period === null ? 'Periods' : `Periods: ${formatPeriod(period)}`}
        {...(entity === undefined ? {} : { below: entityName(entity) })}
        actions={
          <>
            <Choice
              label="Entity"
              all={null}
              value={entity}
              options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
              onChange={(chosen) => set({ entity: chosen, period: undefined })}
            />
            <Choice
              label="Period"
              all={null}
              value={period ?? undefined}
              options={periods.map(({ key }) => [key, formatPeriod(key)])}
              onChange={(chosen) => set({ period: chosen })}
            />
          </>
        }
      />
      <Answer query={months}>
        {() =>
          entity === undefined || period === null ? (
            <Sheet title="Nothing to close">
              <Empty title="No period was run yet">Runs make periods; sign-off follows.</Empty>
            </Sheet>
          ) : (
            <Month entity={entity} period={period} />
          )
        }
      </Answer>
    </div>
  );
}

function Month({ entity, period }: { entity: string; period: string }): ReactNode {
  const query = useQuery(closeQuery(entity, period));
  return (
    <Answer query={query}>
      {(close) => (
        <>
          <CloseHeadline close={close} />
          <CloseSheet close={close} />
          <ToleratedSheet close={close} />
        </>
      )}
    </Answer>
  );
}
