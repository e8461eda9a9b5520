import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { closeQuery } from '../../api/queries';
import type { RunDetail } from '../../api/types';
import { formatInstant, lastDayOf } from '../../format/dates';
import { Sheet } from '../../parts/sheet';
import { Tag } from '../../parts/tag';
import { useMay, useMe } from '../../session/me';
import { SignForm } from '../periods/sign-form';
import {
  canTake,
  signStateWords,
  stepsOf,
  stepWords,
  whyNot,
  type ClosePeriod,
  type SignStep,
} from '../periods/sign-off';

/** Who signed this control and period, what keeps others from it, and the reader's own step. */
export function RunSignoff({ run }: { run: RunDetail }): ReactNode {
  const may = useMay();
  const month = lastDayOf(run.period).slice(0, 7);
  const { data } = useQuery({
    ...closeQuery(run.entity_id, month),
    enabled: may('signoff.read', run.entity_id),
  });
  const part = data?.controls
    .find(({ control_id: id }) => id === run.control_id)
    ?.periods.find(({ period_key: key }) => key === run.period.key);
  if (part === undefined) return null;
  return (
    <Sheet
      title="Sign-off"
      note="A preparer signs first, then a reviewer who is another person"
      end={
        <Link to="/periods" search={{ entity: run.entity_id, period: month }}>
          The whole period
        </Link>
      }
    >
      <Newer run={run} part={part} />
      <Signatures part={part} />
      <Work run={run} part={part} />
    </Sheet>
  );
}

/** A sign-off binds to the newest run; an older one is looked at, not signed. */
function Newer({ run, part }: { run: RunDetail; part: ClosePeriod }): ReactNode {
  if (part.run_id === null || part.run_id === run.run_id) return null;
  return (
    <p className="flat">
      <Tag tone="warn">Not the newest run</Tag> A sign-off binds to{' '}
      <Link to="/runs/$id" params={{ id: part.run_id }}>
        the newest run
      </Link>{' '}
      of the period.
    </p>
  );
}

function Signatures({ part }: { part: ClosePeriod }): ReactNode {
  const { word, tone } = signStateWords[part.state];
  return (
    <dl className="facts">
      <dt>State</dt>
      <dd>
        <Tag tone={tone}>{word}</Tag>{' '}
        {part.reopened_reason === null ? '' : `Reopened: ${part.reopened_reason}`}
      </dd>
      <dt>Preparer</dt>
      <dd>
        <Signed by={part.prepared} />
      </dd>
      <dt>Reviewer</dt>
      <dd>
        <Signed by={part.reviewed} />
      </dd>
    </dl>
  );
}

function Signed({ by }: { by: ClosePeriod['prepared'] }): ReactNode {
  return by === null ? (
    <span className="soft">not signed</span>
  ) : (
    <>
      {by.name}, {formatInstant(by.at)}
    </>
  );
}

function Work({ run, part }: { run: RunDetail; part: ClosePeriod }): ReactNode {
  const [asked, setAsked] = useState<SignStep | null>(null);
  const me = useMe();
  const may = useMay();
  const steps = stepsOf(may, run.entity_id);
  const isNewest = part.run_id === run.run_id;
  const offered = isNewest
    ? steps.filter((step) => canTake(step, part, me?.person_id ?? null))
    : [];
  const reasons = whyNot(part, steps, me?.person_id ?? null);
  const item = { control: run.control_id, period: run.period.key };
  return (
    <>
      {part.blockers.length === 0 ? null : (
        <ul className="reasons">
          {part.blockers.map((blocker) => (
            <li key={blocker} className="negative">
              {blocker}
            </li>
          ))}
        </ul>
      )}
      {reasons === null || !isNewest ? null : <p className="soft flat">{reasons}</p>}
      {offered.length === 0 ? null : (
        <div className="row-flow noprint above-gap">
          {offered.map((step) => (
            <Button
              key={step}
              size="xs"
              variant={step === 'reopen' ? 'default' : 'filled'}
              onClick={() => setAsked(step)}
            >
              {stepWords[step]}
            </Button>
          ))}
        </div>
      )}
      {asked === null ? null : (
        <SignForm
          step={asked}
          title={`${stepWords[asked]}: ${run.control_id}`}
          word={stepWords[asked]}
          entity={run.entity_id}
          items={[item]}
          onClose={() => setAsked(null)}
          onDone={() => setAsked(null)}
        />
      )}
    </>
  );
}
