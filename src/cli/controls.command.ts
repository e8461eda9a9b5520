import * as path from 'node:path';
import { Option, type Command } from 'commander';
import { matrixCsv, matrixRow } from '../catalog/control-matrix';
import { loadCatalog } from '../catalog/load-catalog';
import { controlShapes, writeNewControl, type ControlShape } from '../catalog/new-control';
import { InvalidInput } from '../core/problem';
import { openScratchDatabase } from '../platform/database/scratch-database';
import { testCases, type CaseResult } from '../runs/cases/test-cases';
import { action, type Means } from './command';
import { openControlsSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { replayVersion } from './controls-replay';
import { LiveLines } from './live-lines';
import { chooseControls, openCatalog } from './open-catalog';
import { controlsDir, openWorkspace } from './open-workspace';
import { renderCases } from './render-cases';
import { renderOverall } from './render-progress';
import { renderMatrix } from './render-matrix';
import { counted } from './text-layout';

export function addControlsCommand(program: Command): void {
  const controls = program.command('controls').summary('list, begin, validate and test controls');
  controls
    .command('list')
    .description('Lists the controls as a risk-control matrix.')
    .option('--csv', 'for a spreadsheet')
    .action(action(list));
  controls
    .command('validate')
    .description('Says everything that is wrong in the controls, with file, line and remedy.')
    .argument('[control...]', 'ids such as CA-04 (default: all)')
    .action(action(validate));
  controls
    .command('test')
    .description('Tries the cases of controls in a throw-away database. Exit code 2: one failed.')
    .argument('[control...]', 'ids such as CA-04 (default: all)')
    .action(action(test));
  controls
    .command('replay')
    .summary('show what a changed control would have found')
    .description(
      'Replays a changed control, before its approval, over the last periods with a verdict, ' +
        'and says which findings it gains and loses. It records no run and opens no exception; ' +
        'the result is kept with the version, for whoever approves it.',
    )
    .argument('<control>', 'an id such as CA-04')
    .option('--periods <number>', 'how many periods back, of each entity', '3')
    .action(action(replayVersion));
  controls
    .command('new')
    .description(
      'Writes the folder of a new control that works as it stands, with SQL and cases: to be ' +
        'changed into what you mean.',
    )
    .argument('<id>', 'an id that was never used, such as BK-90')
    .requiredOption('--title <sentence>', 'what should hold: "Orders are billed in full"')
    .option('--process <folder>', 'such as bookings (default: that of ids with the same letters)')
    .addOption(
      new Option(
        '--shape <shape>',
        'tie-out: two sides and their amounts; findings: two sides without amounts, each of ' +
          'which owes the other something; assertion: each item by itself, or with what its ' +
          'SQL joins to it',
      )
        .choices(controlShapes)
        .default('tie-out'),
    )
    .action(action(begin));
}

async function list(means: Means, { csv }: { csv?: boolean }): Promise<number> {
  const { terminal } = means;
  const { config } = openControlsSetting(means);
  const { controls, problems } = await loadCatalog(controlsDir(config));
  const rows = controls.map(matrixRow);
  terminal.print(csv ? matrixCsv(rows).trimEnd().split('\r\n') : renderMatrix(rows, terminal.page));
  terminal.printJson({ controls: rows, problems });
  if (problems.length === 0) return exitCodes.ok;
  throw new InvalidInput('controls', problems);
}

/** Columns are asked of the configured database, or of an empty one made for the question. */
async function validate(means: Means, _options: object, ids: string[]): Promise<number> {
  const { session, terminal } = means;
  const setting = openControlsSetting(means);
  const { config, logger } = setting;
  let database;
  if (config.database !== null) {
    database = (await openWorkspace(session, setting)).database;
  } else {
    terminal.note('Starting an empty PostgreSQL, to ask it what the SQL returns.');
    const statementMs = config.limits.statement_timeout_s * 1000;
    const scratch = await openScratchDatabase({ logger, statementMs });
    session.onClose(() => scratch.remove());
    database = scratch.database;
  }
  const { catalog, problems } = await openCatalog(config, database, ids);
  if (problems.length > 0) throw new InvalidInput('controls', problems);
  terminal.print([`${counted(catalog.controls.length, 'control')}, nothing wrong.`]);
  terminal.printJson({ controls: catalog.controls.map(({ control }) => control.id), problems });
  return exitCodes.ok;
}

async function test(means: Means, _options: object, ids: string[]): Promise<number> {
  const { session, terminal } = means;
  const { config, logger } = openControlsSetting(means);
  const catalog = await loadCatalog(controlsDir(config));
  const only = chooseControls({ catalog, problems: catalog.problems }, ids);
  session.heedsSignal();
  const live = new LiveLines(terminal.bars);
  session.onClose(() => live.clear());
  let line = '';
  live.show(() => [line]);
  const beganMs = performance.now();
  const progress = (result: CaseResult, done: number, total: number): void => {
    session.signal.throwIfAborted();
    line = `${renderOverall(done, total, 'cases', performance.now() - beganMs)}  ${result.name}`;
  };
  const results = await testCases(catalog, { config, logger, only, progress });
  live.clear();
  terminal.print(renderCases(results, terminal.page));
  terminal.printJson({ cases: results });
  return results.every(({ passed }) => passed) ? exitCodes.ok : exitCodes.exceptions;
}

interface NewOptions {
  title: string;
  process?: string;
  shape: ControlShape;
}

async function begin(means: Means, options: NewOptions, [id = '']: string[]): Promise<number> {
  const { terminal } = means;
  const { config } = openControlsSetting(means);
  const { title, process: folderName = null, shape } = options;
  const entity = config.entities[0]?.id ?? 'entity';
  const wish = { id, title, process: folderName, shape, entity };
  const dir = controlsDir(config);
  const { folder, files } = await writeNewControl(dir, wish);
  const written = path.join(dir, folder);
  const shown = path.relative(process.cwd(), written);
  terminal.print([
    `Wrote ${shown.startsWith('..') ? written : shown}`,
    ...files.map((file) => `  ${file}`),
    '',
    'It works as it stands; make it say what you mean, in this order:',
    '  control.yaml   what must hold, the key, the finding codes and their sentences',
    '  *.sql          the items of each side: docs/books-columns.md has every table and column',
    '  cases/*.yaml   rows in, exact findings out: one clean case, one of each code',
    `and after each step:  tieout controls test ${id}`,
  ]);
  terminal.printJson({ control: id, folder: written, files });
  return exitCodes.ok;
}
