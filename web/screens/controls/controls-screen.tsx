import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { controlsQuery, overviewQuery } from '../../api/queries';
import type { ControlSummary } from '../../api/types';
import { counted, spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { useMe } from '../../session/me';
import { assertions } from './assertions';
import { Matrix } from './matrix';

interface Filters {
  process?: string;
  assertion?: string;
  entity?: string;
}

/** The risk-control matrix: which control covers which assertion, process by process. */
export function ControlsScreen(): ReactNode {
  const filters: Filters = useSearch({ from: '/screens/controls' });
  const query = useQuery(controlsQuery);
  const health = useQuery(overviewQuery(filters.entity)).data?.controls ?? [];
  return (
    <div className="screen">
      <ScreenHead
        title="Controls"
        below="What must hold, what is at risk when it does not, and which assertions that covers."
      />
      <Answer query={query}>
        {({ controls, problems }) => {
          const shown = controls.filter((control) => fits(control, filters));
          return (
            <>
              {problems.length === 0 ? null : <Problems problems={problems} />}
              <FilterBar controls={controls} filters={filters} />
              <Sheet title="Risk-control matrix" note={counted(shown.length, 'control')} flush>
                {shown.length === 0 ? (
                  <Empty title={controls.length === 0 ? 'There are none' : 'None fits'} />
                ) : (
                  <Matrix controls={shown} health={health} />
                )}
              </Sheet>
            </>
          );
        }}
      </Answer>
    </div>
  );
}

const fits = ({ process, assertions: covered }: ControlSummary, filters: Filters): boolean =>
  (filters.process === undefined || process === filters.process) &&
  (filters.assertion === undefined || covered.some((one) => one === filters.assertion));

function FilterBar({
  controls,
  filters,
}: {
  controls: readonly ControlSummary[];
  filters: Filters;
}): ReactNode {
  const navigate = useNavigate({ from: '/controls' });
  const me = useMe();
  const set = (part: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const processes = [...new Set(controls.map(({ process }) => process))];
  return (
    <div className="row-flow noprint">
      <Choice
        label="Process"
        value={filters.process}
        options={processes.map((one) => [one, spelled(one)])}
        onChange={(process) => set({ process })}
      />
      <Choice
        label="Assertion"
        value={filters.assertion}
        options={assertions.map((one) => [one, spelled(one)])}
        onChange={(assertion) => set({ assertion })}
      />
      <Choice
        label="Entity"
        value={filters.entity}
        options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
        onChange={(entity) => set({ entity })}
      />
    </div>
  );
}

function Problems({
  problems,
}: {
  problems: readonly { file?: string; line?: number; message: string; remedy: string }[];
}): ReactNode {
  return (
    <Sheet title={`${counted(problems.length, 'problem')} in the folder of controls`}>
      {problems.map((problem) => (
        <p key={`${problem.file} ${problem.line} ${problem.message}`}>
          <span className="mono">
            {problem.file}
            {problem.line === undefined ? '' : `:${problem.line}`}
          </span>{' '}
          {problem.message} {problem.remedy}
        </p>
      ))}
    </Sheet>
  );
}
