import { userInfo } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import { isDate } from '../core/calendar';
import { Refusal } from '../core/problem';
import type { Config, EntityConfig } from '../platform/config';
import { runDependencies } from '../runs/run-dependencies';
import { action, type Means } from './command';
import { deliverAlerts } from './deliver-alerts';
import { openBooksSetting } from './demo-at-rest';
import { exitCodeOf, exitCodes } from './exit-code';
import { chooseControls, openCatalog } from './open-catalog';
import { openWorkspace } from './open-workspace';
import { planRuns } from './plan-runs';
import { renderCosts } from './render-costs';
import { countOutcomes, renderSummary } from './render-summary';
import { controlsNamed, runAndShow, type CostedRun } from './run-and-show';
import { costOfRuns, type CostOfRuns } from './run-costs';
import { counted } from './text-layout';

interface RunOptions {
  all?: boolean;
  period?: string;
  entity?: string;
  asOf?: string;
  reason?: string;
}

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .summary('run controls now and print their statements')
    .description(
      'Runs controls for a period and prints each statement with its exceptions.\n' +
        'Exit code: 0 passed, 2 exceptions, 3 not evaluated or errored, 1 not run.',
    )
    .argument('[control...]', 'ids such as CA-04')
    .option('--all', 'every control that has such a period')
    .option('--period <key>', '2026-06-30, 2026-W27, 2026-06 or 2026-Q2 (default: the last closed)')
    .option('--entity <id>', 'one entity of tieout.yaml (default: each of them)')
    .option('--as-of <date>', 'day whose end the run looks back from (default: yesterday there)')
    .option('--reason <text>', 'why a period that was run before is run again')
    .action(action(run));
}

async function run(means: Means, options: RunOptions, ids: string[]): Promise<number> {
  const { session, terminal } = means;
  if (ids.length > 0 === (options.all === true))
    throw new Refusal('invalid_request', 'Name the controls to run, or say --all.');
  if (options.asOf !== undefined && !isDate(options.asOf))
    throw new Refusal('invalid_request', `'${options.asOf}' is not a date; write YYYY-MM-DD.`);
  const setting = openBooksSetting(means);
  const entities = chooseEntities(setting.config, options.entity);
  const workspace = await openWorkspace(session, setting);
  const checked = await openCatalog(setting.config, workspace.database);
  const chosen = chooseControls(checked, ids);
  if (checked.problems.length > 0)
    terminal.note(
      `${counted(checked.problems.length, 'problem')} in other controls: tieout controls validate`,
    );
  const { requests, left } = planRuns({
    ...options,
    controls: controlsNamed(checked.catalog, chosen),
    entities,
    requestedBy: userInfo().username,
    now: workspace.clock.now(),
    lenient: options.all === true,
  });
  for (const why of left) terminal.note(`left out: ${why}`);
  const dependencies = runDependencies({ ...workspace, catalog: checked.catalog });
  const beganMs = performance.now();
  const reports = await runAndShow(requests, dependencies, means);
  const cost = costOfAll(reports, performance.now() - beganMs);
  if (reports.length > 1) {
    const outcomes = reports.map((report) => report.run.outcome);
    terminal.print([...renderSummary(reports, terminal.page), '', countOutcomes(outcomes), '']);
    terminal.print(renderCosts(cost, terminal.page));
  }
  const alerts = await deliverAlerts(workspace, session);
  terminal.note(
    alerts === null
      ? 'Alerts stay queued: Slack is not configured.'
      : `Slack: ${counted(alerts.sent, 'message')} delivered, ${alerts.waiting} waiting.`,
  );
  terminal.printJson({ runs: reports, left_out: left, cost, alerts });
  if (reports.length === 0) return exitCodes.wrong;
  return exitCodeOf(reports.map((report) => report.run.outcome));
}

function costOfAll(reports: readonly CostedRun[], wallMs: number): CostOfRuns {
  const runs = reports.map(({ run: { control_id: control }, cost }) => ({ control, ...cost }));
  // The system counts the largest resident memory in KiB.
  const peak = process.resourceUsage().maxRSS * 1024;
  return costOfRuns(runs, { wall_ms: Math.round(wallMs), peak_rss_bytes: peak });
}

/** The entity asked for, or all of them. Throws Refusal when there is none of that id. */
export function chooseEntities({ entities, file }: Config, id?: string): EntityConfig[] {
  if (id === undefined) return entities;
  const found = entities.filter((entity) => entity.id === id);
  if (found.length > 0) return found;
  const known = entities.map((entity) => entity.id).join(', ');
  throw new Refusal('not_found', `There is no entity ${id}; ${file} has ${known}.`);
}
