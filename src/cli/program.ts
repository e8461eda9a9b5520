import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../platform/database/bootstrap';

const exitCodeHelp = `
Exit codes:
  0    done; controls passed
  1    something is wrong with the input, the configuration or the machine
  2    exceptions were found, or cases failed
  3    no verdict: not evaluated, or errored
  130  interrupted`;

/** By the name of each command, in the order of the help, what adds it. */
const commands: Readonly<Record<string, () => (program: Command) => void>> = {
  demo: () => (require('./demo.command') as typeof import('./demo.command')).addDemoCommand,
  serve: () => (require('./serve.command') as typeof import('./serve.command')).addServeCommand,
  sync: () => (require('./sync.command') as typeof import('./sync.command')).addSyncCommand,
  sources: () =>
    (require('./sources.command') as typeof import('./sources.command')).addSourcesCommand,
  books: () => (require('./books.command') as typeof import('./books.command')).addBooksCommand,
  run: () => (require('./run.command') as typeof import('./run.command')).addRunCommand,
  controls: () =>
    (require('./controls.command') as typeof import('./controls.command')).addControlsCommand,
  exceptions: () =>
    (require('./exceptions.command') as typeof import('./exceptions.command')).addExceptionsCommand,
  people: () =>
    (require('./people.command') as typeof import('./people.command')).addPeopleCommands,
  token: () => (require('./token.command') as typeof import('./token.command')).addTokenCommand,
  doctor: () => (require('./doctor.command') as typeof import('./doctor.command')).addDoctorCommand,
  sandbox: () =>
    (require('./sandbox.command') as typeof import('./sandbox.command')).addSandboxCommand,
};

/**
 * The command line for these words: with the commands that are named in them, or else with all.
 * What a command does not need is not loaded: most of a process' start would be other commands.
 */
export function createProgram(words: readonly string[]): Command {
  const { version } = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const program = new Command('tieout')
    .description('Ties order-to-cash populations out against each other, and keeps the evidence.')
    .version(version, '--version')
    .option('--config <file>', 'configuration (default: TIEOUT_CONFIG, or tieout.yaml here)')
    .option('--json', 'print one JSON document instead of text')
    .option('--quiet', 'print results only')
    .option('--no-color', 'print without colours; NO_COLOR does the same')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', exitCodeHelp)
    .showSuggestionAfterError();
  const named = Object.keys(commands).filter((name) => words.includes(name));
  for (const [name, load] of Object.entries(commands))
    if (named.length === 0 || named.includes(name)) load()(program);
  return program;
}
