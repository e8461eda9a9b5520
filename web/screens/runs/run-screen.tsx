import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { controlQuery, runQuery, statementQuery } from '../../api/queries';
import { formatDay, formatDuration, formatInstant, formatPeriod } from '../../format/dates';
import { counted, keywordWord, spelled } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { OutcomeTag } from '../../parts/tag';
import { useEntityName } from '../../session/me';
import type { ControlDetail, RunDetail } from '../../api/types';
import { EvidenceSheet } from './evidence-sheet';
import { LineItemsDrawer, type OpenLine } from './line-items-drawer';
import { PopulationsSheet } from './populations-sheet';
import { ProceduresSheet } from './procedures-sheet';
import { RunSignoff } from './run-signoff';
import { StatementTable } from './statement-table';

export function RunScreen(): ReactNode {
  const { id } = useParams({ from: '/screens/runs/$id' });
  const query = useQuery(runQuery(id));
  return <Answer query={query}>{(run) => <ShownRun run={run} />}</Answer>;
}

function ShownRun({ run }: { run: RunDetail }): ReactNode {
  const entityName = useEntityName();
  return (
    <div className="screen">
      <ScreenHead
        above={
          <>
            <Link to="/controls/$id" params={{ id: run.control_id }}>
              {run.control_id}
            </Link>{' '}
            · {entityName(run.entity_id)} · {formatPeriod(run.period.key)} · run {run.seq}
          </>
        }
        title={run.control_title}
        below={
          <span className="row-flow">
            <OutcomeTag outcome={run.outcome} />
            <span>As of {formatDay(run.as_of)}</span>
            <span>{counted(run.findings, 'exception')}</span>
          </span>
        }
        actions={
          <>
            <Button variant="default" size="xs" onClick={() => window.print()}>
              Print
            </Button>
            <Button
              component="a"
              size="xs"
              variant="default"
              href={`/api/v1/runs/${run.run_id}/evidence.zip`}
            >
              Download evidence
            </Button>
          </>
        }
      />
      {run.outcome_reason === null ? null : (
        <Sheet title={`Why there is no verdict: ${spelled(run.outcome).toLowerCase()}`}>
          <div className="prose">{run.outcome_reason}</div>
        </Sheet>
      )}
      <Statements run={run} />
      <RunSignoff run={run} />
      <PopulationsSheet run={run} />
      <div className="columns">
        <div className="half">
          <RunFacts run={run} />
        </div>
        <div className="half">
          <EvidenceSheet run={run} />
        </div>
      </div>
    </div>
  );
}

function Statements({ run }: { run: RunDetail }): ReactNode {
  const [open, setOpen] = useState<OpenLine | null>(null);
  const query = useQuery(statementQuery(run.run_id));
  const control = useQuery(controlQuery(run.control_id)).data;
  const place = {
    control: run.control_id,
    entity: run.entity_id,
    period: run.period.key,
  };
  return (
    <Answer query={query}>
      {({ procedures }) => (
        <>
          <ProceduresSheet procedures={procedures} />
          {procedures.map((procedure) => (
            <Sheet
              key={procedure.procedure}
              id={procedure.procedure}
              title={spelled(procedure.procedure)}
              note={
                procedure.right_label === null
                  ? procedure.left_label
                  : `${procedure.left_label} to ${procedure.right_label}`
              }
              flush
            >
              {procedure.currencies.length === 0 ? (
                <Empty title="Nothing was in scope">
                  There are no items in this period, so nothing was judged. The populations below
                  say what proves that there are none.
                </Empty>
              ) : (
                <StatementTable
                  procedure={procedure}
                  place={place}
                  meaningOf={(code) => meaningIn(control, code)}
                  onOpen={(part) => setOpen({ procedure: procedure.procedure, ...part })}
                />
              )}
            </Sheet>
          ))}
          {procedures.length === 0 ? (
            <Sheet title="Statement">
              <Empty title="Nothing was evaluated">A run without a verdict has no statement.</Empty>
            </Sheet>
          ) : null}
          <LineItemsDrawer runId={run.run_id} open={open} onClose={() => setOpen(null)} />
        </>
      )}
    </Answer>
  );
}

/** What makes a finding of this code, in words, as the control defines it. */
function meaningIn(control: ControlDetail | undefined, code: string): string {
  const findings = control?.definition.procedures.flatMap((procedure) => procedure.findings) ?? [];
  return keywordWord(findings.find((finding) => finding.code === code)?.when ?? '');
}

function RunFacts({ run }: { run: RunDetail }): ReactNode {
  const steps = ['claim', 'gate', 'freeze', 'evaluate', 'record'];
  return (
    <Sheet title="How it was run">
      <dl className="facts">
        <dt>Requested by</dt>
        <dd>
          {run.requested_by} ({run.cause})
        </dd>
        {run.reason === null ? null : (
          <>
            <dt>Run again because</dt>
            <dd>{run.reason}</dd>
          </>
        )}
        <dt>Period</dt>
        <dd>
          {formatDay(run.period.start)} up to, not including, {formatDay(run.period.end)}
        </dd>
        <dt>Recorded</dt>
        <dd>{formatInstant(run.recorded_at)}</dd>
        <dt>Steps</dt>
        <dd>
          {steps
            .filter((step) => run.step_ms[step] !== undefined)
            .map((step) => `${step} ${formatDuration(run.step_ms[step] ?? 0)}`)
            .join(', ')}
        </dd>
        <dt>Control version</dt>
        <dd className="mono">{run.control_version}</dd>
      </dl>
    </Sheet>
  );
}
