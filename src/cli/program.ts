import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../platform/database/bootstrap';
import { addBooksCommand } from './books.command';
import { addControlsCommand } from './controls.command';
import { addDemoCommand } from './demo.command';
import { addDoctorCommand } from './doctor.command';
import { addExceptionsCommand } from './exceptions.command';
import { addPeopleCommands } from './people.command';
import { addRunCommand } from './run.command';
import { addSandboxCommand } from './sandbox.command';
import { addServeCommand } from './serve.command';
import { addSourcesCommand } from './sources.command';
import { addSyncCommand } from './sync.command';
import { addTokenCommand } from './token.command';

const exitCodeHelp = `
Exit codes:
  0    done; controls passed
  1    something is wrong with the input, the configuration or the machine
  2    exceptions were found, or cases failed
  3    no verdict: not evaluated, or errored
  130  interrupted`;

/** The command line, with every command and option. */
export function createProgram(): Command {
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
  addDemoCommand(program);
  addServeCommand(program);
  addSyncCommand(program);
  addSourcesCommand(program);
  addBooksCommand(program);
  addRunCommand(program);
  addControlsCommand(program);
  addExceptionsCommand(program);
  addPeopleCommands(program);
  addTokenCommand(program);
  addDoctorCommand(program);
  addSandboxCommand(program);
  return program;
}
