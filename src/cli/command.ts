import type { Command } from 'commander';
import { describeFailure, renderFailure } from './describe-failure';
import { exitCodes } from './exit-code';
import { Session } from './session';
import { openTerminal, type Terminal } from './terminal';

/** Options that every command has. */
export interface GlobalOptions {
  config?: string;
  json?: boolean;
  quiet?: boolean;
  color: boolean;
}

/** What a command is given to do its work with. */
export interface Means {
  session: Session;
  terminal: Terminal;
  globals: GlobalOptions;
}

/**
 * Makes a commander action of a function that gives an exit code. Failures are told in one place:
 * located problems or one sentence on stderr, with --json one document on stdout.
 */
export function action<Options extends object>(
  work: (means: Means, options: Options, args: string[]) => Promise<number>,
): (this: Command, ...given: unknown[]) => Promise<void> {
  return async function (this: Command): Promise<void> {
    const options = this.optsWithGlobals<GlobalOptions & Options>();
    const { json = false, quiet = false, color } = options;
    const terminal = openTerminal({ json, quiet, color });
    process.exitCode = await attempt(terminal, (session) =>
      work({ session, terminal, globals: options }, options, this.processedArgs.flat().map(String)),
    );
    // A run that was interrupted may still be under way, and nothing of it is wanted.
    process.stdout.write('', () => process.exit());
  };
}

async function attempt(
  terminal: Terminal,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  try {
    return await new Session().run(work);
  } catch (cause) {
    const failure = describeFailure(cause);
    if (terminal.json) terminal.printJson({ error: failure });
    else terminal.complain(renderFailure(failure));
    return exitCodes.wrong;
  }
}
