import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { controlQuery, runsQuery, versionsQuery } from '../../api/queries';
import type { ControlDetail } from '../../api/types';
import { keywordWord, spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { SeverityTag, Tag } from '../../parts/tag';
import { TimelineTable } from './timeline-table';

type Definition = ControlDetail['definition'];
type Procedure = Definition['procedures'][number];

export function ControlScreen(): ReactNode {
  const { id } = useParams({ from: '/screens/controls/$id' });
  const query = useQuery(controlQuery(id));
  return <Answer query={query}>{(control) => <ShownControl control={control} />}</Answer>;
}

function ShownControl({ control }: { control: ControlDetail }): ReactNode {
  const { definition } = control;
  return (
    <div className="screen">
      <ControlHead definition={definition} />
      <div className="columns">
        <div className="half">
          <Sheet title="What it holds">
            <dl className="facts">
              <FactsOf name="Objective">{definition.objective}</FactsOf>
              <FactsOf name="Risk">{definition.risk}</FactsOf>
              <FactsOf name="Owner">{spelled(definition.owner)}</FactsOf>
              <FactsOf name="Reviewer">{spelled(definition.reviewer)}</FactsOf>
              <FactsOf name="Version">
                <Link
                  to="/controls/$id/versions"
                  params={{ id: definition.id }}
                  className="mono"
                  title={control.version}
                >
                  {control.version.slice(0, 12)}
                </Link>
                <VersionTag id={definition.id} />
              </FactsOf>
            </dl>
          </Sheet>
        </div>
        <div className="half">
          <Sheet title="What to do when it breaks">
            <div className="prose">{definition.runbook}</div>
          </Sheet>
        </div>
      </div>
      <History id={definition.id} />
      {definition.procedures.map((procedure) => (
        <ProcedureSheet key={procedure.name} procedure={procedure} />
      ))}
      <PopulationSql control={control} />
      <FilesSheet control={control} />
    </div>
  );
}

function ControlHead({ definition }: { definition: Definition }): ReactNode {
  return (
    <ScreenHead
      above={
        <>
          <Link to="/controls">Controls</Link> · {spelled(definition.process)} · {definition.id}
        </>
      }
      title={definition.title}
      below={
        <span className="row-flow">
          {definition.key_control ? (
            <Tag tone="info" plain>
              Key control
            </Tag>
          ) : null}
          <span>{spelled(definition.frequency)}</span>
          <span>{definition.assertions.map(spelled).join(', ')}</span>
        </span>
      }
      actions={
        <>
          <Link to="/controls/$id/versions" params={{ id: definition.id }} className="button">
            Versions
          </Link>
          <Link
            to="/exceptions"
            search={{ control: definition.id, state: 'open' }}
            className="button"
          >
            Open exceptions
          </Link>
        </>
      }
    />
  );
}

/** Only where something is missing: a version that may run needs no word. */
function VersionTag({ id }: { id: string }): ReactNode {
  const current = useQuery(versionsQuery(id)).data?.versions.find((one) => one.current);
  if (current?.state !== 'registered' && current?.state !== 'submitted') return null;
  return (
    <>
      {' '}
      <Tag tone="warn">
        {current.state === 'submitted' ? 'Waits for approval' : 'Not put forward yet'}
      </Tag>
    </>
  );
}

function sidesOf(procedure: Procedure): [side: string, label: string, population: string][] {
  if ('item' in procedure) return [['Item', procedure.item.label, procedure.item.population]];
  return [
    ['Left', procedure.left.label, procedure.left.population],
    ['Right', procedure.right.label, procedure.right.population],
  ];
}

function ProcedureSheet({ procedure }: { procedure: Procedure }): ReactNode {
  return (
    <Sheet
      title={spelled(procedure.name)}
      note={
        'item' in procedure
          ? `Every ${procedure.key.join(', ')} is tested`
          : `${spelled(procedure.cardinality)} by ${procedure.key.join(', ')}`
      }
      flush
    >
      <div className="body-of-facts">
        <dl className="facts">
          {sidesOf(procedure).map(([side, label, population]) => (
            <FactsOf key={side} name={side}>
              {label} <span className="mono soft">{population}</span>
            </FactsOf>
          ))}
          {'item' in procedure || procedure.amount?.tolerance === undefined ? null : (
            <FactsOf name="Tolerance">{toleranceWords(procedure.amount.tolerance)}</FactsOf>
          )}
          {'item' in procedure || procedure.timing === undefined ? null : (
            <FactsOf name="Timing">
              {procedure.timing.grace} from {procedure.timing.from} ({procedure.timing.side})
            </FactsOf>
          )}
        </dl>
      </div>
      <FindingsTable findings={procedure.findings} />
    </Sheet>
  );
}

function FindingsTable({ findings }: { findings: Procedure['findings'] }): ReactNode {
  return (
    <table className="grid">
      <TableHead columns={['Finding', 'When', 'Impact', 'Severity']} />
      <tbody>
        {findings.map((finding) => (
          <tr key={finding.code}>
            <th scope="row" className="row mono">
              {finding.code}
            </th>
            <td>
              {keywordWord(finding.when) === 'condition met' ? (
                <code className="mono">{finding.when}</code>
              ) : (
                keywordWord(finding.when)
              )}
            </td>
            <td className="mono">{finding.impact ?? '–'}</td>
            <td>
              {finding.severity === undefined ? (
                <span className="soft nowrap">by materiality</span>
              ) : (
                <SeverityTag severity={finding.severity} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FactsOf({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function toleranceWords(tolerance: {
  minor_units?: number | undefined;
  percent?: string | undefined;
  per: string;
}): string {
  const parts = [
    tolerance.minor_units === undefined ? '' : `${tolerance.minor_units} minor units`,
    tolerance.percent === undefined ? '' : `${tolerance.percent} %`,
  ].filter(Boolean);
  return `${parts.join(' or ')} per ${tolerance.per}`;
}

function History({ id }: { id: string }): ReactNode {
  const query = useInfiniteQuery(runsQuery({ control: id, limit: 100 }));
  return (
    <Sheet
      title="History"
      note="The newest run of each period"
      end={
        <Link to="/runs" search={{ control: id }}>
          All runs
        </Link>
      }
      flush
    >
      <Answer query={query} rows={2}>
        {({ pages }) => {
          const runs = pages[0]?.items ?? [];
          return runs.length === 0 ? (
            <Empty title="It never ran">Its first period that ends makes it due.</Empty>
          ) : (
            <TimelineTable runs={runs} />
          );
        }}
      </Answer>
    </Sheet>
  );
}

function PopulationSql({ control }: { control: ControlDetail }): ReactNode {
  return (
    <>
      {control.populations.map((population) => (
        <Sheet
          key={population.name}
          title={`Population ${population.name}`}
          note={`${population.relations.join(', ')}; bound to ${population.parameters
            .map((name) => `:${name}`)
            .join(', ')}`}
        >
          <pre className="sql" tabIndex={0} aria-label={`SQL of ${population.name}`}>
            {population.sql}
          </pre>
        </Sheet>
      ))}
    </>
  );
}

function FilesSheet({ control }: { control: ControlDetail }): ReactNode {
  return (
    <Sheet title="Files of this version" note={control.folder} flush>
      <table className="grid">
        <TableHead columns={['File', 'SHA-256']} />
        <tbody>
          {control.files.map((file) => (
            <tr key={file.path}>
              <th scope="row" className="row mono">
                {file.path}
              </th>
              <td className="mono">{file.sha256}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}
