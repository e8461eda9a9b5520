import { ControlVersions } from '../catalog/control-versions';
import { Refusal } from '../core/problem';
import { ReplayDesk } from '../runs/replay/replay-desk';
import {
  mostReplayedPeriods,
  type ControlReplay,
  type ReplayedFinding,
  type ReplayedPeriod,
} from '../runs/replay/replay.contract';
import { runDependencies } from '../runs/run-dependencies';
import type { Means } from './command';
import { openBooksSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { LiveLines } from './live-lines';
import { chooseControls, openCatalog } from './open-catalog';
import { openWorkspace } from './open-workspace';
import { cliActor } from './people.command';
import { renderOverall } from './render-progress';
import { renderTable, type TableColumn } from './render-table';
import { counted, type Page } from './text-layout';

/** Replays what the folder holds of a control, as a version that waits for its approval. */
export async function replayVersion(
  means: Means,
  options: { periods: string },
  [id = '']: string[],
): Promise<number> {
  const { session, terminal } = means;
  const periods = Number(options.periods);
  if (!Number.isInteger(periods) || periods < 1 || periods > mostReplayedPeriods)
    throw new Refusal('invalid_request', `--periods is a number from 1 to ${mostReplayedPeriods}.`);
  const workspace = await openWorkspace(session, openBooksSetting(means));
  const { config, database, clock } = workspace;
  const checked = await openCatalog(config, database, [id]);
  chooseControls(checked, [id]);
  const { catalog } = checked;
  const versions = new ControlVersions(database.app, clock, catalog);
  await versions.register();
  const version = catalog.controls[0]?.version ?? '';
  const live = new LiveLines(terminal.bars);
  session.onClose(() => live.clear());
  let line = '';
  live.show(() => [line]);
  const beganMs = performance.now();
  const desk = new ReplayDesk(runDependencies({ ...workspace, catalog }), versions);
  const replay = await desk.replay({ control: id, version, periods }, cliActor(), (done, total) => {
    line = renderOverall(done, total, 'periods', performance.now() - beganMs);
  });
  live.clear();
  terminal.print(renderReplay(replay, terminal.page));
  terminal.printJson(replay);
  return exitCodes.ok;
}

/** A line per entity and period, then what was gained, lost and changed in each. */
export function renderReplay(replay: ControlReplay, page: Page): string[] {
  const { control_id: id, version, against, periods } = replay;
  const head = [
    page.paint.strong(`${id}  version ${version.slice(0, 12)} against ${against.slice(0, 12)}`),
    '',
  ];
  if (periods.length === 0)
    return [...head, 'No period has a verdict yet: there is nothing to replay.'];
  const anew = periods.some(({ basis }) => basis === 'frozen_anew');
  return [
    ...head,
    ...renderTable(periods, columns, page),
    ...(anew
      ? ['', 'Frozen anew: the populations ask something else; both judged today’s books.']
      : []),
    ...periods.flatMap((one) => differences(one, page)),
    '',
    'Nothing was recorded as a run, and no exception was opened.',
  ];
}

const columns: TableColumn<ReplayedPeriod>[] = [
  { title: 'entity', cell: ({ entity_id: entity }) => entity, shrinks: true },
  { title: 'period', cell: ({ period_key: key }) => key },
  { title: 'from', cell: ({ basis }) => (basis === 'evidence' ? 'evidence' : 'frozen anew') },
  { title: 'approved', cell: ({ before }) => standing(before), align: 'right' },
  { title: 'this version', cell: ({ after }) => standing(after), align: 'right' },
  { title: 'gained', cell: ({ gained }) => gained, align: 'right' },
  { title: 'lost', cell: ({ lost }) => lost, align: 'right' },
  { title: 'changed', cell: ({ changed }) => changed, align: 'right' },
];

const standing = ({ outcome, findings }: ReplayedPeriod['before']): string =>
  outcome === 'exceptions' ? counted(findings, 'finding') : outcome.replace('_', ' ');

function differences(period: ReplayedPeriod, page: Page): string[] {
  const reasons = [period.before.reason, period.after.reason].filter((one) => one !== null);
  const lines = [...reasons, ...period.findings.map(told)];
  if (lines.length === 0) return [];
  const place = `${period.entity_id} ${period.period_key}`;
  const kept = BigInt(period.gained) + BigInt(period.lost) + BigInt(period.changed);
  const more = kept - BigInt(period.findings.length);
  return [
    '',
    page.paint.strong(place),
    ...lines.map((line) => `  ${line}`),
    ...(more > 0n ? [`  and ${counted(String(more), 'more difference')}`] : []),
  ];
}

function told({ change, code, currency, impact, explanation }: ReplayedFinding): string {
  const amount = impact === null ? [] : [`${impact} ${currency ?? ''}`.trim()];
  return change.padEnd(8) + [code, ...amount, explanation].join('  ');
}
