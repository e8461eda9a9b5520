import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client';
import { replaysQuery } from '../../api/queries';
import type {
  ControlReplay,
  ControlVersion,
  ReplayedFinding,
  ReplayedPeriod,
} from '../../api/types';
import { formatCount } from '../../format/amount';
import { formatInstant, formatPeriod } from '../../format/dates';
import { counted, type Tone } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Answer, Empty, Failure } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { OutcomeTag, Tag } from '../../parts/tag';
import { useEntityName, useMay } from '../../session/me';

const lengths = ['1', '3', '6', '12'];

/** What a version that waits would have found: an approver sees its effect before they decide. */
export function ReplaySheet({ version }: { version: ControlVersion }): ReactNode {
  const query = useQuery(replaysQuery(version.control_id, version.version));
  const isDecided = version.state === 'initial' || version.state === 'approved';
  if (isDecided && (query.data?.replays.length ?? 0) === 0) return null;
  return (
    <Answer query={query} rows={3}>
      {({ replays }) => (
        <Sheet
          title="Replay over the last periods"
          note={noteOf(replays[0], version)}
          end={isDecided ? undefined : <ReplayOrder version={version} />}
          flush
        >
          {replays[0] === undefined ? (
            <Empty title="Not replayed yet">
              A replay shows which findings this version gains and loses against the approved one.
            </Empty>
          ) : (
            <Periods replay={replays[0]} />
          )}
        </Sheet>
      )}
    </Answer>
  );
}

function noteOf(replay: ControlReplay | undefined, version: ControlVersion): string | undefined {
  if (replay === undefined) return undefined;
  const seen = version.approved_on_replay === replay.replay_id ? '; seen at its approval' : '';
  const against = replay.against.slice(0, 12);
  return `Against ${against}, ${formatInstant(replay.recorded_at)}${seen}`;
}

function ReplayOrder({
  version: { control_id: id, version },
}: {
  version: ControlVersion;
}): ReactNode {
  const [periods, setPeriods] = useState('3');
  const queries = useQueryClient();
  const may = useMay();
  const replay = useMutation<unknown, Error>({
    mutationFn: () =>
      dataOf(
        api.POST('/api/v1/controls/{id}/versions/{version}/replays', {
          params: { path: { id, version } },
          body: { periods: Number(periods) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries(replaysQuery(id, version)),
  });
  if (!may('controls.replay')) return null;
  return (
    <span className="row-flow noprint">
      <Choice
        label="Periods back"
        all={null}
        value={periods}
        options={lengths.map((length) => [length, `last ${counted(length, 'period')}`])}
        onChange={(length) => setPeriods(length ?? '3')}
      />
      <Button size="compact-sm" loading={replay.isPending} onClick={() => replay.mutate()}>
        Replay
      </Button>
      {replay.error === null ? null : <Failure error={replay.error} />}
    </span>
  );
}

function Periods({ replay: { periods } }: { replay: ControlReplay }): ReactNode {
  if (periods.length === 0)
    return (
      <Empty title="No period to replay">
        No run of this control has a verdict yet that you may see.
      </Empty>
    );
  return (
    <>
      <table className="grid">
        <TableHead
          columns={[
            'Period',
            'Approved version',
            'This version',
            { right: 'Gained' },
            { right: 'Lost' },
            { right: 'Changed' },
          ]}
        />
        <tbody>
          {periods.map((period) => (
            <PeriodRows key={`${period.entity_id} ${period.period_key}`} period={period} />
          ))}
        </tbody>
      </table>
      {periods.some(({ basis }) => basis === 'frozen_anew') ? (
        <div className="stated soft small">
          Frozen anew: the populations ask something else than before, so both versions judged what
          the sources hold now of the same period.
        </div>
      ) : null}
    </>
  );
}

function PeriodRows({ period }: { period: ReplayedPeriod }): ReactNode {
  const entityName = useEntityName();
  const { before, after, basis, findings } = period;
  const kept = Number(period.gained) + Number(period.lost) + Number(period.changed);
  return (
    <>
      <tr>
        <th scope="row" className="row">
          <Link to="/runs/$id" params={{ id: period.run_id }}>
            {formatPeriod(period.period_key)}
          </Link>
          <div className="soft small">
            {entityName(period.entity_id)},{' '}
            {basis === 'evidence' ? 'from its evidence' : 'frozen anew'}
          </div>
        </th>
        <td>
          <Side side={before} />
        </td>
        <td>
          <Side side={after} />
        </td>
        {[period.gained, period.lost, period.changed].map((count, index) => (
          <td key={index} className="right">
            {count === '0' ? (
              <span className="soft">0</span>
            ) : (
              <strong>{formatCount(count)}</strong>
            )}
          </td>
        ))}
      </tr>
      {findings.map((finding, index) => (
        <FindingRow key={index} finding={finding} />
      ))}
      {kept > findings.length ? (
        <tr>
          <td colSpan={6} className="soft">
            and {counted(String(kept - findings.length), 'more difference')}
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Side({ side }: { side: ReplayedPeriod['before'] }): ReactNode {
  return (
    <>
      <OutcomeTag outcome={side.outcome} />
      <div className="soft small">{side.reason ?? counted(side.findings, 'finding')}</div>
    </>
  );
}

const changes: Record<ReplayedFinding['change'], { word: string; tone: Tone }> = {
  gained: { word: 'Gained', tone: 'bad' },
  lost: { word: 'Lost', tone: 'warn' },
  changed: { word: 'Changed', tone: 'mute' },
};

function FindingRow({ finding }: { finding: ReplayedFinding }): ReactNode {
  const { word, tone } = changes[finding.change];
  return (
    <tr>
      <td>
        <Tag tone={tone}>{word}</Tag>
      </td>
      <td colSpan={3}>
        <span className="mono small">{finding.code}</span>
        <div>{finding.explanation}</div>
        {finding.explanation_before === null ? null : (
          <div className="soft small">Before: {finding.explanation_before}</div>
        )}
      </td>
      <td colSpan={2} className="right">
        <Amount value={finding.impact} currency={finding.currency} named />
      </td>
    </tr>
  );
}
